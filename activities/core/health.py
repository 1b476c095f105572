"""How the kinds of other packages are: what failed, when, how often.

A failure is noted at once where that is possible; inside a transaction, which may be rolled back, it
waits for the end of the request or of the transaction. Noting it never fails anything else.
"""

import logging
import time
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from django.core.signals import request_finished
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

logger = logging.getLogger("sala.plugins")

FAILING_FOR = timedelta(hours=24)
LONGEST_ERROR = 2000
# A page that fails for everybody must not write for everybody.
SECONDS_BETWEEN_WRITES = 10


@dataclass
class Failure:
    call: str
    error: str
    at: datetime
    count: int = 1


_pending: dict[str, Failure] = {}
_written: dict[str, float] = {}
_lock = Lock()


def failed(name: str, call: str, error: BaseException) -> None:
    """Note that a call of a kind failed."""
    logger.error("The kind %s failed in %s", name, call, exc_info=error)
    with _lock:
        earlier = _pending.get(name)
        _pending[name] = Failure(
            call=call[:60],
            error=described(error),
            at=timezone.now(),
            count=earlier.count + 1 if earlier else 1,
        )
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(flush, robust=True)
    else:
        flush()


def described(error: BaseException) -> str:
    """The error in a line, and the place in the plugin's own files where it was raised."""
    text = f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    if frames:
        last = frames[-1]
        text += f" ({last.filename.rpartition('/')[2]}, line {last.lineno}, in {last.name})"
    return text[:LONGEST_ERROR]


def culprit(error: BaseException) -> str | None:
    """The name of the plugin, or kind of another package, in whose code an error was raised; None
    when it is nobody's but the site's own."""
    from . import plugins, registry

    while error is not None:
        if isinstance(error, registry.KindFailed):
            return str(error)
        for frame, _line in traceback.walk_tb(error.__traceback__):
            plugin = plugins.owner(frame.f_globals.get("__name__", ""))
            if plugin is not None:
                return next(iter(registry.kinds_of(plugin)), plugin.name)
        error = error.__cause__ or error.__context__
    return None


def flush(*, all_of_it: bool = False, **kwargs) -> None:
    """Write what was noted. Kinds written a moment ago wait, unless `all_of_it`."""
    now = time.monotonic()
    with _lock:
        due = [
            name
            for name in _pending
            if all_of_it or now - _written.get(name, -1e9) >= SECONDS_BETWEEN_WRITES
        ]
        taken = {name: _pending.pop(name) for name in due}
        _written.update(dict.fromkeys(due, now))
    for name, failure in taken.items():
        try:
            write(name, failure)
        except DatabaseError:
            logger.exception("Could not note that the kind %s failed", name)


@transaction.atomic
def write(name: str, failure: Failure) -> None:
    from .models import KindHealth

    row, _created = KindHealth.objects.get_or_create(kind=name)
    KindHealth.objects.filter(pk=row.pk).update(
        failures=F("failures") + failure.count,
        last_failed_at=failure.at,
        last_call=failure.call,
        last_error=failure.error,
    )


def flush_after_request(**kwargs) -> None:
    if _pending and not transaction.get_connection().in_atomic_block:
        flush()


def is_failing(row, now=None) -> bool:
    """Whether a kind has failed within the last day."""
    at = row.last_failed_at if row is not None else None
    return at is not None and (now or timezone.now()) - at < FAILING_FOR


def forget() -> None:
    """Drop what was noted and not written, for tests."""
    with _lock:
        _pending.clear()
        _written.clear()


request_finished.connect(flush_after_request, dispatch_uid="activities.core.health")
