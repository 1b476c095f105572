from celery import shared_task

from . import errands, mailing
from .attachments import store


@shared_task
def mail_notice(notification_id: int) -> None:
    """Mail what cannot wait."""
    mailing.mail_now(notification_id)


@shared_task
def send_notices() -> None:
    """Mail what waits, as each person wishes."""
    mailing.send_waiting()


@shared_task
def drop_attachments() -> None:
    """Remove attached files that nothing refers to any more."""
    store.drop_orphans()


@shared_task
def run_errand(errand_id: int) -> None:
    """Do what a committed change asked for."""
    errands.run(errand_id)


@shared_task
def sweep_errands() -> None:
    """Do what was not done: the queue was away, or a worker was killed."""
    errands.sweep()
