"""The site is backed up and restored on an empty machine as docs/operations.md says: everything is there, and
certificates verify."""

import hashlib
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.lms.own_postgres import dumped, own_postgres, restored
from tests.lms.serving import OPENER, web_server

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "operations.md"
# Somebody attaches a file, and an author a picture.
FILES = """
from io import BytesIO
from activities.core.attachments import store
from activities.core.models import Participation
from django.core.files.images import ImageFile
from tests.factories import uploads
from wagtail.images import get_image_model
notes = uploads.upload("notes.txt", "บันทึกการประชุม".encode())
store.attach(Participation.objects.order_by("pk").first(), "worksheet-evidence", [notes])
drawn = ImageFile(BytesIO(uploads.picture()), name="sala.jpg")
get_image_model().objects.create(title="ศาลา", file=drawn)
"""
# Written by PostgreSQL and SQLite themselves.
OWN = re.compile(r"sqlite_|search_fts_")


class Site:
    """A machine: a database and two folders of files."""

    def __init__(self, database: str, folder: Path):
        self.database = database
        self.media, self.attachments = folder / "media", folder / "attachments"
        for one in (self.media, self.attachments):
            one.mkdir(parents=True)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
            "LMS_DEBUG": "0",
            "LMS_DATABASE_URL": self.database,
            "LMS_MEDIA_ROOT": str(self.media),
            "LMS_ATTACHMENTS_ROOT": str(self.attachments),
        }

    def run(self, *command) -> None:
        subprocess.run(
            [str(part) for part in command],
            check=True,
            cwd=settings.BASE_DIR,
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
        )

    @contextmanager
    def asked(self):
        if self.database.startswith("sqlite"):
            with sqlite3.connect(self.database.removeprefix("sqlite:///")) as own:
                yield own.cursor()
        else:
            with psycopg.connect(self.database) as own, own.cursor() as cursor:
                yield cursor

    def tables(self) -> dict[str, tuple[int, str]]:
        """{table: (rows, checksum of all of them)}"""
        result = {}
        with self.asked() as cursor:
            for table in self.names(cursor):
                rows = cursor.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - its own names
                lines = "\n".join(sorted(repr(row) for row in rows))
                result[table] = len(rows), hashlib.sha256(lines.encode()).hexdigest()
        return result

    def names(self, cursor) -> list[str]:
        if self.database.startswith("sqlite"):
            every = "SELECT name FROM sqlite_master WHERE type = 'table'"
        else:
            every = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        names = [name for (name,) in cursor.execute(every).fetchall()]
        return sorted(name for name in names if not OWN.match(name))

    def files(self) -> dict[str, str]:
        return {
            f"{root.name}/{path.relative_to(root)}": hashlib.sha256(path.read_bytes()).hexdigest()
            for root in (self.media, self.attachments)
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def machines(transactional_db, tmp_path):
    """(a site with the demo's people and their work, an empty machine)"""
    if connection.vendor == "sqlite":
        here = Site(f"sqlite:///{tmp_path / 'here.sqlite3'}", tmp_path / "here")
        with sqlite3.connect(tmp_path / "here.sqlite3") as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        there = Site(f"sqlite:///{tmp_path / 'there.sqlite3'}", tmp_path / "there")
        yield here, there
        return
    with own_postgres() as one, own_postgres() as other:
        restored(dumped(tmp_path / "schema.dump"), one)
        yield Site(one.url, tmp_path / "here"), Site(other.url, tmp_path / "there")


def backed_up(here: Site, folder: Path) -> None:
    if here.database.startswith("sqlite"):
        # `.backup` of the command sqlite3 is this function of SQLite.
        with here.asked() as cursor, sqlite3.connect(folder / "sala.sqlite3") as copy:
            cursor.connection.backup(copy)
    else:
        here.run("pg_dump", "--format", "custom", "--file", folder / "sala.dump", here.database)
    here.run("tar", "-C", here.media, "-cf", folder / "media.tar", ".")
    here.run("tar", "-C", here.attachments, "-cf", folder / "attachments.tar", ".")


def restored_on(there: Site, folder: Path) -> None:
    if there.database.startswith("sqlite"):
        there.run("cp", folder / "sala.sqlite3", there.database.removeprefix("sqlite:///"))
    else:
        there.run("pg_restore", "--no-owner", "--dbname", there.database, folder / "sala.dump")
    there.run("tar", "-C", there.media, "-xf", folder / "media.tar")
    there.run("tar", "-C", there.attachments, "-xf", folder / "attachments.tar")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_everything_is_there_after_a_restore(machines, tmp_path):
    here, there = machines
    here.run(sys.executable, "manage.py", "demo")
    here.run(sys.executable, "manage.py", "shell", "--command", FILES)
    before, files = here.tables(), here.files()
    assert before["certificates_certificate"][0] and before["activities_participation"][0]
    assert {name.partition("/")[0] for name in files} == {"attachments", "media"}
    backup = tmp_path / "backup"
    backup.mkdir()
    backed_up(here, backup)
    restored_on(there, backup)
    assert there.tables() == before
    assert there.files() == files

    with there.asked() as cursor:
        codes = cursor.execute("SELECT code FROM certificates_certificate").fetchall()
    with web_server(there.database, environment=there.environment) as (address, _process):
        for (code,) in codes:
            page = OPENER.open(f"{address}/th/certificates/{code}/", timeout=30)
            assert page.status == 200 and code in page.read().decode()
    there.run(sys.executable, "manage.py", "check", "--database", "default")


@pytest.mark.parametrize(
    "command",
    [
        'pg_dump --format custom --file sala-$(date +%F).dump "$LMS_DATABASE_URL"',
        'tar -C "$LMS_MEDIA_ROOT" -cf media-$(date +%F).tar .',
        'tar -C "$LMS_ATTACHMENTS_ROOT" -cf attachments-$(date +%F).tar .',
        'pg_restore --no-owner --dbname "$LMS_DATABASE_URL" sala-2026-11-23.dump',
        'tar -C "$LMS_MEDIA_ROOT" -xf media-2026-11-23.tar',
        'tar -C "$LMS_ATTACHMENTS_ROOT" -xf attachments-2026-11-23.tar',
    ],
)
def test_the_guide_says_what_is_tested_here(command):
    assert command in DOCUMENT.read_text(encoding="utf-8")
