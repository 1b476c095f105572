"""A real web server on the test's database, and people who hand in attempts through it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.db import connection
from django.test import Client

from activities.quiz.models import QuizPage
from courses.releases.settle import settle
from tests.factories.courses import make_course

from .test_without_redis import closed_port

PATIENCE = 180
TOKEN = "a" * 32


class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


OPENER = build_opener(NoRedirect)


def database_url() -> str:
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return (
        f"postgres://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/"
        f"{values['NAME']}"
    )


@contextmanager
def web_server(
    database: str, *options: str, environment: dict[str, str] | None = None
) -> Iterator[tuple[str, subprocess.Popen]]:
    """(address, process) of a web server on a database, with these options of Gunicorn and in this
    environment besides."""
    port = closed_port()
    whole = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings.test",
        "LMS_DATABASE_URL": database,
        **(environment or {}),
    }
    own = [f"--bind=127.0.0.1:{port}", "--no-control-socket", "--log-level=critical"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "tests.lms.warm_wsgi", *own, *options],
        cwd=settings.BASE_DIR,
        env=whole,
    )
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(URLError, OSError, HTTPException):
            if OPENER.open(f"{address}/healthz", timeout=30).status == 200:
                break
        time.sleep(0.1)
    try:
        yield address, process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        process.kill()
        process.wait()


def course_of_many_attempts():
    """A course whose quiz `a2` may be handed in as often as one likes."""
    course = make_course("course", lectures=[10], actives=["role_play_solo", "quiz"])
    page = QuizPage.objects.get(slug="a2")
    page.attempts_max = 0
    page.save_revision().publish()
    settle(course.translation_key)
    return course


def wait_until(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.1)


def post(url: str, session: str, data: dict) -> tuple[int | None, str]:
    """(status of the answer or None when there was none, after how many seconds it says to try again)"""
    request = Request(
        url,
        data=urlencode({**data, "csrfmiddlewaretoken": TOKEN}).encode(),
        headers={"Cookie": f"sessionid={session}; csrftoken={TOKEN}"},
    )
    try:
        return OPENER.open(request, timeout=60).status, ""
    except HTTPError as error:
        return error.code, error.headers.get("Retry-After", "")
    except (URLError, OSError, HTTPException):
        return None, ""


class Sender(threading.Thread):
    """Someone who hands in one attempt after the other, each until it was acknowledged."""

    def __init__(self, url: str, person, sending: threading.Event, stop: threading.Event):
        super().__init__(daemon=True)
        browser = Client()
        browser.force_login(person)
        self.url, self.session = url, browser.cookies["sessionid"].value
        self.person, self.sending, self.stop = person, sending, stop
        self.acknowledged, self.unanswered, self.refused, self.took = set(), 0, [], 0.05
        # What the answers said that ask to try again.
        self.away: list[str] = []

    def run(self):
        number = 1
        while not self.stop.is_set():
            self.sending.set()
            began = time.monotonic()
            data = {"action": "hand_in", "attempt": number, "confirm": "1"}
            status, again = post(self.url, self.session, data)
            if status is None:
                self.unanswered += 1  # perhaps it was written, perhaps not: it is sent again
            elif status == 503:
                self.away.append(again)
                time.sleep(0.1)
            elif status in (302, 409):
                self.acknowledged.add(number)
                self.took = time.monotonic() - began
                number += 1
            else:
                self.refused.append(status)
                return
