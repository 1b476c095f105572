"""News of an item by asking again: a cursor on the one append-only table of events.

Works with any server and any proxy, and with every number of processes. The cursor is the id of an
event. It stays behind what happened in the last seconds, since a transaction that began earlier may
commit later: what is young is given again, and whoever asks shows each event once, by its id.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from .contract import LivePart
from .errors import Refused
from .models import Event

MOST = 100
SETTLING = timedelta(seconds=5)


class Place(NamedTuple):
    """An item in a cohort; a participation and a desk's item are one too."""

    cohort: UUID
    item: UUID


@dataclass
class News:
    """`parts` are what somebody may see; `after` is the cursor for the next question; `any` says
    whether anything happened at all."""

    parts: list[LivePart]
    after: int
    any: bool = True


@dataclass(frozen=True)
class Opening:
    """Where a page that is made now begins to ask: its cursor, and the ids of the young events after
    it that the page shows already."""

    after: int
    known: list[int]


def cursor_of(text: str) -> int:
    """A cursor as it was sent. Raises `Refused` 400."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Refused(_("The mark of what was read last is not a number."), status=400)
    return int(text)


def happened(place, after: int) -> list[Event]:
    """The events of an item in a cohort since one of them, the oldest hundred. One query. Raises
    `Refused` 410 when that event is not one of this place: then the page has to be loaded anew."""
    # The cursor's own event comes with what follows it: one question instead of two.
    rows = here(place).filter(pk__gte=after).order_by("pk").select_related("actor")
    events = list(rows[: MOST + 1])
    if after and (not events or events.pop(0).pk != after):
        raise Refused(
            _("Too much has happened since. Reload the page."), code="unknown_cursor", status=410
        )
    return events[:MOST]


def news(kind, visit, after: int, events: list[Event] | None = None) -> News:
    """What is new for a learner since an event; `events` where the caller has asked what happened.
    Raises `Refused` 410 as `happened` does. One query and the kind's; none of the kind's when
    nothing happened."""
    if events is None:
        events = happened(visit.participation, after)
    if not events:
        return News([], after, False)
    return settled(kind.visible_events(visit, events), events, after)


def settled(parts: list[LivePart], events: list[Event], after: int) -> News:
    """The parts that belong to these events, and how far the cursor may go."""
    ids, now = {event.pk for event in events}, timezone.now()
    old = [event.pk for event in events if not young(event.created_at, now)]
    if len(events) == MOST:  # nobody waits behind a hundred young events
        old = [event.pk for event in events]
    return News([part for part in parts if part.event in ids], max(old, default=after))


def young(created_at, now) -> bool:
    """Whether what happened then may still be overtaken. What lies ahead was noted by a clock that
    was wrong, and is as settled as what is past."""
    return abs(now - created_at) < SETTLING


def opening(place) -> Opening:
    """The cursor of a page that is made now. Ask before the page reads what it shows: then nothing
    falls between the two, and what the page shows is not announced as new. One query."""
    newest = list(here(place).order_by("-pk").values_list("pk", "created_at")[: MOST + 1])
    now = timezone.now()
    known = [pk for pk, created_at in newest if young(created_at, now)]
    after = next((pk for pk, created_at in newest if not young(created_at, now)), 0)
    if not after and len(known) > MOST:
        after = known.pop()
    return Opening(after, known)


def latest(place) -> int:
    """The cursor alone."""
    return opening(place).after


def bar(opening: Opening, url: str, page: str, load, show="", **data) -> dict:
    """What `components/live.html` needs: where the page asks, the page itself, what its link and its
    button are called, and more attributes (`live_every="30"` becomes `data-live-every`)."""
    return {
        "url": url,
        "after": opening.after,
        "here": page,
        "load": load,
        "show": show,
        "data": [(name.replace("_", "-"), value) for name, value in data.items()],
    }


def texts(opening: Opening, every: int = 0, **sentences) -> dict:
    """The attributes for live.js: {what: sentence, or (for one, for many)} of the news that concern
    the page, the most important first; `every` is how often to ask, in seconds."""
    told = {what: [one] if isinstance(one, str) else list(one) for what, one in sentences.items()}
    found = {
        "live_texts": json.dumps(told, ensure_ascii=False),
        "live_known": " ".join(map(str, opening.known)),
    }
    return found | ({"live_every": every} if every else {})


def here(place):
    return Event.objects.filter(cohort=place.cohort, item=place.item)
