"""Work about people that nobody waits for."""

from celery import shared_task
from django.conf import settings
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


@shared_task
def count_learning() -> None:
    """Count those whose learning or place has changed, for the reports of agencies."""
    from . import sums

    sums.fill_if_small()
    # In the request of whoever changed much, where no worker does it, the rest is the sweeper's.
    sums.count_waiting(sums.BATCHES_AT_ONCE if settings.CELERY_TASK_ALWAYS_EAGER else None)


@shared_task
def sweep_learning() -> None:
    """What was not counted: the queue was away, a worker was killed, a day has begun; and everybody
    where nobody has been counted yet."""
    from . import sums

    if sums.standing().filled:
        sums.count_waiting()
    else:
        sums.check()


@shared_task
def check_learning() -> None:
    """Nightly: count everybody again and set right what came by a side door such as SQL."""
    from . import sums

    sums.check()
