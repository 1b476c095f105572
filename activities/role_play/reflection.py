"""What was learned, in the learner's own words: enough of them, and not copied."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.core import substance
from activities.core.errors import Refused

from .scenario import Scenario

LONGEST = 10_000


def field(key: str) -> str:
    """The name of the form field for an answer."""
    return f"answer-{key}"


def answers_in(data, rules: Scenario) -> dict[str, str]:
    return {q.key: (data.get(field(q.key)) or "").strip() for q in rules.reflection}


def check(answers: dict[str, str], rules: Scenario, questions: list[Scenario]) -> None:
    """Raises `Refused` with a message for each answer that does not do.

    `questions` are the scenario in every language that the learner may have read: an answer must
    not be one of its questions, nor another answer again.
    """
    fields, seen = {}, []
    for question in rules.reflection:
        text = answers[question.key]
        asked = [
            s.question_by_key[question.key].text
            for s in questions
            if question.key in s.question_by_key
        ]
        message = fault(text, question.min_chars, asked, seen)
        if message:
            fields[field(question.key)] = message
        seen.append(text)
    if fields:
        raise Refused(
            ngettext(
                "One answer needs more work.",
                "%(count)s answers need more work.",
                len(fields),
            )
            % {"count": len(fields)},
            code="reflection",
            fields=fields,
        )


def fault(text: str, least: int, asked: list[str], others: list[str]) -> str | None:
    if not text:
        return _("Please write something first.")
    count = substance.length(text)
    if count < least:
        return _("At least %(least)s characters (now %(count)s).") % {
            "least": least,
            "count": count,
        }
    if len(text) > LONGEST:
        return _("At most %(most)s characters (now %(count)s).") % {
            "most": LONGEST,
            "count": len(text),
        }
    if substance.copied_from(text, asked):
        return _("This repeats the question. Please answer it in your own words.")
    if substance.copied_from(text, others):
        return _("This repeats your other answer. Please answer each question by itself.")
    return None
