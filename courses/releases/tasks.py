from celery import shared_task

from . import scheduled, settle


@shared_task
def settle_all() -> dict[str, int]:
    """Nightly: catch what no signal told of."""
    return settle.settle_all()


@shared_task
def publish_scheduled() -> None:
    """Every few minutes: what was scheduled to go live or to expire."""
    scheduled.run()
