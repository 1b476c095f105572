"""What is to be done outside the database once a change is committed, and must not be lost: messages.

    errands.post(send_certificate, certificate.pk)        # in the transaction of the change

The errand is a row of that transaction. After the commit a worker is told of it; when no queue can be
reached, when the queue is emptied or the worker is killed, the sweeper finds the row. Whoever does it
claims it first, for a while, so that two workers never do the same; a worker that dies leaves the
claim to run out. What the errand does may therefore happen twice only if the worker dies between the
outside call and its note of it: messages carry the errand's own Message-ID, by which mail systems
recognise a repetition.
"""

import logging
from contextvars import ContextVar
from datetime import timedelta
from functools import partial

from celery import current_app
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .models import Errand

logger = logging.getLogger("sala.errands")

CLAIMED_FOR = timedelta(minutes=5)
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=6)
MOST_TRIES = 20
KEPT_FOR = timedelta(days=30)
AT_ONCE = 200

_current: ContextVar[str] = ContextVar("errand", default="")


def current_key() -> str:
    """The key of the errand that is being done in this thread; "" outside of one."""
    return _current.get()


def post(task, *args) -> Errand:
    """Note an errand: `task` is a Celery task that takes `args` (JSON). Call it in the transaction of
    what causes it."""
    errand = Errand.objects.create(task=task.name, args=list(args))
    transaction.on_commit(partial(tell, errand.pk), robust=True)
    return errand


def tell(pk: int) -> None:
    """Have an errand done soon; without a queue the sweeper does it later. Never raises."""
    from .tasks import run_errand

    try:
        run_errand.delay(pk)
    except Exception:  # the queue; what caused the errand has been committed and must be answered
        logger.exception("Could not queue errand %s", pk)


def claim(pk: int, now) -> Errand | None:
    """Take an errand that is due, if nobody else has."""
    due = Errand.objects.filter(pk=pk, done_at=None, due_at__lte=now, tries__lt=MOST_TRIES)
    if not due.update(due_at=now + CLAIMED_FOR, tries=F("tries") + 1):
        return None
    return Errand.objects.get(pk=pk)


def run(pk: int) -> bool:
    """Do an errand unless it is done or somebody is at it. Returns whether it was done now."""
    errand = claim(pk, timezone.now())
    if errand is None:
        return False
    token = _current.set(str(errand.key))
    try:
        current_app.tasks[errand.task].run(*errand.args)
    except Exception:  # what it was about stays whole; it is tried again
        logger.exception("Errand %s (%s) failed", pk, errand.task)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (errand.tries - 1))
        Errand.objects.filter(pk=pk).update(due_at=timezone.now() + pause)
        return False
    finally:
        _current.reset(token)
    Errand.objects.filter(pk=pk).update(done_at=timezone.now())
    return True


def sweep() -> int:
    """Do what is due and nobody has done; forget what was done long ago. Returns how many."""
    now = timezone.now()
    Errand.objects.filter(done_at__lt=now - KEPT_FOR).delete()
    due = Errand.objects.filter(done_at=None, due_at__lte=now, tries__lt=MOST_TRIES)
    return sum(
        run(pk) for pk in list(due.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE])
    )
