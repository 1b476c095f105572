from celery import shared_task

from . import checking, counting, documents, outbox


@shared_task
def apply_changes() -> int:
    """Bring the index up to date with what changed."""
    return outbox.apply_changes()


@shared_task
def check() -> int:
    """Nightly: compare the index with what is on offer, repair it, and forget old counts."""
    counting.purge()
    return checking.check(repair=True).repaired


@shared_task
def read_document(pk: int) -> None:
    """Read a file to download, so that it can be found."""
    documents.read_document(pk)
