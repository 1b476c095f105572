"""Whoever decides something about other people while one of them erases the account.

Erasing takes the person's row first and then whatever hangs on it. Who decides about somebody takes
rows that hang on the person, and then needs the person's own, which every new row that names the person
does. In that order the two would wait for one another for ever, so everybody holds the person first
(`hold_person`, `hold`) and only then the run, the application, the enrolment, the participation.

Holding keeps the account from being erased meanwhile, and keeps nobody else waiting: the person goes on
learning, and others decide something else. What still ends in a deadlock, the database ends by undoing
one of the two; `once_more` does that one again.
"""

from collections.abc import Iterable
from functools import wraps

from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from .errors import Refused

DEADLOCK = "40P01"
TRIES = 3


def hold(people: Iterable[int]) -> set[int]:
    """Keep these accounts (keys) from being erased until the transaction ends. Returns those that are
    not erased; call it before locking anything that hangs on them. One query."""
    keys = sorted({pk for pk in people if pk is not None})
    model = get_user_model()
    if not keys:
        return set()
    if connection.vendor != "postgresql":  # SQLite lets one write at a time
        return set(
            model.objects.filter(pk__in=keys, erased_at__isnull=True).values_list("pk", flat=True)
        )
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        # Django has no KEY SHARE: what a foreign key takes, so that nobody but erasing is kept waiting.
        cursor.execute(
            f"SELECT id FROM {table} WHERE id = ANY(%s) AND erased_at IS NULL "  # noqa: S608 - own name
            "ORDER BY id FOR KEY SHARE",
            [keys],
        )
        return {pk for (pk,) in cursor.fetchall()}


def hold_person(pk: int) -> None:
    """The same for one. Raises `Refused` 409 for somebody who has erased the account: what was decided
    would be kept of a person who is to be forgotten."""
    if not hold([pk]):
        raise erased()


def erased() -> Refused:
    return Refused(
        _("This person has erased the account meanwhile. Nothing was changed."),
        code="account_erased",
        status=409,
    )


def once_more(function):
    """Do a function that is a transaction of its own again when the database undid it to end a deadlock.
    Inside of another transaction it is that one's business."""

    @wraps(function)
    def again(*args, **kwargs):
        for attempt in range(1, TRIES + 1):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                within = connection.in_atomic_block
                if within or attempt == TRIES or not is_deadlock(error):
                    raise
        raise AssertionError  # pragma: no cover - the loop returns or raises

    return again


def is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == DEADLOCK
