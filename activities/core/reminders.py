"""Reminders before a date: two days and one day ahead, each once, to those who still owe something.

A reminder is a notification with a key, so that a task that runs often tells nobody twice. Mail keeps
quiet hours and the wishes of each person like every other notice that is not urgent.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from .models import Decision, Participation, PhaseDates
from .moments import moment

# Hours before the date. Who comes to owe something later is told at the next of these only.
AHEAD = (24, 48)
# Somebody may have more time than the cohort, so dates that passed lately are looked at too.
MOST_EXTENSION = timedelta(days=60)


def ahead(end: datetime, now: datetime) -> int:
    """Which reminder is due for a date: 24, 48, or 0 for none yet (or too late)."""
    left = end - now
    if left <= timedelta(0):
        return 0
    return next((hours for hours in AHEAD if left <= timedelta(hours=hours)), 0)


def soon(kind: str, phases, now: datetime) -> Iterator[tuple[PhaseDates, datetime]]:
    """The dates of these phases that end within two days, or have ended lately, in runs where
    somebody has opened an item of the kind: (row, when it ends)."""
    here = Participation.objects.filter(
        cohort=OuterRef("cohort"), item=OuterRef("item"), version__kind=kind
    )
    for row in PhaseDates.objects.filter(Exists(here), phase__in=phases).order_by("pk"):
        end = row.due_at or row.closes_at
        if end and now - MOST_EXTENSION < end <= now + timedelta(hours=max(AHEAD)):
            yield row, end


def more_time(item, seats) -> dict:
    """{seat: until} of those who were given more time. One query."""
    rows = Decision.objects.filter(
        seat__in=seats,
        item=item,
        kind=Decision.Kind.EXTENSION,
        taken_back_at__isnull=True,
    )
    found: dict = {}
    for seat, until in rows.values_list("seat", "until"):  # the newest first, and it stands
        found.setdefault(seat, until)
    return found


def due(item, end: datetime, people: list[tuple[int, object]], now: datetime) -> Iterator[tuple]:
    """Of these people (user, seat) those who are to be told now: (user, their date, hours ahead)."""
    until = more_time(item, [seat for _user, seat in people])
    for user, seat in people:
        own = max(end, until[seat]) if seat in until else end
        hours = ahead(own, now)
        if hours:
            yield user, own, hours


def in_languages(at: datetime) -> dict[str, str]:
    """A moment as a parameter of a notice."""
    return {code: moment(at, code) for code, _name in settings.LANGUAGES}
