"""What a factory once made is put back instead of being made again.

    @remembered
    def make_course(...): ...

A course made by an author's doors costs seconds; its rows cost a moment. The first call runs and is
watched: which tables its statements name, and which rows differ afterwards. A later call with the same
arguments, where the tables named hold the same rows as then, writes those rows and returns the objects
read afresh. Anything else (other rows, a setting or a clock changed by the test, arguments that are not
plain values) runs in full. So what a test finds is what the function would have made, as of some minutes
ago at most.

Where a test commits, nothing can be rolled back: `State.put_back` writes what differs from the migrated
database, which takes the place of Django's flush and loading (tests/database.py).
"""

import copy
import hashlib
import re
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from functools import partial, wraps
from types import SimpleNamespace

from django.conf import UserSettingsHolder, settings
from django.db import connection, models, transaction
from django.utils import timezone, translation
from wagtail.models import Site

PLAIN = (str, int, float, bool, type(None))
FRESH_FOR = 600  # seconds: a remembered row says it was made then
KEPT_EACH = 8

_kept: dict[tuple, list["Recording"]] = {}
_watching: list[set[str]] = []


@dataclass
class Recording:
    before: dict[str, int]  # table: a hash of its rows
    changes: dict[str, tuple[list, list]]  # table: (rows that went, rows that came)
    waiting: list  # what is to run after the commit
    result: object
    state: "State | None" = None  # everything, where the changes alone are not enough
    named: set[str] = field(default_factory=set)


# -- rows ----------------------------------------------------------------------------------------


class SqliteRows:
    """Rows as (rowid, column, …); without the rowid where a table has none.

    A search index that keeps its texts is a table like others. What stands behind it, and views into
    it, follow by themselves.
    """

    def __init__(self):
        found = dict(
            plain_cursor().execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        )
        self.virtual = {n for n, sql in found.items() if sql.upper().startswith("CREATE VIRTUAL")}
        self.indexes = {n for n in self.virtual if "USING FTS5(" in found[n].upper()}
        shadows = tuple(f"{name}_" for name in self.virtual)
        self.tables = sorted(
            name
            for name in found
            if name in self.indexes
            or (name not in self.virtual and not name.startswith(("sqlite_", *shadows)))
        )
        self.without_rowid = {n for n in self.tables if "WITHOUT ROWID" in found[n].upper()}

    def read(self, tables) -> dict[str, list]:
        cursor, rows = plain_cursor(), {}
        for table in tables:
            first = "" if table in self.without_rowid else "rowid, "
            rows[table] = cursor.execute(f'SELECT {first}* FROM "{table}"').fetchall()
        return rows

    def write(self, changes) -> None:
        cursor = plain_cursor()
        for table, (gone, _new) in changes.items():
            if gone and table in self.without_rowid:
                names = [row[1] for row in cursor.execute(f'PRAGMA table_info("{table}")')]
                same = " AND ".join(f'"{name}" IS ?' for name in names)
                cursor.executemany(f'DELETE FROM "{table}" WHERE {same}', gone)
            elif gone:
                ids = [row[:1] for row in gone]
                cursor.executemany(f'DELETE FROM "{table}" WHERE rowid = ?', ids)
        for table, (_gone, new) in changes.items():
            if new and table in self.indexes:
                columns = [row[1] for row in cursor.execute(f'PRAGMA table_info("{table}")')]
                marks = ", ".join("?" * len(new[0]))
                names = ", ".join(["rowid", *columns])
                cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', new)
            elif new:
                values = new if table in self.without_rowid else [row[1:] for row in new]
                marks = ", ".join("?" * len(values[0]))
                cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)


class PostgresRows:
    """Rows in the text form of their table's type."""

    virtual: frozenset = frozenset()
    indexes: frozenset = frozenset()

    def __init__(self):
        found = plain_cursor().execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        )
        self.tables = [name for (name,) in found]

    def read(self, tables) -> dict[str, list]:
        rows = {table: [] for table in tables}
        parts = [f"SELECT '{table}', x::text FROM \"{table}\" x" for table in tables]
        if not parts:
            return rows
        for table, row in plain_cursor().execute(" UNION ALL ".join(parts)):
            rows[table].append(row)
        for found in rows.values():
            found.sort()
        return rows

    def write(self, changes) -> None:
        cursor = plain_cursor()
        for table, (gone, _new) in changes.items():
            if gone:
                sums = [
                    hashlib.md5(row.encode(), usedforsecurity=False).hexdigest() for row in gone
                ]
                cursor.execute(f'DELETE FROM "{table}" x WHERE md5(x::text) = ANY(%s)', [sums])
        for table, (_gone, new) in changes.items():
            if new:
                # One parameter a row: the driver takes long over arrays of long texts.
                rows = ", ".join([f'(%s::"{table}")'] * len(new))
                cursor.execute(
                    f'INSERT INTO "{table}" SELECT (r.row).* FROM (VALUES {rows} OFFSET 0) r(row)',
                    new,
                )


def plain_cursor():
    """A cursor of the driver: what it runs is neither counted nor watched."""
    connection.ensure_connection()
    return connection.connection.cursor()


_rows: dict[str, object] = {}


def rows_of_database():
    name = str(connection.settings_dict["NAME"])
    if name not in _rows:
        made = PostgresRows() if connection.vendor == "postgresql" else SqliteRows()
        _rows[name] = made
    return _rows[name]


def difference(before: dict[str, list], after: dict[str, list]) -> dict[str, tuple[list, list]]:
    changes = {}
    for table, rows in after.items():
        if rows != before[table]:
            old, new = Counter(before[table]), Counter(rows)
            changes[table] = (list((old - new).elements()), list((new - old).elements()))
    return changes


