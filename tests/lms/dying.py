"""A worker that dies where a test tells it to: mail goes into a file, and commits are watched.

A test puts an empty file with the name of a moment into the folder SALA_TEST_KILLS. The process that
comes to the moment takes the file away and is killed:

    before-mail, after-mail                                the message is handed over to the mail system
    before-commit-<table>, after-commit-<table>            a transaction that writes to the table
    before-commit-<table>.<column>, …                      an update that begins with the column
    worker-before-mail                                     its parent is killed as well
"""

import os
import re
import signal
from pathlib import Path

from django.core.mail.backends.base import BaseEmailBackend
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

WRITES = re.compile(r'^(?:INSERT INTO|DELETE FROM|UPDATE) "(\w+)"(?: SET "(\w+)")?')


def moment(name: str) -> None:
    file = Path(os.environ["SALA_TEST_KILLS"]) / name
    try:
        file.unlink()
    except FileNotFoundError:
        return
    if name.startswith("worker-"):
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages):
        moment("worker-before-mail")
        moment("before-mail")
        with Path(os.environ["SALA_TEST_MAIL"]).open("a") as file:
            for message in email_messages:
                file.write(message.extra_headers["Message-ID"] + "\n")
        moment("after-mail")
        return len(email_messages)


def moments(when: str, written: list[str]) -> None:
    for name in written:
        moment(f"{when}-commit-{name}")


def watch(connection, **kwargs) -> None:
    connection.written = []
    if note_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(note_writes)


def note_writes(execute, sql, params, many, context):
    connection = context["connection"]
    found = WRITES.match(sql)
    written = [found[1], *([f"{found[1]}.{found[2]}"] if found[2] else [])] if found else []
    if connection.in_atomic_block:
        connection.written += written
        return execute(sql, params, many, context)
    moments("before", written)  # a statement of its own commits by itself
    answer = execute(sql, params, many, context)
    moments("after", written)
    return answer


def commit(connection, original=BaseDatabaseWrapper._commit):
    written = list(dict.fromkeys(connection.written))
    connection.written = []
    moments("before", written)
    answer = original(connection)
    moments("after", written)
    return answer


BaseDatabaseWrapper._commit = commit
connection_created.connect(watch)
