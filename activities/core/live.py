"""News of an item by asking again: a cursor on the one append-only table of events.

Works with any server and any proxy, and with every number of processes. The cursor is the id of an
event. It stays behind what happened in the last seconds, since a transaction that began earlier may
commit later: what is young is given again, and whoever asks shows each event once, by its id.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from .contract import LivePart
from .errors import Refused
from .models import Event

MOST = 100
SETTLING = timedelta(seconds=5)


@dataclass
class News:
    """`parts` are what the learner may see; `after` is the cursor for the next question; `any` says
    whether anything happened at all."""

    parts: list[LivePart]
    after: int
    any: bool


def cursor_of(text: str) -> int:
    """A cursor as it was sent. Raises `Refused` 400."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Refused(_("The mark of what was read last is not a number."), status=400)
    return int(text)


def news(kind, visit, after: int) -> News:
    """What is new for a learner since an event. Raises `Refused` 410 when that event is not one of
    this item in this cohort: then the page has to be loaded anew. One query and the kind's."""
    here = Event.objects.filter(cohort=visit.participation.cohort, item=visit.participation.item)
    # The cursor's own event comes with what follows it: one question instead of two.
    events = list(here.filter(pk__gte=after).order_by("pk").select_related("actor")[: MOST + 1])
    if after and (not events or events.pop(0).pk != after):
        raise Refused(
            _("Too much has happened since. Reload the page."), code="unknown_cursor", status=410
        )
    events = events[:MOST]
    if not events:
        return News([], after, False)
    ids = {event.pk for event in events}
    parts = [part for part in kind.visible_events(visit, events) if part.event in ids]
    settled = [event.pk for event in events if event.created_at <= timezone.now() - SETTLING]
    if len(events) == MOST:  # nobody waits behind a hundred young events
        settled = [event.pk for event in events]
    return News(parts, max(settled, default=after), True)


def latest(participation) -> int:
    """The cursor of a page that is made now."""
    here = Event.objects.filter(
        cohort=participation.cohort,
        item=participation.item,
        created_at__lte=timezone.now() - SETTLING,
    )
    return here.order_by("-pk").values_list("pk", flat=True).first() or 0
