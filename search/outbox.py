"""Changes on their way to the index. Written with the change itself, so that none is lost."""

import logging

from django.db import transaction

from . import engines, store
from .models import IndexedGroup, Pending

logger = logging.getLogger("sala.search")

AT_ONCE = 50
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
    """Index what waits, oldest first; returns how many groups. Safe to run twice at a time."""
    done = 0
    failed: set[tuple[str, str]] = set()
    while True:
        waiting = list(
            dict.fromkeys(
                Pending.objects.order_by("pk").values_list("source", "group")[: AT_ONCE * 4]
            )
        )
        waiting = [pair for pair in waiting if pair not in failed][:AT_ONCE]
        if not waiting:
            break
        for source, group in waiting:
            last = (
                Pending.objects.filter(source=source, group=group)
                .order_by("-pk")
                .values_list("pk", flat=True)
                .first()
            )
            try:
                store.index_group(source, group)
            except Exception:  # one bad group must not keep the others from being found
                logger.exception("Could not index %s:%s", source, group)
                failed.add((source, group))
                continue
            # What was noted meanwhile stays: it may be news.
            Pending.objects.filter(source=source, group=group, pk__lte=last or 0).delete()
            done += 1
    if done and done >= IndexedGroup.objects.count() * REFRESH_AFTER:
        engines.database().refresh()
    return done
