"""A migrated database is made once for a set of migrations and copied from then on: a pytest plugin.

Running every migration takes half a minute; a copy takes a moment. The copy's name holds a digest of
all migration files, so that a changed one makes a new copy. `--create-db` leaves it aside.

A test that commits leaves the database as the migrations made it: what differs is written back, to the
row. Django would empty every table and load its own copy again, object by object.
"""

import hashlib
import inspect
import shutil
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.utils import DatabaseError
from django.test import TransactionTestCase

from tests.remember import state_of_database


@cache
def fingerprint() -> str:
    """A digest of the migrations of every installed app."""
    found = hashlib.sha256()
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for key in sorted(loader.disk_migrations):
        file = Path(inspect.getfile(type(loader.disk_migrations[key])))
        found.update(repr(key).encode() + file.read_bytes())
    return found.hexdigest()[:16]


class SqliteCopy:
    def __init__(self, name: str):
        self.file = Path(settings.VAR_DIR) / f"{name}.sqlite3"

    @property
    def target(self) -> Path:
        return Path(connection.creation._get_test_db_name())

    def restore(self) -> bool:
        if not self.file.exists():
            return False
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.target}{ending}").unlink(missing_ok=True)
        shutil.copyfile(self.file, self.target)
        return True

    def keep(self) -> None:
        mine = self.file.with_suffix(f".{id(self)}.new")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(mine)])
        mine.replace(self.file)


class PostgresCopy:
    def __init__(self, name: str):
        self.name = name

    def restore(self) -> bool:
        target = connection.creation._get_test_db_name()
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name])
            if cursor.fetchone() is None:
                return False
            cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{self.name}"')
        return True

    def keep(self) -> None:
        source = connection.settings_dict["NAME"]
        connection.close()
        try:
            with connection.creation._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{source}"')
        except DatabaseError:
            connection.close()  # another worker was first


def begin_at(place: Path) -> bool:
    """For tests that start processes on a file of their own: begin with a migrated one where a run on
    SQLite has left one. Returns whether it did, so that nothing of ours is left to migrate."""
    file = SqliteCopy(f"sala_migrated_{fingerprint()}").file
    there = file.exists()
    if there:
        shutil.copyfile(file, place)
    return there


def copy_of_migrated():
    name = f"sala_migrated_{fingerprint()}"
    return PostgresCopy(name) if connection.vendor == "postgresql" else SqliteCopy(name)


@pytest.fixture(scope="session")
def migrated(request, django_db_modify_db_settings, django_db_createdb, django_db_blocker):
    """(the copy, whether the test database was made from it)"""
    copy = copy_of_migrated()
    if django_db_createdb:
        return copy, False
    with django_db_blocker.unblock():
        return copy, copy.restore()


@pytest.fixture(scope="session")
def django_db_keepdb(migrated):
    return migrated[1]


@pytest.fixture(scope="session")
def django_db_setup(migrated, django_db_setup, django_db_blocker):
    copy, restored = migrated
    with django_db_blocker.unblock():
        if not restored:
            copy.keep()
        state = state_of_database()
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: state.put_back())
    # Django's own copy of what the migrations wrote: nothing has to be loaded at the beginning.
    patch.delattr(connection, "_test_serialized_contents", raising=False)
    yield
    patch.undo()


def pytest_collection_modifyitems(items):
    """A test that commits must put back what migrations wrote: the next one would find neither the
    groups nor the site, and content types under other numbers."""
    for item in items:
        for mark in item.iter_markers("django_db"):
            if mark.kwargs.get("transaction") and not mark.kwargs.get("serialized_rollback"):
                raise pytest.UsageError(
                    f"{item.nodeid}: transaction=True needs serialized_rollback=True"
                )
