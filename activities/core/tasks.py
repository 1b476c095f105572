from celery import shared_task

from . import mailing
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
