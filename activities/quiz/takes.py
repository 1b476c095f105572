"""Taking a quiz: handing in, the best score, attempts that are left or granted.

An attempt is an `Attempt` made when the quiz is handed in. Its `data` holds `answers` (chosen keys
per question), `points` (a fraction per question, as text) and `passed`. `Participation.data` holds
`attempts` (how many), `passed` and `granted` (extra attempts).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.core.enums import AttemptState, State
from activities.core.errors import Refused
from activities.core.models import Attempt, Event, Participation
from activities.core.record import begin_attempt, drop_draft, note, record, rounded

from .questions import Quiz


@dataclass
class Standing:
    """A learner in a quiz: the attempts so far, as of now."""

    participation: Participation
    rules: Quiz
    attempts: list[Attempt]
    now: datetime = field(default_factory=timezone.now)

    @property
    def number(self) -> int:
        """The number of the next attempt."""
        return len(self.attempts) + 1

    @property
    def attempts_left(self) -> int | None:
        """None for as many as one needs."""
        if not self.rules.attempts_max:
            return None
        allowed = self.rules.attempts_max + self.participation.data.get("granted", 0)
        return max(0, allowed - len(self.attempts))

    @property
    def may_try(self) -> bool:
        return self.attempts_left is None or self.attempts_left > 0

    @property
    def passed(self) -> bool:
        return any(attempt.data.get("passed") for attempt in self.attempts)

    @property
    def best(self) -> Attempt | None:
        return max(self.attempts, key=lambda a: (a.score, -a.number), default=None)


def standing_of(participation: Participation, rules: Quiz, now=None) -> Standing:
    """Where the learner is. One query; none in a preview."""
    attempts = []
    if participation.pk is not None:
        attempts = list(Attempt.objects.filter(participation=participation).order_by("number"))
    for attempt in attempts:
        if attempt.version_id == participation.version_id:
            attempt.version = participation.version
    return Standing(participation, rules, attempts, now or timezone.now())


def field_name(key: str) -> str:
    """The name of the form field of a question."""
    return f"question-{key}"


def form_name(number: int) -> str:
    """The name under which the answers of an attempt are kept as a draft."""
    return f"attempt-{number}"


def values_of(data, name: str) -> list[str]:
    """The values of a field, whether of a submitted form or of a draft."""
    if hasattr(data, "getlist"):
        return data.getlist(name)
    value = data.get(name, [])
    return value if isinstance(value, list) else [value]


def chosen_in(data, rules: Quiz) -> dict[str, list[str]]:
    return {q.key: values_of(data, field_name(q.key)) for q in rules.questions}


def hand_in(standing: Standing, number: str, data) -> Attempt:
    """Score what was chosen. The same answers sent once more (a double click, a lost answer) are the
    attempt that they made. Raises `Refused`: 409 when this attempt was handed in already with other
    answers or none is left, 422 for answers that are not there and, once, for questions left open."""
    repeated = repeated_in(standing, number, data)
    if repeated is not None:
        return repeated
    if number != str(standing.number):
        raise Refused(
            _("This attempt has been handed in already, perhaps in another window."),
            code="stale",
            status=409,
        )
    must_be_left(standing)
    chosen = chosen_in(data, standing.rules)
    check_offered(chosen, standing.rules)
    if data.get("confirm") != "1":
        check_answered(chosen, standing.rules)
    rules = standing.rules
    score = rules.score(chosen)
    participation = standing.participation
    attempt = begin_attempt(
        participation,
        data={
            "answers": given(chosen),
            "points": {key: str(points) for key, points in rules.points(chosen).items()},
            "passed": rules.passes(score),
        },
    )
    attempt.version = participation.version
    attempt.state = AttemptState.FINISHED
    attempt.finished_at = standing.now
    attempt.step = 1
    attempt.score = rounded(decimal_of(score))
    attempt.save()
    standing.attempts.append(attempt)
    for earlier in standing.attempts[-2:]:  # also what another window may have left of the last one
        drop_draft(participation, form_name(earlier.number))
    note(
        participation,
        "quiz_handed_in",
        {"attempt": attempt.number, "score": str(attempt.score), "passed": attempt.data["passed"]},
    )
    save(standing)
    return attempt


def given(chosen: dict[str, list[str]]) -> dict[str, list[str]]:
    """Answers as an attempt stores them."""
    return {key: sorted(set(keys)) for key, keys in chosen.items() if keys}


def repeated_in(standing: Standing, number: str, data) -> Attempt | None:
    """The attempt that these very answers made already."""
    for attempt in standing.attempts:
        if str(attempt.number) == number:
            same = attempt.data.get("answers") == given(chosen_in(data, standing.rules))
            return attempt if same else None
    return None


def must_be_left(standing: Standing) -> None:
    if not standing.may_try:
        raise Refused(
            _("You have used all your attempts. Your instructor can grant you another one."),
            code="no_attempts_left",
            status=409,
        )


def check_offered(chosen: dict[str, list[str]], rules: Quiz) -> None:
    fields = {}
    for question in rules.questions:
        keys = chosen[question.key]
        if set(keys) - question.by_key.keys():
            fields[field_name(question.key)] = _("Choose from the answers shown.")
        elif question.kind == "single" and len(keys) > 1:
            fields[field_name(question.key)] = _("Choose one answer only.")
    if fields:
        raise Refused(
            _("Some answers are not possible. Please look at them again."),
            code="not_offered",
            fields=fields,
        )


def check_answered(chosen: dict[str, list[str]], rules: Quiz) -> None:
    fields = {
        field_name(question.key): _("Question %(number)s has no answer yet.") % {"number": number}
        for number, question in enumerate(rules.questions, start=1)
        if not chosen[question.key]
    }
    if fields:
        raise Refused(
            ngettext(
                "%(count)s question has no answer yet. Answer it, or hand in all the same.",
                "%(count)s questions have no answer yet. Answer them, or hand in all the same.",
                len(fields),
            )
            % {"count": len(fields)},
            code="unanswered",
            fields=fields,
        )


def save(standing: Standing) -> None:
    """Note state, progress and best score after an attempt."""
    participation = standing.participation
    participation.data["attempts"] = len(standing.attempts)
    participation.data["passed"] = standing.passed
    if standing.passed or participation.completed:
        state = State.COMPLETED
    elif not standing.may_try:
        state = State.NEEDS_ATTENTION
    else:
        state = State.IN_PROGRESS
    best = standing.best
    record(participation, state=state, progress=50, score=best.score, now=standing.now)


def grant(participation: Participation, by, key: UUID | None = None) -> None:
    """Let a learner try once more; written to the log. The same key again changes nothing."""
    if key is not None and Event.objects.filter(key=key).exists():
        return
    note(participation, "attempt_granted", {"by": by.pk}, key=key)
    participation.data["granted"] = participation.data.get("granted", 0) + 1
    record(participation, state=State.IN_PROGRESS)


def decimal_of(fraction: Fraction) -> Decimal:
    """A fraction as a decimal with more places than are stored."""
    with localcontext() as context:
        context.prec = 28
        return Decimal(fraction.numerator) / Decimal(fraction.denominator)