def hashes(rows: dict[str, list]) -> dict[str, int]:
    return {table: hash(tuple(found)) for table, found in rows.items()}


# -- remembering ---------------------------------------------------------------------------------


def remembered(make):
    """Decorate a function that only writes to the database and returns models or plain values."""

    @wraps(make)
    def made(*args, **kwargs):
        plain = is_plain(args) and is_plain(kwargs)
        if not plain or connection.vendor not in ("sqlite", "postgresql"):
            return make(*args, **kwargs)
        key = (
            f"{make.__module__}.{make.__qualname__}",
            repr((args, sorted(kwargs.items()))),
            *surroundings(),
        )
        recording = found(key)
        if recording is None:
            return record(key, partial(make, *args, **kwargs))
        return replay(recording)

    made.unremembered = make
    return made


def is_plain(value) -> bool:
    if isinstance(value, (tuple, list)):
        return all(is_plain(one) for one in value)
    if isinstance(value, dict):
        return all(is_plain(one) for one in value.items())
    return isinstance(value, PLAIN)


@dataclass
class State:
    """All rows of the database at a moment, outside a transaction."""

    rows: dict[str, list] = field(default_factory=dict)
    whole: sqlite3.Connection | None = None  # the file, on SQLite

    def put_back(self) -> None:
        if self.whole is not None:
            connection.ensure_connection()
            self.whole.backup(connection.connection)
            return
        rows = rows_of_database()
        with transaction.atomic():
            rows.write(difference(rows.read(rows.tables), self.rows))


def state_of_database() -> State:
    if connection.vendor != "sqlite":
        rows = rows_of_database()
        return State(rows=rows.read(rows.tables))
    connection.ensure_connection()
    whole = sqlite3.connect(":memory:", check_same_thread=False)
    connection.connection.backup(whole)
    return State(whole=whole)


def surroundings() -> tuple:
    """What else may decide the outcome."""
    return (
        connection.settings_dict["NAME"],
        connection.in_atomic_block,
        translation.get_language(),
        changed_settings(),
        int(timezone.now().timestamp() // FRESH_FOR),
        tuple(name_of(function) for _sids, function, *_rest in connection.run_on_commit),
    )


def changed_settings() -> str:
    holder, found = settings._wrapped, {}
    while isinstance(holder, UserSettingsHolder):
        for name, value in vars(holder).items():
            if name.isupper():
                found.setdefault(name, repr(value))
        holder = holder.default_settings
    return repr(sorted(found.items()))


def name_of(function) -> str:
    inner = getattr(function, "func", function)
    return f"{inner.__module__}.{inner.__qualname__}"


def backed_up() -> bool:
    """Whether the whole file is kept: on SQLite without a transaction."""
    return connection.vendor == "sqlite" and not connection.in_atomic_block


def found(key) -> Recording | None:
    rows, seen = rows_of_database(), {}
    for recording in reversed(_kept.get(key, ())):
        missing = [table for table in recording.before if table not in seen]
        seen |= hashes(rows.read(missing))
        if all(seen[table] == value for table, value in recording.before.items()):
            return recording
    return None


def record(key, make):
    rows, named = rows_of_database(), set()
    waiting = list(connection.run_on_commit)
    before = rows.read(rows.tables)
    known = set(rows.tables)

    def watch(execute, sql, params, many, context):
        words = set(re.findall(r"\w+", sql))
        named.update(words & known)
        if words & rows.virtual:
            named.update(rows.indexes)
        return execute(sql, params, many, context)

    _watching.append(named)
    try:
        with connection.execute_wrapper(watch):
            result = make()
    finally:
        _watching.pop()
        for outer in _watching:
            outer |= named
    state = state_of_database() if backed_up() else None
    if connection.run_on_commit[: len(waiting)] != waiting and state is None:
        return result
    changes = difference(before, rows.read(rows.tables))
    compared = {table: before[table] for table in named | set(changes)}
    recordings = _kept.setdefault(key, [])
    recordings.append(
        Recording(
            before=hashes(compared),
            changes=changes,
            waiting=connection.run_on_commit[len(waiting) :],
            result=reference(result),
            state=state,
            named=named | set(changes),
        )
    )
    del recordings[:-KEPT_EACH]
    return result


def replay(recording: Recording):
    for outer in _watching:
        outer |= recording.named
    rows = rows_of_database()
    if recording.state is not None:
        others = [table for table in rows.tables if table not in recording.before]
        kept = rows.read(others)
        recording.state.put_back()
        with transaction.atomic():
            rows.write(difference(rows.read(others), kept))
    else:
        with transaction.atomic():
            rows.write(recording.changes)
    for _sids, function, *robust in recording.waiting:
        connection.run_on_commit.append((set(connection.savepoint_ids), function, *robust))
    Site.clear_site_root_paths_cache()
    return read_again(recording.result)


@dataclass(frozen=True)
class Reference:
    model: type[models.Model]
    pk: object


def reference(value):
    if isinstance(value, models.Model):
        return Reference(type(value), value.pk)
    if isinstance(value, dict):
        return {key: reference(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(reference(one) for one in value)
    if isinstance(value, SimpleNamespace):
        return SimpleNamespace(**reference(vars(value)))
    return value


def read_again(value):
    if isinstance(value, Reference):
        return value.model._base_manager.get(pk=value.pk)
    if isinstance(value, dict):
        return {key: read_again(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(read_again(one) for one in value)
    if isinstance(value, SimpleNamespace):
        return SimpleNamespace(**read_again(vars(value)))
    return copy.deepcopy(value)
