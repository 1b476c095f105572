"""Work about people that nobody waits for."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone


@shared_task
def make_copy(pk: str) -> None:
    from . import copies

    copies.make(pk)


@shared_task
def forget_ended() -> None:
    """Copies that have expired, windows of limits that are over, sessions that have ended,
    what was written in the moment that an account was erased."""
    from . import limits
    from .erase import forget_latecomers
    from .models import PersonalExport

    PersonalExport.objects.filter(expires_at__lt=timezone.now()).delete()
    limits.purge()
    call_command("clearsessions")
    forget_latecomers()
