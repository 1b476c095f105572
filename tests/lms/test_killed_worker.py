"""A web worker is killed in the middle of requests, many times: every answer that was acknowledged is
there once, and none is there twice."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from activities.core.models import Attempt, Event, Participation
from activities.quiz.models import QuizPage
from courses.releases.settle import settle
from tests.factories.courses import enrolled, make_course
from tests.factories.people import UserFactory

from .test_without_redis import closed_port

KILLS = 200
WORKERS = 3
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


@pytest.fixture
def server(transactional_db):
    """(address, process) of a web server with three workers on the test's database."""
    port = closed_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings.test",
        "LMS_DATABASE_URL": database_url(),
    }
    options = [
        f"--bind=127.0.0.1:{port}",
        f"--workers={WORKERS}",
        "--preload",
        "--no-control-socket",
        "--log-level=critical",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "tests.lms.warm_wsgi", *options],
        cwd=settings.BASE_DIR,
        env=environment,
    )
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(URLError, OSError, HTTPException):
            if OPENER.open(f"{address}/healthz", timeout=30).status == 200:
                break
        time.sleep(0.1)
    yield address, process
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=20)
    process.kill()
    process.wait()


def workers_of(process) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


def post(url: str, session: str, data: dict) -> int | None:
    """The status of the answer; None when there was none."""
    request = Request(
        url,
        data=urlencode({**data, "csrfmiddlewaretoken": TOKEN}).encode(),
        headers={"Cookie": f"sessionid={session}; csrftoken={TOKEN}"},
    )
    try:
        return OPENER.open(request, timeout=60).status
    except HTTPError as error:
        return error.code
    except (URLError, OSError, HTTPException):
        return None


class Sender(threading.Thread):
    """Someone who hands in one attempt after the other, each until it was acknowledged."""

    def __init__(self, url: str, person, sending: threading.Event, stop: threading.Event):
        super().__init__(daemon=True)
        browser = Client()
        browser.force_login(person)
        self.url, self.session = url, browser.cookies["sessionid"].value
        self.person, self.sending, self.stop = person, sending, stop
        self.acknowledged, self.unanswered, self.refused, self.took = set(), 0, [], 0.05

    def run(self):
        number = 1
        while not self.stop.is_set():
            self.sending.set()
            began = time.monotonic()
            data = {"action": "hand_in", "attempt": number, "confirm": "1"}
            status = post(self.url, self.session, data)
            if status is None:
                self.unanswered += 1  # perhaps it was written, perhaps not: it is sent again
            elif status in (302, 409):
                self.acknowledged.add(number)
                self.took = time.monotonic() - began
                number += 1
            else:
                self.refused.append(status)
                return


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_every_acknowledged_answer_is_there_once(server):
    address, process = server
    course = make_course("course", lectures=[10], actives=["role_play_solo", "quiz"])
    page = QuizPage.objects.get(slug="a2")
    page.attempts_max = 0
    page.save_revision().publish()
    settle(course.translation_key)
    sending, stop, killed = threading.Event(), threading.Event(), 0
    senders = []
    for _n in range(WORKERS):
        person = UserFactory()
        enrolled(person, course)
        senders.append(Sender(f"{address}/th/learn/course/a2/try/", person, sending, stop))
    for sender in senders:
        sender.start()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not any(sender.refused for sender in senders):
        # A worker that dies before it accepts a request leaves it to the next one: what goes unanswered
        # was killed in the middle.
        if killed >= KILLS and sum(sender.unanswered for sender in senders) >= KILLS:
            break
        sending.wait(timeout=5)
        sending.clear()
        time.sleep(random.uniform(0, 1.3) * max(sender.took for sender in senders))
        for pid in workers_of(process):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
    stop.set()
    for sender in senders:
        sender.join(timeout=60)

    assert [sender.refused for sender in senders] == [[]] * WORKERS
    assert killed >= KILLS
    assert sum(sender.unanswered for sender in senders) >= KILLS
    for sender in senders:
        assert not sender.is_alive() and sender.acknowledged
        attempts = Attempt.objects.filter(participation__user=sender.person)
        numbers = sorted(attempts.values_list("number", flat=True))
        assert set(numbers) >= sender.acknowledged
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) <= len(sender.acknowledged) + 1
        handed_in = Event.objects.filter(kind="quiz_handed_in", actor=sender.person)
        assert handed_in.count() == len(numbers)
        participation = Participation.objects.get(user=sender.person)
        assert participation.data["attempts"] == len(numbers)
