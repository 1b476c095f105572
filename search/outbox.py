"""Changes on their way to the index. Written with the change itself, so that none is lost."""

import logging

from django.db import transaction

from . import checking, engines, store
from .contract import EngineDown
from .models import IndexedGroup, Pending

logger = logging.getLogger("sala.search")

AT_ONCE = 200
# Figures about terms are counted anew when this share of the groups has changed.
REFRESH_AFTER = 0.02


def changed(source: str, group: str, *, again: bool = False) -> None:
    """A group changed, came or went. Call it in the transaction of the change.

    `again`: index it even though its stamp is the same.
    """
    if again:
        IndexedGroup.objects.filter(source=source, group=group).update(stamp="")
    Pending.objects.create(source=source, group=group)
    waiting = transaction.get_connection().run_on_commit
    if not any(function is start for _ids, function, *_rest in waiting):
        transaction.on_commit(start)


def start() -> None:
    """Have what waits indexed, without failing the request that caused it."""
    from . import tasks

    try:
        tasks.apply_changes.delay()
    except Exception:  # no broker for the moment: the sweeper comes every minute
        logger.exception("Could not start indexing")


def apply_changes() -> int:
    """Index what waits, oldest first; returns how many groups. Safe to run twice at a time. What fails
    stays noted for the next time."""
    done = seen = 0
    failed: set[tuple[str, str]] = set()
    while waiting := list(Pending.objects.filter(pk__gt=seen).order_by("pk")[:AT_ONCE]):
        seen = waiting[-1].pk
        for source, group in dict.fromkeys((row.source, row.group) for row in waiting):
            if (source, group) in failed:
                continue
            try:
                if source == store.ELASTIC:
                    checking.repair_elastic()
                else:
                    store.index_group(source, group)
            except EngineDown:
                failed.add((source, group))  # it stays noted, and is tried again
                continue
            except Exception:  # one bad group must not keep the others from being found
                logger.exception("Could not index %s:%s", source, group)
                failed.add((source, group))
                continue
            # What was noted meanwhile stays: it may be news.
            Pending.objects.filter(source=source, group=group, pk__lte=seen).delete()
            done += 1
    if done and done >= IndexedGroup.objects.count() * REFRESH_AFTER:
        engines.database().refresh()
    return done
