"""Who attended the meetings of a run: noting it, correcting it, and what it adds up to.

Minutes are whole and clipped to the meeting: nobody attends more of it than there was.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core.errors import Refused
from courses.enrolment import staff
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.progress import reconsider

from .models import Attendance, AttendanceChange, AttendanceRule, Meeting

State = Attendance.State
LONGEST_REASON = 500
MOST_MEETINGS = 200


@dataclass(frozen=True)
class Mark:
    """What is noted of somebody: the state, and for who came late by how many minutes."""

    state: str
    late: int = 0


def minutes_at(meeting: Meeting, mark: Mark) -> int:
    """The minutes of the meeting that somebody attended."""
    if mark.state == State.PRESENT:
        return meeting.minutes
    if mark.state == State.LATE:
        return max(0, meeting.minutes - mark.late)
    return 0


# -- meetings -----------------------------------------------------------------------------------


@transaction.atomic
def save_meeting(meeting: Meeting, by) -> Meeting:
    """Keep a new or changed meeting; with other times the minutes attended are reckoned anew."""
    staff.check(by, meeting.run)
    if meeting.pk is None and meeting.run.meetings.count() >= MOST_MEETINGS:
        message = _("A run has at most %(most)d meetings.") % {"most": MOST_MEETINGS}
        raise Refused(message, code="too_many", status=409)
    meeting.save()
    changed = []
    for row in Attendance.objects.select_for_update().filter(meeting=meeting):
        minutes = minutes_at(meeting, Mark(row.state, row.late_minutes))
        if minutes != row.minutes:
            row.minutes = minutes
            changed.append(row)
    Attendance.objects.bulk_update(changed, ["minutes"], batch_size=500)
    look_again(meeting.run)
    return meeting


@transaction.atomic
def remove_meeting(meeting: Meeting, by) -> None:
    """A meeting at which somebody was noted stays: it is part of their record."""
    staff.check(by, meeting.run)
    if meeting.attendances.exists():
        raise Refused(
            _(
                "The roll of this meeting has been called, so it stays on record. Change it instead."
            ),
            code="has_attendance",
            status=409,
        )
    run = meeting.run
    meeting.delete()
    look_again(run)


# -- the roll call ------------------------------------------------------------------------------


@transaction.atomic
def call_roll(meeting: Meeting, by, marks: dict[int, Mark], reason: str = "") -> int:
    """Note these people, {enrolment.pk: mark}; all or nobody. Returns how many were noted or changed.

    What was noted before is changed only with a reason, which stays in the record. Repeating it
    changes nothing. Raises `Refused`; its fields are `late-<pk>` and `reason`.
    """
    staff.check(by, meeting.run)
    meeting = (
        Meeting.objects.select_for_update(of=("self",)).select_related("run").get(pk=meeting.pk)
    )
    reason = reason.strip()[:LONGEST_REASON]
    fields = {
        f"late-{pk}": _("Write by how many minutes, 1 to %(most)d.") % {"most": meeting.minutes}
        for pk, mark in marks.items()
        if mark.state == State.LATE and not 1 <= mark.late <= meeting.minutes
    }
    if fields:
        raise Refused(_("Please check what is marked below."), code="late", fields=fields)
    known = {
        row.enrolment_id: row
        for row in Attendance.objects.filter(meeting=meeting, enrolment__in=list(marks))
    }
    people = set(
        Enrolment.objects.filter(run=meeting.run, pk__in=list(marks)).values_list("pk", flat=True)
    )
    fresh = {pk: mark for pk, mark in marks.items() if pk in people and pk not in known}
    changed = {
        pk: marks[pk]
        for pk, row in known.items()
        if (row.state, row.late_minutes) != (marks[pk].state, marks[pk].late)
    }
    if changed and not reason:
        message = _("You change what was noted before. Write why: it stays in the record.")
        raise Refused(message, code="no_reason", fields={"reason": message})
    now = timezone.now()
    made = Attendance.objects.bulk_create(
        Attendance(meeting=meeting, enrolment_id=pk, by=by, at=now, **values(meeting, mark))
        for pk, mark in fresh.items()
    )
    log = [change(row, "", "", by, now) for row in made]
    for pk, mark in changed.items():
        row, before = known[pk], known[pk].state
        for name, value in values(meeting, mark).items():
            setattr(row, name, value)
        row.by, row.at = by, now
        log.append(change(row, before, reason, by, now))
    Attendance.objects.bulk_update(
        [known[pk] for pk in changed], ["state", "late_minutes", "minutes", "by", "at"]
    )
    AttendanceChange.objects.bulk_create(log)
    look_again(meeting.run, [*fresh, *changed])
    return len(fresh) + len(changed)


def values(meeting: Meeting, mark: Mark) -> dict:
    late = mark.late if mark.state == State.LATE else 0
    return {"state": mark.state, "late_minutes": late, "minutes": minutes_at(meeting, mark)}


def change(row: Attendance, before: str, reason: str, by, now) -> AttendanceChange:
    return AttendanceChange(
        attendance=row,
        before=before,
        after=row.state,
        late_minutes=row.late_minutes,
        reason=reason,
        by=by,
        at=now,
    )


# -- what it adds up to -------------------------------------------------------------------------


def percent(attended: int, total: int) -> int | None:
    """Whole per cent, rounded down, so that 79.9 is never shown as 80; None of nothing."""
    return attended * 100 // total if total > 0 else None


def held(run: CourseRun, now: datetime) -> list[Meeting]:
    return list(Meeting.objects.filter(run=run, ends_at__lte=now))


def attended_of(run: CourseRun, people: Iterable[Enrolment], now: datetime | None = None) -> dict:
    """{enrolment.pk: per cent of the time of the meetings held so far}, None where there was nothing
    to attend; empty when none was held. Meetings that somebody is excused from do not count for
    them. Two queries."""
    meetings = held(run, now or timezone.now())
    if not meetings:
        return {}
    return percents(meetings, [row.pk for row in people])


def column(run: CourseRun, people: list[Enrolment]) -> dict:
    """The column of the list of participants."""
    found = attended_of(run, people)
    return {pk: value for pk, value in found.items() if value is not None}


def percents(meetings: list[Meeting], keys: list[int]) -> dict[int, int | None]:
    lengths = {meeting.pk: meeting.minutes for meeting in meetings}
    total = dict.fromkeys(keys, sum(lengths.values()))
    attended = dict.fromkeys(keys, 0)
    rows = Attendance.objects.filter(meeting__in=meetings, enrolment__in=keys)
    for pk, meeting, state, minutes in rows.values_list("enrolment", "meeting", "state", "minutes"):
        if state == State.EXCUSED:
            total[pk] -= lengths[meeting]
        attended[pk] += minutes
    return {pk: percent(attended[pk], total[pk]) for pk in keys}


# -- the rule of a run --------------------------------------------------------------------------


def least_of(run: CourseRun) -> int | None:
    """How many per cent of the meetings' time completing a run asks for; None: nothing."""
    rule = getattr(run, "attendance_rule", None)  # kept with the run once it was read
    return rule.least_percent if rule else None


