"""Telling a database that is away from a mistake of ours."""

from django.db import InterfaceError, OperationalError

# Classes of SQLSTATE (PostgreSQL, appendix A): no connection, no room or too many connections, an
# operator's intervention such as a shutdown.
AWAY = ("08", "53", "57P")
# What SQLite says when somebody else has been writing for too long; its errors have no number here.
BUSY = ("locked", "busy")


def is_away(error: BaseException | None) -> bool:
    """Whether the database does not answer, or not now: the same request may succeed in a while."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if (type(cause or error).__module__).startswith("sqlite3"):
        return any(word in str(error) for word in BUSY)
    state = getattr(cause, "sqlstate", None)
    # A connection that breaks, or is refused, ends without any SQLSTATE.
    return state is None or state.startswith(AWAY)
