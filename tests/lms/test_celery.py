"""With a broker: a real worker and a real beat settle what nobody told of."""

import os
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing

import pytest
from django.conf import settings

from tests.database import begin_at

PATIENCE = 60


@pytest.mark.services("LMS_TEST_REDIS_URL")
def test_the_sweep_runs_in_a_worker(tmp_path):
    database = tmp_path / "celery.sqlite3"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
        "LMS_DATABASE_URL": f"sqlite:///{database}",
        "LMS_REDIS_URL": os.environ["LMS_TEST_REDIS_URL"],
        "LMS_SETTLE_EVERY_SECONDS": "2",
    }
    program = [sys.executable, "-m", "celery", "-A", "lms"]
    if not begin_at(database):
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
        subprocess.run(migrate, cwd=settings.BASE_DIR, env=environment, check=True, timeout=240)
    course = uuid.uuid4().hex
    with closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        connection.execute(
            "INSERT INTO releases_coursestate (course, status, slug, dirty, problems)"
            " VALUES (?, 'draft', '', 1, '[]')",
            [course],
        )

    with (
        open(tmp_path / "worker.log", "wb") as worker_log,
        open(tmp_path / "beat.log", "wb") as beat_log,
    ):
        worker = subprocess.Popen(
            [*program, "worker", "--pool=solo", "--loglevel=INFO", f"--hostname={course}@%h"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=worker_log,
            stderr=subprocess.STDOUT,
        )
        beat = subprocess.Popen(
            [*program, "beat", f"--schedule={tmp_path / 'schedule'}", "--pidfile="],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=beat_log,
            stderr=subprocess.STDOUT,
        )
        try:
            found = wait_until_settled(database)
        finally:
            for process in (beat, worker):
                process.terminate()
            for process in (beat, worker):
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
    said = (tmp_path / "worker.log").read_text() + (tmp_path / "beat.log").read_text()
    assert found is not None, said[-4000:]
    settled_at, dirty = found
    assert settled_at
    assert not dirty


def wait_until_settled(database):
    """(settled_at, dirty) of the one course, or None when it was not settled in time."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            row = connection.execute(
                "SELECT settled_at, dirty FROM releases_coursestate WHERE settled_at IS NOT NULL"
            ).fetchone()
        if row:
            return row
        time.sleep(0.5)
    return None
