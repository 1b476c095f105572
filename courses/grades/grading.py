"""Keeping grades in step with scores: the copy of the scores, the grade, and who is told.

Everything that changes a grade holds the lock on its enrolment.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from activities.core.enums import State
from activities.core.models import Decision, Participation, PhaseDates
from courses.enrolment.models import CourseRun, Enrolment

from . import notices
from .models import Grade, GradeOverride, scheme_of
from .reckon import NOTHING, Reckoned, Score, reckon
from .scheme import ZERO, Scheme, number, scored, text


def entry_of(participation: Participation) -> dict | None:
    """What the copy keeps of a participation; None when there is nothing to keep."""
    excused = participation.state == State.EXCUSED
    if participation.score is None and not excused:
        return None
    return {"s": text(participation.score), "x": excused, "h": participation.score_is_set}


def scores_from(entries: dict) -> dict[str, Score]:
    return {
        key: Score(number(entry["s"]), entry["x"], entry["h"]) for key, entry in entries.items()
    }


def entries_of(seats: Iterable[UUID]) -> dict[UUID, dict]:
    """{seat: entries} straight from the participations, in one query."""
    found: dict[UUID, dict] = {}
    rows = Participation.objects.filter(seat__in=list(seats)).only(
        "seat", "item", "score", "score_is_set", "state"
    )
    for participation in rows:
        entry = entry_of(participation)
        if entry is not None:
            found.setdefault(participation.seat, {})[str(participation.item)] = entry
    return found


class Closed:
    """Which items are closed for whom. Two queries for a run, whatever the number of people; none
    when the rules do not ask."""

    def __init__(self, scheme: Scheme, run: CourseRun, seats: Iterable[UUID], now: datetime):
        self.items: dict[str, datetime] = {}
        self.longer: dict[tuple, datetime] = {}
        self.now = now
        if scheme.missing != ZERO:
            return
        rows = PhaseDates.objects.filter(cohort=run.key).values("item")
        for row in rows.annotate(last=Max("closes_at")).filter(last__lte=now):
            self.items[str(row["item"])] = row["last"]
        if self.items:
            for row in Decision.objects.filter(
                seat__in=list(seats),
                item__in=list(self.items),
                kind=Decision.Kind.EXTENSION,
                taken_back_at__isnull=True,
                until__gt=now,
            ):
                self.longer[row.seat, str(row.item)] = row.until

    def of(self, seat: UUID) -> set[str]:
        return {item for item in self.items if (seat, item) not in self.longer}


def keys_of(outline: dict) -> list[str]:
    return [entry["key"] for entry in scored(outline)]


def reckon_for(scheme: Scheme, outline: dict, grade: Grade, closed: set[str]) -> Reckoned:
    return reckon(scheme, keys_of(outline), scores_from(grade.scores), closed)


def score_in(grade: Grade, item: str) -> Score:
    entry = grade.scores.get(item)
    return Score(number(entry["s"]), entry["x"], entry["h"]) if entry else NOTHING


def grade_of(enrolment: Enrolment) -> Grade:
    """The grade, made from the participations if it was never kept."""
    found = Grade.objects.filter(enrolment=enrolment).first()
    return found or fresh(enrolment, entries_of([enrolment.seat]).get(enrolment.seat, {}))


def fresh(enrolment: Enrolment, entries: dict) -> Grade:
    return Grade(enrolment=enrolment, scores=entries)


def grades_of(enrolments: list[Enrolment]) -> dict[int, Grade]:
    """{enrolment: Grade} for a page of people: one query, and one more for those never kept."""
    found = {g.enrolment_id: g for g in Grade.objects.filter(enrolment__in=enrolments)}
    missing = [e for e in enrolments if e.pk not in found]
    if missing:
        entries = entries_of(e.seat for e in missing)
        found |= {e.pk: fresh(e, entries.get(e.seat, {})) for e in missing}
    return found


def regrade(
    enrolment: Enrolment,
    grade: Grade,
    scheme: Scheme,
    outline: dict,
    closed: set[str] | None = None,
) -> bool:
    """Reckon a grade and save it; whether it changed. The enrolment is locked."""
    if closed is None:
        closed = Closed(scheme, enrolment.run, [enrolment.seat], timezone.now()).of(enrolment.seat)
    found = reckon_for(scheme, outline, grade, closed)
    override = (
        GradeOverride.objects.filter(enrolment=enrolment, taken_back_at__isnull=True).first()
        if grade.is_set or grade.pk is None
        else None
    )
    value = override.value if override else found.value
    changed = (grade.value, grade.computed, grade.pending) != (value, found.value, found.pending)
    grade.computed, grade.value, grade.pending = found.value, value, found.pending
    grade.is_set = override is not None
    grade.updated_at = timezone.now()
    return changed


def note(enrolment: Enrolment, participation: Participation, release) -> None:
    """Follow a change in an item. The enrolment is locked."""
    key, entry = str(participation.item), entry_of(participation)
    grade = Grade.objects.filter(enrolment=enrolment).first()
    if grade is None:
        if entry is None:
            return
        grade = grade_of(enrolment)
    elif grade.scores.get(key) == entry:
        return
    if entry is None:
        grade.scores.pop(key, None)
    else:
        grade.scores[key] = entry
    if release is not None:
        regrade(enrolment, grade, scheme_of(enrolment.run), release.outline)
    grade.save()
    tell(enrolment, grade, release)


def tell(enrolment: Enrolment, grade: Grade, release) -> None:
    """Say that the grade is there once nothing is open, and when it changes after that."""
    if release is None or grade.value is None or grade.value == grade.told:
        return
    if grade.told is None and grade.pending and not grade.is_set:
        return
    first = grade.told is None
    grade.told = grade.value
    Grade.objects.filter(pk=grade.pk).update(told=grade.value)
    notices.graded(enrolment, grade, release.outline, first=first)


def rebuild(enrolment: Enrolment, release) -> Grade:
    """Make copy and grade anew from the participations. The enrolment is locked."""
    grade = Grade.objects.filter(enrolment=enrolment).first() or Grade(enrolment=enrolment)
    grade.scores = entries_of([enrolment.seat]).get(enrolment.seat, {})
    if release is not None:
        regrade(enrolment, grade, scheme_of(enrolment.run), release.outline)
    grade.save()
    return grade


@transaction.atomic
def locked(enrolment_pk: int) -> Enrolment:
    """The enrolment with its run, locked until the transaction ends."""
    return (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("run", "user")
        .get(pk=enrolment_pk)
    )
