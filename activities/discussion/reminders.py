"""Reminding those of a cohort whose part of a discussion is still missing before its date."""

from datetime import datetime
from types import SimpleNamespace

from activities.core import reminders
from activities.core.enums import State
from activities.core.models import Participation, PhaseDates

from . import desk_run, notices, talks
from .enums import Stage

KIND = "discussion"
OVER = (State.COMPLETED, State.EXCUSED)
# What is missing of those who are there.
OWING = {
    "replies": (Stage.POSTED, Stage.REPLYING),
    "synthesis": (Stage.SYNTHESISING,),
}


def remind(now: datetime) -> int:
    """Tell everybody who has not been told yet; returns how many were. Repeating it is harmless."""
    count = 0
    for row, end in reminders.soon(KIND, ["initial", *OWING], now):
        newest = (
            Participation.objects.filter(cohort=row.cohort, item=row.item)
            .select_related("version")
            .order_by("-pk")
            .first()
        )
        state = talks.of_run(row.cohort, row.item, newest.version.rules, now)
        if state.locked or state.scheduled or state.talk.phase == talks.RunPhase.CLOSED:
            continue  # nobody can write: a reminder would be a mockery
        people = missing(row)
        for user, own, hours in reminders.due(row.item, end, people, now):
            count += len(notices.due(newest, row.phase, user, own, hours))
    return count


def missing(row: PhaseDates) -> list[tuple]:
    """Who owes what the phase asks for: [(user, seat)]."""
    if row.phase == "initial":
        place = SimpleNamespace(cohort=row.cohort, version=SimpleNamespace(item=row.item))
        return desk_run.missing_people(place)
    rows = Participation.objects.filter(
        cohort=row.cohort,
        item=row.item,
        data__stage__in=[str(stage) for stage in OWING[row.phase]],
    ).exclude(state__in=OVER)
    return list(rows.values_list("user_id", "seat"))
