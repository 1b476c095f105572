from celery import shared_task

from . import checking, documents, outbox


@shared_task
def apply_changes() -> int:
    """Bring the index up to date with what changed."""
    return outbox.apply_changes()


@shared_task
def check() -> int:
    """Nightly: compare the index with what is on offer, and repair it."""
    return checking.check(repair=True).repaired


@shared_task
def read_document(pk: int) -> None:
    """Read a file to download, so that it can be found."""
    documents.read_document(pk)
