"""What takes seconds to make is made once, and from then on its rows are written again.

A recording is good for a database that looks as it did before the first making, to the last row, and
for an hour of its clock; otherwise the thing is made anew. Not for tests that commit: what happens on
commit happens elsewhere than in the rows of models.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

GOOD_FOR = timedelta(hours=1)
MOST = 8  # recordings of one thing: databases that began otherwise, or at another time

Rows = dict[str, dict]


@dataclass
class Recording:
    """`written` are rows by key, `removed` the keys of rows that are not there any more, by table."""

    at: datetime
    before: Rows
    written: dict[str, list[tuple]]
    removed: dict[str, list]

    def fits(self, before: Rows, now: datetime) -> bool:
        return self.at <= now < self.at + GOOD_FOR and self.before == before


def tables() -> dict[str, str]:
    """{table: its key's column} of everything that Django manages. Not the full-text tables of SQLite:
    triggers fill them."""
    return {
        model._meta.db_table: model._meta.pk.column
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.pk.column != "rowid"
    }


def snapshot() -> Rows:
    """{table: {key: row}}"""
    found = {}
    with connection.cursor() as cursor:
        for table, key in tables().items():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a table of ours
            at = [column[0] for column in cursor.description].index(key)
            found[table] = {row[at]: row for row in cursor.fetchall()}
    return found


def compare(at: datetime, before: Rows, after: Rows) -> Recording:
    written, removed = {}, {}
    for table, rows in after.items():
        old = before[table]
        if new := [row for key, row in rows.items() if old.get(key) != row]:
            written[table] = new
        if gone := [key for key in old if key not in rows]:
            removed[table] = gone
    return Recording(at, before, written, removed)


def play(recording: Recording) -> None:
    keys = tables()
    with connection.cursor() as cursor:
        for table, gone in recording.removed.items():
            delete(cursor, table, keys[table], gone)
        for table, rows in recording.written.items():
            at = columns(cursor, table).index(keys[table])
            old = recording.before[table]
            delete(cursor, table, keys[table], [row[at] for row in rows if row[at] in old])
            places = ", ".join(["%s"] * len(rows[0]))
            sql = f'INSERT INTO "{table}" VALUES ({places})'  # noqa: S608 - a table of ours
            cursor.executemany(sql, rows)
        if connection.vendor == "postgresql":
            for model in apps.get_models(include_auto_created=True):
                if model._meta.db_table in recording.written:
                    for sql in connection.ops.sequence_reset_sql(no_style(), [model]):
                        cursor.execute(sql)


def columns(cursor, table: str) -> list[str]:
    cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')  # noqa: S608 - a table of ours
    return [column[0] for column in cursor.description]


def delete(cursor, table: str, key: str, gone: list) -> None:
    sql = f'DELETE FROM "{table}" WHERE "{key}" = %s'  # noqa: S608 - a table of ours
    cursor.executemany(sql, [(one,) for one in gone])


def replayed(make: Callable) -> Callable:
    """The function, recorded for each set of plain arguments. What it returns is dropped: ask the
    database afterwards."""
    kept: dict[str, list[Recording]] = {}

    @wraps(make)
    def again(*args, **values) -> None:
        if not (connection.in_atomic_block and plain(args) and plain(values)):
            make(*args, **values)
            return
        recordings = kept.setdefault(repr((args, sorted(values.items()))), [])
        before, now = snapshot(), timezone.now()
        for recording in recordings:
            if recording.fits(before, now):
                play(recording)
                return
        make(*args, **values)
        recordings.insert(0, compare(now, before, snapshot()))
        del recordings[MOST:]

    return again


def plain(value) -> bool:
    """Whether it says by itself what it is, whatever the database holds."""
    if isinstance(value, dict):
        return all(map(plain, value)) and all(map(plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(plain, value))
    return value is None or isinstance(value, str | int | bool)
