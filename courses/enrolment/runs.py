"""Holding a course: making, changing, copying and closing a run."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core.errors import Refused
from activities.core.models import PhaseDates

from . import places
from .models import CourseRun, RunGroup
from .rules import may_make_runs, may_see_run

DATES = ("starts_at", "ends_at", "enrol_from", "enrol_until", "access_from")
COPIED = (
    "method",
    "enrol_key",
    "agency",
    "access_days_after",
    "readable_after",
    "least_people",
    "capacity",
    "has_waiting_list",
    "answer_days",
)
LONGEST_GROUP_NAME = 80
# run, made: CourseRun, days: timedelta. Inside the transaction: what else belongs to a run comes along.
run_copied = Signal()
MOST_GROUPS = 200


def not_yours() -> Refused:
    return Refused(_("There is no such run."), code="no_run", status=404)


@transaction.atomic
def create(course: UUID, by, values: dict, instructors: list) -> CourseRun:
    """A new cohort of a course. Whoever teaches and makes it is one of its instructors."""
    if not may_make_runs(by, course):
        raise not_yours()
    run = CourseRun.objects.create(course=course, pacing=CourseRun.Pacing.COHORT, **values)
    run.instructors.set(instructors)
    if not may_see_run(by, run):
        run.instructors.add(by)
    return run


@transaction.atomic
def change(run: CourseRun, by, values: dict, instructors: list) -> CourseRun:
    """Change a run. With more places, people move up. Raises `Refused` when people would lose theirs."""
    if not may_see_run(by, run):
        raise not_yours()
    run = places.lock(run)
    capacity = values.get("capacity")
    taken = places.taken(run) if capacity is not None else 0
    if capacity is not None and capacity < taken:
        message = _("%(taken)d people have a place. Write at least %(taken)d.") % {"taken": taken}
        raise Refused(message, code="below_taken", fields={"capacity": message})
    for name, value in values.items():
        setattr(run, name, value)
    run.save(update_fields=list(values))
    run.instructors.set(instructors)
    places.move_up(run)
    return run


@transaction.atomic
def set_open(run: CourseRun, by, is_open: bool) -> None:
    """Open or close a run for enrolment. Who is in it or waits is not touched."""
    if not may_see_run(by, run):
        raise not_yours()
    CourseRun.objects.filter(pk=run.pk).update(is_open=is_open)


@transaction.atomic
def copy(run: CourseRun, by, starts_at: datetime, name: str, name_en: str) -> CourseRun:
    """A run like this one with all dates moved so that it begins on the day of `starts_at`: instructors, dates of
    the phases and names of the groups come along, people do not. It is closed until it is opened."""
    if not may_see_run(by, run):
        raise not_yours()
    if run.pacing != CourseRun.Pacing.COHORT or run.starts_at is None:
        raise Refused(
            _("Only a run with a beginning can be copied. Write when this one begins first."),
            code="no_beginning",
            status=409,
        )
    # Whole days, so that what opens at nine opens at nine again, whatever the clocks do.
    days = timezone.localtime(starts_at).date() - timezone.localtime(run.starts_at).date()

    def moved(at):
        return timezone.localtime(at) + days if at is not None else None

    made = CourseRun.objects.create(
        course=run.course,
        pacing=run.pacing,
        name=name,
        name_en=name_en,
        is_open=False,
        **{field: getattr(run, field) for field in COPIED},
        **{field: moved(getattr(run, field)) for field in DATES},
    )
    made.instructors.set(run.instructors.all())
    RunGroup.objects.bulk_create(RunGroup(run=made, name=group.name) for group in run.groups.all())
    PhaseDates.objects.bulk_create(
        PhaseDates(
            cohort=made.key,
            item=row.item,
            phase=row.phase,
            opens_at=moved(row.opens_at),
            due_at=moved(row.due_at),
            closes_at=moved(row.closes_at),
        )
        for row in PhaseDates.objects.filter(cohort=run.key)
    )
    run_copied.send(sender=CourseRun, run=run, made=made, days=days)
    return made


@transaction.atomic
def add_groups(run: CourseRun, by, text: str) -> int:
    """New groups, one name a line; names that are there already are left as they are."""
    if not may_see_run(by, run):
        raise not_yours()
    run = places.lock(run)
    names = list(dict.fromkeys(filter(None, (line.strip() for line in text.splitlines()))))
    message = ""
    if not names:
        message = _("Write a name for each group, one a line.")
    elif any(len(name) > LONGEST_GROUP_NAME for name in names):
        message = _("A name has at most %(most)d characters.") % {"most": LONGEST_GROUP_NAME}
    known = set(run.groups.values_list("name", flat=True))
    fresh = [name for name in names if name not in known]
    if not message and len(known) + len(fresh) > MOST_GROUPS:
        message = _("A run has at most %(most)d groups.") % {"most": MOST_GROUPS}
    if message:
        raise Refused(message, code="group_names", fields={"names": message})
    RunGroup.objects.bulk_create(RunGroup(run=run, name=name) for name in fresh)
    return len(fresh)


def rename_group(group: RunGroup, by, name: str) -> None:
    if not may_see_run(by, group.run):
        raise not_yours()
    name = name.strip()
    message = ""
    if not name or len(name) > LONGEST_GROUP_NAME:
        message = _("A name has 1 to %(most)d characters.") % {"most": LONGEST_GROUP_NAME}
    elif RunGroup.objects.filter(run=group.run, name=name).exclude(pk=group.pk).exists():
        message = _("There is a group with this name already.")
    if message:
        raise Refused(message, code="group_name", fields={f"name-{group.pk}": message})
    RunGroup.objects.filter(pk=group.pk).update(name=name)


def delete_group(group: RunGroup, by) -> None:
    """Its people stay in the run, without a group."""
    if not may_see_run(by, group.run):
        raise not_yours()
    group.delete()
