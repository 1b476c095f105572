from celery import shared_task
from django.utils import timezone

from . import advance, reminders


@shared_task
def advance_discussions() -> int:
    """Every quarter of an hour: what the dates of discussions bring, when nobody looks; who is reminded."""
    count = advance.advance_all()
    reminders.remind(timezone.now())
    return count
