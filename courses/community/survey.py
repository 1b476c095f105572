"""The questions at the end of a course: who may answer, and what may be told of the answers.

Instructors and authors get figures and texts of five people and more, never one answer as a whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core.errors import Refused
from courses.enrolment.models import Enrolment

from .forms import QUESTIONS, SCALE_CHOICES, TEXTS
from .models import SurveyAnswer

LEAST_PEOPLE = 5


def may_answer(enrolment: Enrolment) -> bool:
    return enrolment.completed_at is not None


def answer(enrolment: Enrolment, given: dict) -> SurveyAnswer:
    """Keep what somebody thinks of a course, or change it. Raises `Refused` before its end."""
    if not may_answer(enrolment):
        raise Refused(
            _("You can answer when you have completed the course."),
            code="not_completed",
            status=409,
        )
    values = {name: given.get(name) for name in QUESTIONS}
    values |= {name: (given.get(name) or "").strip() for name in TEXTS}
    row, _created = SurveyAnswer.objects.update_or_create(
        enrolment=enrolment, defaults={**values, "at": timezone.now()}
    )
    return row


def open_surveys(enrolments: Iterable[Enrolment]) -> dict[int, str]:
    """{enrolment: where its questions are} of those that were completed and not answered."""
    pks = [enrolment.pk for enrolment in enrolments]
    answered = set(
        SurveyAnswer.objects.filter(enrolment__in=pks).values_list("enrolment", flat=True)
    )
    return {pk: reverse("survey", args=[pk]) for pk in pks if pk not in answered}


@dataclass(frozen=True)
class Bar:
    """How many chose one answer. `left` and `width` are its place on a line of 1000."""

    value: str
    label: str
    count: int
    percent: int
    left: int
    width: int


@dataclass(frozen=True)
class Question:
    name: str
    label: str
    n: int
    mean: Decimal | None
    bars: tuple[Bar, ...]

    @property
    def enough(self) -> bool:
        return self.n >= LEAST_PEOPLE

    @property
    def in_words(self) -> str:
        return " · ".join(f"{bar.label}: {bar.percent} %" for bar in self.bars if bar.count)


@dataclass(frozen=True)
class Result:
    """What may be told of some answers: nothing but their number when there are too few."""

    answers: int
    completed: int
    questions: tuple[Question, ...]
    texts: dict[str, list[str]]

    @property
    def enough(self) -> bool:
        return self.answers >= LEAST_PEOPLE

    @property
    def share(self) -> int:
        return self.answers * 100 // self.completed if self.completed else 0


def of_run(run) -> Result:
    """What may be told of a run's answers."""
    rows = SurveyAnswer.objects.filter(enrolment__run=run)
    return result(rows, Enrolment.objects.filter(run=run, completed_at__isnull=False).count())


def of_course(course: UUID) -> Result:
    """What may be told of a course's answers.

    Runs with too few answers count only if together they have enough: otherwise the difference
    between the course and its other runs would tell what a few people said.
    """
    counts = dict(
        SurveyAnswer.objects.filter(enrolment__run__course=course)
        .values_list("enrolment__run")
        .annotate(n=Count("pk"))
        .order_by()
    )
    small = [run for run, n in counts.items() if n < LEAST_PEOPLE]
    rows = SurveyAnswer.objects.filter(enrolment__run__course=course)
    if sum(counts[run] for run in small) < LEAST_PEOPLE:
        rows = rows.exclude(enrolment__run__in=small)
    completed = Enrolment.objects.filter(run__course=course, completed_at__isnull=False)
    return result(rows, completed.count())


def result(rows, completed: int) -> Result:
    values = list(rows.values(*SurveyAnswer.SCALE, *TEXTS))
    enough = len(values) >= LEAST_PEOPLE
    return Result(
        answers=len(values),
        completed=completed,
        questions=tuple(question(name, [row[name] for row in values]) for name in QUESTIONS)
        if enough
        else (),
        # In the order of the alphabet: the order of answering would join the texts of one person.
        texts={name: sorted(row[name] for row in values if row[name]) for name in TEXTS}
        if enough
        else {},
    )


def question(name: str, values: list[int | None]) -> Question:
    said = [value for value in values if value is not None]
    if len(said) < LEAST_PEOPLE:
        return Question(name, str(QUESTIONS[name]), len(said), None, ())
    bars, left, so_far = [], 0, 0
    for value, label in SCALE_CHOICES:
        count = said.count(int(value))
        so_far += count
        right = so_far * 1000 // len(said)
        percent = (200 * count + len(said)) // (2 * len(said))
        bars.append(Bar(value, str(label), count, percent, left, right - left))
        left = right
    mean = (Decimal(sum(said)) / len(said)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Question(name, str(QUESTIONS[name]), len(said), mean, tuple(bars))


def table(found: Result) -> list[list]:
    """The figures as rows of a table, with headings."""
    labels = [str(label) for _value, label in SCALE_CHOICES]
    rows = [[_("Question"), _("Answers"), _("Mean (1 to 5)"), *labels]]
    for one in found.questions:
        if one.enough:
            rows.append([one.label, one.n, float(one.mean), *[bar.count for bar in one.bars]])
        else:
            rows.append([one.label, _("fewer than five"), "", *[""] * len(labels)])
    return rows


def texts_table(found: Result) -> list[list]:
    rows = [[_("Question"), _("Text")]]
    for name, texts in found.texts.items():
        rows += [[str(TEXTS[name]), text] for text in texts]
    return rows
