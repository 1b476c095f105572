from celery import shared_task

from . import settle


@shared_task
def settle_all() -> dict[str, int]:
    """Nightly: catch what no signal told of."""
    return settle.settle_all()
