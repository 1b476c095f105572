from celery import shared_task

from . import checking, outbox


@shared_task
def apply_changes() -> int:
    """Bring the index up to date with what changed."""
    return outbox.apply_changes()


@shared_task
def check() -> int:
    """Nightly: compare the index with what is on offer, and repair it."""
    return checking.check(repair=True).repaired