@transaction.atomic
def set_rule(run: CourseRun, by, least: int | None) -> None:
    """Ask for so many per cent, or for nothing. Who is complete stays so."""
    staff.check(by, run)
    if least is None:
        AttendanceRule.objects.filter(run=run).delete()
    else:
        AttendanceRule.objects.update_or_create(run=run, defaults={"least_percent": least})
    run.refresh_from_db()
    look_again(run)


def reached(enrolment: Enrolment) -> tuple[int, int] | None:
    """(per cent attended of all meetings of the run, those to come included; per cent asked for);
    None when nothing is asked for, or nothing is left to attend. At most three queries."""
    least = least_of(enrolment.run)
    if least is None:
        return None
    meetings = list(Meeting.objects.filter(run=enrolment.run_id))
    found = percents(meetings, [enrolment.pk])[enrolment.pk] if meetings else None
    return None if found is None else (found, least)


class EnoughAttended:
    """What completing a course asks for beside its items (`courses.enrolment.progress.Rule`)."""

    def note(self, enrolment, participation, release) -> None:
        """Items do not change attendance."""

    def rebuild(self, enrolment, release) -> None:
        """Nothing is kept of the items."""

    def holds(self, enrolment, release) -> bool:
        found = reached(enrolment)
        return found is None or found[0] >= found[1]


def look_again(run: CourseRun, keys: list[int] | None = None) -> None:
    """Complete whoever lacked nothing but attendance. In a transaction."""
    people = Enrolment.objects.select_for_update(of=("self",)).select_related("run")
    people = people.filter(run=run, state=Enrolment.State.ACTIVE, percent=99)
    if keys is not None:
        people = people.filter(pk__in=keys)
    for enrolment in people:
        reconsider(enrolment)


# -- what the desk asks -------------------------------------------------------------------------


def sums_of(meetings: list[Meeting]) -> dict[int, dict]:
    """{meeting.pk: {present, late, absent, excused, minutes}}: how many people. One query."""
    found = {meeting.pk: dict.fromkeys([*State.values, "minutes"], 0) for meeting in meetings}
    rows = (
        Attendance.objects.filter(meeting__in=meetings)
        .filter(~Q(enrolment__state=Enrolment.State.WITHDRAWN))
        .order_by()
        .values("meeting", "state")
        .annotate(people=Count("pk"), total=Sum("minutes"))
    )
    for row in rows:
        found[row["meeting"]][row["state"]] = row["people"]
        found[row["meeting"]]["minutes"] += row["total"]
    return found
