"""Dates of a cohort: what is open, what is late, what is closed, and for whom there is more time.

Nothing here waits for a scheduler: a window is compared with the clock when somebody acts.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .errors import Refused
from .models import Decision, PhaseDates
from .moments import moment


@dataclass(frozen=True)
class Phase:
    """A part of an item that may have dates of its own; `label` is what the learner does in it."""

    name: str
    label: object


@dataclass(frozen=True)
class Window:
    """When a phase is open for one learner. None: that bound does not apply."""

    phase: str
    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    extended: bool = False

    def early(self, now: datetime) -> bool:
        return self.opens_at is not None and now < self.opens_at

    def late(self, now: datetime) -> bool:
        """An instant belongs to the later phase: at the due date itself one is late."""
        return self.due_at is not None and now >= self.due_at

    def closed(self, now: datetime) -> bool:
        return self.closes_at is not None and now >= self.closes_at


def extended(window: Window, until: datetime | None) -> Window:
    """The window with more time. An extension never takes time away."""
    if until is None:
        return window
    due = max(window.due_at, until) if window.due_at else None
    closes = max(window.closes_at, until) if window.closes_at else None
    if (due, closes) == (window.due_at, window.closes_at):
        return window
    return replace(window, due_at=due, closes_at=closes, extended=True)


def windows_of(cohort: UUID, item: UUID, seat: UUID) -> dict[str, Window]:
    """{phase: window} of one learner in one item; phases without dates are left out. 2 queries."""
    rows = list(PhaseDates.objects.filter(cohort=cohort, item=item))
    if not rows:
        return {}
    until = (
        Decision.objects.filter(
            seat=seat, item=item, kind=Decision.Kind.EXTENSION, taken_back_at__isnull=True
        )
        .values_list("until", flat=True)
        .first()
    )
    return {row.phase: extended(window(row), until) for row in rows}


def window(row: PhaseDates) -> Window:
    return Window(row.phase, row.opens_at, row.due_at, row.closes_at)


def check(window: Window | None, now: datetime) -> None:
    """Raises `Refused` 409 when the phase has not begun or is over; what was typed is kept."""
    if window is None:
        return
    language = (get_language() or "th")[:2]
    if window.early(now):
        raise Refused(
            _("This opens on %(when)s. Your text is kept as a draft.")
            % {"when": moment(window.opens_at, language)},
            code="not_open_yet",
            status=409,
        )
    if window.closed(now):
        raise Refused(
            _("This closed on %(when)s. Your text is kept as a draft.")
            % {"when": moment(window.closes_at, language)},
            code="closed",
            status=409,
        )


def problems(rows: list[Window]) -> list[tuple[str, str]]:
    """(phase, sentence) for dates out of order: within a phase, and between phases in their order."""
    found = []
    previous: datetime | None = None
    for row in rows:
        known = [at for at in (row.opens_at, row.due_at, row.closes_at) if at is not None]
        if known != sorted(known):
            found.append((row.phase, _("The dates must follow one another: opens, due, closes.")))
        elif previous is not None and known and known[0] < previous:
            found.append((row.phase, _("A phase may not begin before the one above it has begun.")))
        begins = row.opens_at or row.due_at
        previous = max(filter(None, (previous, begins)), default=None)
    return found
