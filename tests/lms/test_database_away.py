"""The database stands still, stops at once or refuses: people read so, and nothing acknowledged is lost."""

import json
import sqlite3
import threading
from urllib.error import HTTPError

import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse

from lms.database import is_away
from tests.factories.courses import enrolled
from tests.factories.people import UserFactory

from .own_postgres import dumped, own_postgres, restored
from .serving import OPENER, Sender, course_of_many_attempts, wait_until, web_server
from .test_without_redis import closed_port

SENDERS = 20
TYPED = "ข้าพเจ้าจะตรวจสอบผู้ส่งก่อนเปิดลิงก์ทุกครั้ง"


def wrapped(kind, cause):
    """An error as Django raises it for one of the database's driver."""
    try:
        raise kind(*cause.args) from cause
    except kind as error:
        return error


def raised_by(function) -> Exception:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever the driver raises
        function()
    return raised.value


def no_such_table() -> Exception:
    return raised_by(lambda: sqlite3.connect(":memory:").execute("SELECT * FROM nothing"))


def locked(path) -> Exception:
    """SQLite's own error when somebody else is writing."""
    with sqlite3.connect(path) as one, sqlite3.connect(path, timeout=0) as other:
        one.execute("CREATE TABLE a (b)")
        one.commit()
        one.execute("BEGIN IMMEDIATE")
        error = raised_by(lambda: other.execute("BEGIN IMMEDIATE"))
        one.rollback()
    return error


def test_what_is_away_and_what_is_a_mistake(tmp_path):
    refused = raised_by(
        lambda: psycopg.connect(
            f"postgres://sala@127.0.0.1:{closed_port()}/sala", connect_timeout=2
        )
    )
    assert is_away(wrapped(OperationalError, refused))
    assert is_away(wrapped(OperationalError, psycopg.errors.AdminShutdown("shut down")))
    assert is_away(wrapped(OperationalError, psycopg.errors.TooManyConnections("too many")))
    assert is_away(wrapped(InterfaceError, psycopg.InterfaceError("the connection is closed")))
    assert is_away(wrapped(OperationalError, locked(tmp_path / "locked.sqlite3")))
    assert not is_away(wrapped(OperationalError, no_such_table()))
    assert not is_away(wrapped(OperationalError, psycopg.errors.DeadlockDetected("deadlock")))
    assert not is_away(ValueError("locked"))
    assert not is_away(None)


@pytest.fixture
def gone(monkeypatch):
    """Whoever asks the database hears what psycopg says when nobody listens at its address."""
    cause = raised_by(
        lambda: psycopg.connect(
            f"postgres://sala@127.0.0.1:{closed_port()}/sala", connect_timeout=2
        )
    )

    def refuse(*args, **kwargs):
        raise OperationalError(*cause.args) from cause

    browser = Client(raise_request_exception=False)

    def off():
        monkeypatch.setattr(BaseDatabaseWrapper, "cursor", refuse)

    yield browser, off
    monkeypatch.undo()


@pytest.mark.django_db
class TestThePage:
    @pytest.mark.parametrize(
        ("language", "words"),
        [("th", "ขณะนี้ศาลาติดต่อฐานข้อมูลไม่ได้"), ("en", "Sala cannot reach its data")],
    )
    def test_says_so_with_what_was_typed(self, gone, language, words):
        browser, off = gone
        browser.force_login(UserFactory())
        off()
        answer = browser.post(f"/{language}/learn/course/item/", {"text": TYPED, "action": "send"})
        assert answer.status_code == 503
        assert answer["Retry-After"] == "15" and answer["Cache-Control"] == "no-store"
        assert words in answer.text and TYPED in answer.text
        assert f'<html lang="{language}"' in answer.text

    def test_a_password_is_not_repeated(self, gone):
        browser, off = gone
        off()
        data = {"login": "somchai@sala.example", "password": "correct-horse-battery"}
        answer = browser.post(reverse("account_login"), data)
        assert answer.status_code == 503
        assert "correct-horse-battery" not in answer.text

    def test_programs_read_it_as_json(self, gone):
        browser, off = gone
        off()
        answer = browser.get("/api/v1/search", {"q": "ภัย", "language": "th"})
        assert answer.status_code == 503 and "detail" in json.loads(answer.content)
        answer = browser.get(
            "/th/search/suggest/", {"q": "ภัย"}, headers={"accept": "application/json"}
        )
        assert answer.status_code == 503 and "detail" in json.loads(answer.content)

    def test_the_health_check_says_so(self, gone):
        browser, off = gone
        assert browser.get("/healthz").status_code == 200
        off()
        assert browser.get("/healthz").status_code == 503

    def test_a_mistake_of_ours_is_one(self, monkeypatch):
        mistake = no_such_table()

        def broken(*args, **kwargs):
            raise OperationalError(*mistake.args) from mistake

        browser = Client(raise_request_exception=False)
        with monkeypatch.context() as patched:
            patched.setattr(BaseDatabaseWrapper, "cursor", broken)
            answer = browser.get("/th/courses/")
        assert answer.status_code == 500
        assert "Retry-After" not in answer


@pytest.mark.services("LMS_TEST_POSTGRES_URL", "postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_everything_acknowledged_survives_postgresql_stopping_at_once(tmp_path):
    """Twenty people hand in; the server of the database is stopped as by a power cut, and started again."""
    course = course_of_many_attempts()
    sending, stop = threading.Event(), threading.Event()
    people = UserFactory.create_batch(SENDERS)
    for person in people:
        enrolled(person, course)
    with own_postgres(careful=True) as database:
        # Sessions are among what is copied, so they are made before.
        senders = [Sender("", person, sending, stop) for person in people]
        restored(dumped(tmp_path / "sala.dump"), database)
        with web_server(database.url, "--workers=2", "--threads=10", "--preload") as (address, _p):
            for sender in senders:
                sender.url = f"{address}/th/learn/course/a2/try/"
                sender.start()
            wait_until(lambda: all(len(sender.acknowledged) >= 2 for sender in senders))
            database.stop_at_once()
            wait_until(lambda: all(sender.away for sender in senders))
            before = {sender: len(sender.acknowledged) for sender in senders}
            assert status_of(f"{address}/healthz") == 503
            database.start()
            wait_until(lambda: all(len(s.acknowledged) >= before[s] + 2 for s in senders))
            stop.set()
            for sender in senders:
                sender.join(timeout=60)
            assert status_of(f"{address}/healthz") == 200

        assert [sender.refused for sender in senders] == [[]] * SENDERS
        assert {again for sender in senders for again in sender.away} == {"15"}
        for sender in senders:
            rows = database.rows(
                "SELECT a.number FROM activities_attempt a JOIN activities_participation p "
                "ON p.id = a.participation_id WHERE p.user_id = %s ORDER BY a.number",
                sender.person.pk,
            )
            numbers = [number for (number,) in rows]
            assert set(numbers) >= sender.acknowledged
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) <= len(sender.acknowledged) + 1


def status_of(address: str) -> int:
    try:
        return OPENER.open(address, timeout=30).status
    except HTTPError as error:
        return error.code
