"""A PostgreSQL of a test's own, which it may stop as it likes."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.services import leave_out

from .serving import database_url
from .test_without_redis import closed_port

DATABASE = "sala"


def programs() -> Path:
    """Where PostgreSQL's own programs are, the newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    on_path = shutil.which("initdb")
    if not found and not on_path:
        leave_out("needs PostgreSQL's programs (Debian: apt-get install postgresql)")
    return found[0].parent if found else Path(on_path).parent


def as_postgres(*command) -> None:
    """Run a program that refuses to run as root."""
    who = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run([*who, *map(str, command)], check=True, cwd="/", stdout=subprocess.DEVNULL)


class Postgres:
    def __init__(self, folder: Path, options: str):
        self.bin, self.folder, self.data = programs(), folder, folder / "data"
        self.port, self.options = closed_port(), options
        self.url = f"postgres://sala@127.0.0.1:{self.port}/{DATABASE}"
        as_postgres(
            self.bin / "initdb", f"--pgdata={self.data}", "--username=sala", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        self.start()
        with self.asked("postgres") as cursor:
            cursor.execute(f"CREATE DATABASE {DATABASE}")

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 "
            f"-c unix_socket_directories={self.folder} {self.options}"
        )
        self.control("start", f"--options={options}", f"--log={self.folder / 'server.log'}")

    def stop_at_once(self) -> None:
        """As if the machine had lost its power: nothing is finished, nothing is written any more."""
        self.control("stop", "--mode=immediate")

    def control(self, what: str, *options) -> None:
        as_postgres(
            self.bin / "pg_ctl", what, f"--pgdata={self.data}", "--wait", "--silent", *options
        )

    @contextmanager
    def asked(self, database: str = DATABASE):
        address = f"postgres://sala@127.0.0.1:{self.port}/{database}"
        with psycopg.connect(address, autocommit=True) as own, own.cursor() as cursor:
            yield cursor

    def rows(self, statement: str, *values) -> list[tuple]:
        with self.asked() as cursor:
            return cursor.execute(statement, values).fetchall()


@contextmanager
def own_postgres(*, careful: bool = False):
    """Only a `careful` one keeps what it acknowledged when it is stopped at once; it is slower."""
    options = "" if careful else "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    # Not in pytest's folder, which nobody but its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="sala-postgres-"))
    if os.getuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    server = None
    try:
        server = Postgres(folder, options)
        yield server
    finally:
        if server is not None and (server.data / "postmaster.pid").exists():
            server.stop_at_once()
        shutil.rmtree(folder, ignore_errors=True)


def dumped(file: Path) -> Path:
    """The test's database as operators back theirs up (docs/operations.md)."""
    subprocess.run(
        [programs() / "pg_dump", "--format", "custom", "--file", file, database_url()], check=True
    )
    return file


def restored(file: Path, server: Postgres) -> None:
    subprocess.run(
        [programs() / "pg_restore", "--no-owner", "--exit-on-error", "--dbname", server.url, file],
        check=True,
    )
