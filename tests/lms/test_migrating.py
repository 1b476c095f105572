"""The database is brought up to date while people work: nobody waits for long."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from .own_postgres import dumped, own_postgres, restored

SCRIPT = Path(settings.BASE_DIR) / "deploy" / "migrate.py"
# A change as if it were yet to come: an index is made anew, for which nobody else may be in its table.
APP, LAST, TABLE = "workshop", "0003", "workshop_review"
# What it waits for the table at most, and what a busy machine takes besides.
LONGEST = 4 + 4


def migrating(address: str, *target: str) -> subprocess.Popen:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings.test",
        "LMS_DATABASE_URL": address,
    }
    return subprocess.Popen(
        [sys.executable, SCRIPT, *target],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def applied(database) -> set[str]:
    rows = database.rows("SELECT name FROM django_migrations WHERE app = %s", APP)
    return {name.partition("_")[0] for (name,) in rows}


@pytest.mark.services("LMS_TEST_POSTGRES_URL", "postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_works_in_a_table_makes_nobody_wait_behind_a_migration(tmp_path):
    with own_postgres() as database:
        restored(dumped(tmp_path / "sala.dump"), database)
        with database.asked() as cursor:
            cursor.execute(
                "DELETE FROM django_migrations WHERE app = %s AND starts_with(name, %s)",
                [APP, LAST],
            )
        waits: list[float] = []
        with psycopg.connect(database.url) as busy:
            busy.execute(f"LOCK TABLE {TABLE} IN ROW EXCLUSIVE MODE")
            migration, said = migrating(database.url), []
            reading = threading.Thread(target=lambda: said.extend(migration.stdout), daemon=True)
            reading.start()
            end = time.monotonic() + 120
            while not any("attempt 1" in line for line in said):
                assert time.monotonic() < end and migration.poll() is None, said
                began = time.monotonic()
                database.rows(f"SELECT count(*) FROM {TABLE}")  # noqa: S608 - the constant above
                waits.append(time.monotonic() - began)
                time.sleep(0.05)
            assert LAST not in applied(database)
        # Nobody is in the table any more.
        assert migration.wait(timeout=120) == 0, said
        reading.join(timeout=10)
        assert LAST in applied(database)
        assert 1 < max(waits) < LONGEST


@pytest.mark.services("LMS_TEST_POSTGRES_URL", "postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_is_no_waiting_is_told_at_once(tmp_path):
    with own_postgres() as database:
        migration = migrating(database.url, "no_such_app")
        assert migration.wait(timeout=120) != 0
        assert "no_such_app" in migration.stdout.read()
