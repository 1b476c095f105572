"""Learner × item: in which state everybody is, of some people at once, by a fixed number of queries."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.core import registry
from activities.core.enums import State
from activities.core.models import Decision, Participation, PhaseDates
from courses.enrolment.models import CourseRun, Enrolment
from courses.grades import grading
from courses.grades.models import Grade, scheme_of
from courses.grades.scheme import Scheme

AT_ONCE = 500

# Code: what stands in a cell and what it is called. The codes are one letter, because a page has
# thousands of them; who does not see the sign hears the word, and the legend has both.
NOT_STARTED, BEGUN, SUBMITTED, WAITING, DONE = "n", "b", "s", "w", "d"
EXCUSED, ATTENTION, OVERDUE, FAILED = "x", "a", "o", "f"
STATES = {
    NOT_STARTED: ("–", State.NOT_STARTED.label),
    BEGUN: ("◐", pgettext_lazy("item", "Begun")),
    SUBMITTED: ("↑", pgettext_lazy("item", "Handed in")),
    WAITING: ("…", State.WAITING.label),
    DONE: ("✓", State.COMPLETED.label),
    FAILED: ("✗", _("Done, below the pass mark")),
    OVERDUE: ("◷", pgettext_lazy("item", "Overdue")),
    ATTENTION: ("!", _("Cannot go on alone")),
    EXCUSED: ("○", State.EXCUSED.label),
}


@dataclass
class Cells:
    """The states of the items of an outline, for the people whom `of` is given.

    At most six queries for some people, however many they are, and those of the kinds that know what
    was handed in.
    """

    run: CourseRun
    entries: list[dict]
    now: datetime = field(default_factory=timezone.now)

    def __post_init__(self):
        self.keys = [entry["key"] for entry in self.entries]
        self.scheme: Scheme = scheme_of(self.run)
        self.marks = {
            key: mark for key in self.keys if (mark := self.scheme.of(key).pass_mark) is not None
        }
        self.last: dict[UUID, datetime] = {}
        if self.run.pacing == CourseRun.Pacing.COHORT:
            for row in PhaseDates.objects.filter(cohort=self.run.key):
                end = row.closes_at or row.due_at
                if end is not None:
                    self.last[row.item] = max(end, self.last.get(row.item, end))
        self.passed = {str(item) for item, end in self.last.items() if end <= self.now}

    def of(self, people: list[Enrolment]) -> dict[int, list[str]]:
        """{enrolment.pk: [code of each item]}."""
        seats = [row.seat for row in people]
        under_way: dict[UUID, dict[str, str]] = {}
        rows = Participation.objects.filter(seat__in=seats, completed_at__isnull=True)
        for seat, item, state in rows.values_list("seat", "item", "state"):
            under_way.setdefault(seat, {})[str(item)] = state
        longer, handed_in = self.longer(seats), self.handed_in(seats)
        failed = self.failed(people) if self.marks else {}
        found = {}
        for row in people:
            mine, progress = under_way.get(row.seat, {}), row.progress
            codes = []
            for key in self.keys:
                state = mine.get(key)
                if state == State.EXCUSED:
                    code = EXCUSED
                elif progress.get(key, 0) >= 100 and state is None:
                    code = FAILED if key in failed.get(row.pk, ()) else DONE
                elif state == State.NEEDS_ATTENTION:
                    code = ATTENTION
                elif state == State.WAITING:
                    code = WAITING
                elif key in self.passed and not self.has_time(longer, row.seat, key):
                    code = OVERDUE
                elif state is None or state == State.NOT_STARTED:
                    code = NOT_STARTED
                else:
                    code = SUBMITTED if (row.seat, key) in handed_in else BEGUN
                codes.append(code)
            found[row.pk] = codes
        return found

    def longer(self, seats: list) -> dict[tuple, datetime]:
        """{(seat, item): until when there is more time}"""
        if not self.passed:
            return {}
        rows = Decision.objects.filter(
            seat__in=seats, kind=Decision.Kind.EXTENSION, taken_back_at__isnull=True
        )
        return {
            (s, str(item)): until for s, item, until in rows.values_list("seat", "item", "until")
        }

    def has_time(self, longer: dict, seat, key: str) -> bool:
        until = longer.get((seat, key))
        return until is not None and until > self.now

    def handed_in(self, seats: list) -> set:
        found = set()
        for name in {entry["kind"] for entry in self.entries}:
            try:
                rows = registry.get(name).handed_in(self.run.key, seats)
            except registry.UnknownKind:
                continue
            found |= {(seat, str(item)) for seat, item in rows}
        return found

    def failed(self, people: list[Enrolment]) -> dict[int, set[str]]:
        """{enrolment.pk: items whose score is below their pass mark}"""
        found = {}
        for grade in Grade.objects.filter(enrolment__in=people).only("enrolment", "scores"):
            low = set()
            for key, mark in self.marks.items():
                score = grading.score_in(grade, key)
                if not score.excused and (score.value is None or score.value < mark):
                    low.add(key)
            found[grade.enrolment_id] = low
        return found


def done_of(run: CourseRun, people) -> dict[str, int]:
    """{item: how many of these people (a queryset) have done it or are excused}. One query."""
    rows = (
        Participation.objects.filter(
            cohort=run.key,
            state__in=[State.COMPLETED, State.EXCUSED],
            seat__in=people.order_by().values("seat"),
        )
        .order_by()
        .values_list("item")
        .annotate(n=Count("pk"))
    )
    return {str(item): n for item, n in rows}


def rows_of(cells: Cells, people) -> Iterator[tuple[Enrolment, list[str]]]:
    """Everybody of these people (a queryset) with their states, some hundred at a time: the memory
    does not grow with the run."""
    batch: list[Enrolment] = []
    for row in people.iterator(chunk_size=AT_ONCE):
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield from with_states(cells, batch)
            batch = []
    yield from with_states(cells, batch)


def with_states(cells: Cells, batch: list[Enrolment]) -> Iterator[tuple[Enrolment, list[str]]]:
    if batch:
        found = cells.of(batch)
        yield from ((row, found[row.pk]) for row in batch)
