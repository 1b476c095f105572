"""The quiz as the site knows it."""

import re
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activities.core.contract import ActivityKind, NextStep, Outcome, Screen
from activities.core.enums import Category, State
from activities.core.errors import Refused
from activities.core.models import Attempt, Draft, Participation
from activities.core.record import draft_of

from . import desk, needs, questions, rehearsal, takes
from .questions import Quiz, Told, in_order, quiz_of

FOLDER = "activities/quiz"
RESULT = re.compile(r"attempt-([0-9]{1,4})")
MARKERS = {"th": "กขคงจฉชซ"}


class QuizKind(ActivityKind):
    name = "quiz"
    category = Category.NEUTRAL
    label = gettext_lazy("Quiz")
    method_label = gettext_lazy("Take a quiz")
    icon = "quiz"
    has_desk = True

    @property
    def page_model(self):
        from .models import QuizPage

        return QuizPage

    # -- authoring ------------------------------------------------------------------------------

    def content(self, page) -> Quiz:
        return quiz_of(page)

    def problems(self, page) -> list[str]:
        return questions.problems(self.content(page))

    def summary(self, content) -> str:
        count = len(content.questions)
        return ngettext("%(count)s question", "%(count)s questions", count) % {"count": count}

    def expectations(self, content) -> list[str]:
        return [
            _("Pass the quiz with %(percent)s per cent or more.") % {"percent": content.pass_mark}
        ]

    def search_text(self, content) -> str:
        # Questions would give the quiz away to whoever searches.
        return content.intro

    # -- learning -------------------------------------------------------------------------------

    def screen(self, visit, step, submitted=None):
        standing = takes.standing_of(visit.participation, visit.rules, visit.now)
        match = RESULT.fullmatch(step)
        if match:
            return result(visit, standing, attempt_at(standing, int(match.group(1))), submitted)
        if step not in ("", "try"):
            raise unknown_step()
        if standing.attempts and (step == "" or not standing.may_try):
            return result(visit, standing, standing.attempts[-1], submitted)
        return form(visit, standing, submitted)

    def handle(self, visit, step, action, data, files):
        if action != "hand_in":
            raise Refused(_("Sala does not know this action."), code="unknown_action", status=400)
        standing = takes.standing_of(visit.participation, visit.rules, visit.now)
        attempt = takes.hand_in(standing, data.get("attempt", ""), data)
        return Outcome(step=f"attempt-{attempt.number}", anchor="result")

    def next_step(self, participation):
        if participation.completed:
            return None
        if participation.state == State.NEEDS_ATTENTION:
            return NextStep(label=_("Ask your instructor for another attempt"), minutes=1)
        if participation.data.get("attempts"):
            label = _("Take the quiz again")
        else:
            label = _("Take the quiz")
        return NextStep(label=label, minutes=participation.version.declared, step="try")

    def preview_modes(self, page):
        return rehearsal.modes()

    def rehearse(self, visit, mode, step):
        rehearsal.hand_in(visit, mode)
        return self.screen(visit, "" if step.startswith("attempt-") else step)

    # -- facilitating ---------------------------------------------------------------------------

    def needs(self, cohorts, now):
        return needs.waiting(cohorts)

    def open_to_instructor(self, participation, by):
        return True

    def desk_screen(self, at, step, submitted=None):
        return desk.screen(at, step, submitted)

    def desk_handle(self, at, step, action, data, files):
        return desk.handle(at, step, action, data, files)

    # -- people ---------------------------------------------------------------------------------

    def participations(self, user):
        return Participation.objects.filter(user=user, version__kind=self.name)

    def personal_data(self, user) -> dict:
        mine = self.participations(user).select_related("version").prefetch_related("attempts")
        found = [
            {
                "title": participation.version.title(),
                "attempts": [
                    {
                        "number": attempt.number,
                        "answers": attempt.data.get("answers", {}),
                        "score": str(attempt.score),
                        "finished_at": attempt.finished_at.isoformat(),
                    }
                    for attempt in participation.attempts.all()
                ],
            }
            for participation in mine
        ]
        return {"quizzes": found} if found else {}

    def erase(self, user) -> None:
        """Answers and drafts go; that a quiz was passed stays on record."""
        mine = self.participations(user)
        Draft.objects.filter(user=user, item__in=mine.values("item")).delete()
        Attempt.objects.filter(participation__in=mine).delete()
        mine.update(data={})


