from celery import shared_task

from . import mailing


@shared_task
def mail_notice(notification_id: int) -> None:
    """Mail what cannot wait."""
    mailing.mail_now(notification_id)


@shared_task
def send_notices() -> None:
    """Mail what waits, as each person wishes."""
    mailing.send_waiting()
