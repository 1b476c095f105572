from celery import shared_task

from . import advance


@shared_task
def advance_discussions() -> int:
    """Every quarter of an hour: what the dates of discussions bring, when nobody looks."""
    return advance.advance_all()