def unknown_step() -> Refused:
    return Refused(_("There is no such step."), code="unknown_step", status=404)


def attempt_at(standing, number: int) -> Attempt:
    for attempt in standing.attempts:
        if attempt.number == number:
            return attempt
    raise unknown_step()


def common(visit, standing, submitted) -> dict:
    return {
        "home_url": visit.url(),
        "form_url": visit.url("try"),
        "pass_mark": standing.rules.pass_mark,
        "attempts_max": standing.rules.attempts_max,
        "attempts_left": standing.attempts_left,
        "may_try": standing.may_try,
        "passed": standing.passed,
        "error": submitted.error if submitted else None,
    }


def form(visit, standing, submitted) -> Screen:
    """All questions on one page. Nothing in it says which answers are right."""
    rules, told = visit.rules, Told(visit.content, visit.rules)
    number = standing.number
    typed = (
        submitted.data if submitted else draft_of(standing.participation, takes.form_name(number))
    )
    errors = submitted.error.fields if submitted else {}
    seed = f"{standing.participation.seat}-{number}"
    markers = MARKERS.get(visit.language, "ABCDEFGH")
    rows = []
    for place, question in enumerate(rules.questions, start=1):
        name = takes.field_name(question.key)
        chosen = takes.values_of(typed, name)
        rows.append(
            {
                "number": place,
                "name": name,
                "text": told.question(question.key).text,
                "multiple": question.kind == "multiple",
                "error": errors.get(name),
                "answers": [
                    {
                        "key": answer.key,
                        "marker": markers[at] if at < len(markers) else str(at + 1),
                        "text": told.answer(question.key, answer.key),
                        "chosen": answer.key in chosen,
                    }
                    for at, answer in enumerate(in_order(question, rules, seed))
                ],
            }
        )
    context = common(visit, standing, submitted) | {
        "intro": told.intro,
        "questions": rows,
        "number": number,
        "draft_form": takes.form_name(number),
        "draft_kept": bool(typed),
        "may_confirm": bool(submitted) and submitted.error.code == "unanswered",
        "result_url": visit.url() if standing.attempts else None,
    }
    if visit.is_preview:
        from activities.core import registry

        context["problems"] = registry.get(visit.page.kind_name).problems(visit.page)
    return Screen(f"{FOLDER}/form.html", context)


def each_topic_once(entries: list[dict]) -> list[dict]:
    seen = set()
    return [
        entry
        for entry in entries
        if not entry["topic"] or not (entry["topic"] in seen or seen.add(entry["topic"]))
    ]


def result(visit, standing, attempt, submitted) -> Screen:
    """How an attempt went. Which answers would have been right is shown once the quiz is passed."""
    same = attempt.version_id == visit.version.pk
    rules = visit.rules if same else attempt.version.rules
    told = Told(visit.content if same else attempt.version.content(visit.language), rules)
    rows, again = [], []
    for place, question in enumerate(rules.questions, start=1):
        shown = told.question(question.key)
        points = Fraction(attempt.data["points"].get(question.key, "0"))
        chosen = attempt.data["answers"].get(question.key, [])
        rows.append(
            {
                "number": place,
                "text": shown.text,
                "verdict": "right" if points == 1 else "partly" if points else "wrong",
                "chosen": [told.answer(question.key, key) for key in chosen],
                "right": [
                    told.answer(question.key, answer.key)
                    for answer in question.answers
                    if answer.correct
                ]
                if standing.passed and points != 1
                else [],
                "explanation": shown.explanation,
            }
        )
        if points != 1:
            again.append({"topic": shown.topic, "number": place})
    context = common(visit, standing, submitted) | {
        "number": attempt.number,
        "score": attempt.score,
        "this_passed": attempt.data.get("passed"),
        "best": standing.best,
        "rows": rows,
        "again": each_topic_once(again),
        "others": [
            {
                "number": other.number,
                "score": other.score,
                "url": visit.url(f"attempt-{other.number}"),
            }
            for other in standing.attempts
            if other.number != attempt.number
        ],
        "needs_instructor": not standing.passed and not standing.may_try,
    }
    return Screen(f"{FOLDER}/result.html", context)
