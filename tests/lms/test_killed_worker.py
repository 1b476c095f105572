"""A web worker is killed in the middle of requests, many times: every answer that was acknowledged is
there once, and none is there twice."""

import os
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

KILLS = 30
PATIENCE = 120
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
def server(transactional_db, tmp_path):
    """(address, process) of a web server with two workers on the test's database."""
    port = closed_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings.test",
        "LMS_DATABASE_URL": database_url(),
    }
    options = [
        f"--bind=127.0.0.1:{port}",
        "--workers=2",
        "--no-control-socket",
        "--log-level=critical",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "lms.wsgi", *options],
        cwd=settings.BASE_DIR,
        env=environment,
    )
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(URLError, OSError, HTTPException):
            if OPENER.open(f"{address}/healthz", timeout=30).status == 200:
                break
        time.sleep(0.3)
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


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_every_acknowledged_answer_is_there_once(server):
    address, process = server
    course, person, client = (
        make_course("course", lectures=[10], actives=["role_play_solo", "quiz"]),
        UserFactory(),
        Client(),
    )
    page = QuizPage.objects.get(slug="a2")
    page.attempts_max = 0
    page.save_revision().publish()
    settle(course.translation_key)
    enrolled(person, course)
    client.force_login(person)
    session, url = client.cookies["sessionid"].value, f"{address}/th/learn/course/a2/try/"
    stop, killed = threading.Event(), []

    def kill():
        while not stop.is_set() and len(killed) < KILLS:
            for pid in workers_of(process)[:1]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
            stop.wait(0.35)

    killer = threading.Thread(target=kill)
    killer.start()
    acknowledged, number, unanswered = set(), 1, 0
    end = time.monotonic() + PATIENCE
    while len(killed) < KILLS and time.monotonic() < end:
        status = post(url, session, {"action": "hand_in", "attempt": number, "confirm": "1"})
        if status is None:
            unanswered += 1  # perhaps it was written, perhaps not: it is sent again
            continue
        assert status in (302, 409), status
        acknowledged.add(number)
        number += 1
    stop.set()
    killer.join(timeout=30)

    assert len(killed) == KILLS
    assert unanswered > 0
    attempts = Attempt.objects.filter(participation__user=person)
    numbers = sorted(attempts.values_list("number", flat=True))
    assert set(numbers) >= acknowledged
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) <= number
    assert Event.objects.filter(kind="quiz_handed_in", actor=person).count() == len(numbers)
    assert Participation.objects.get(user=person).data["attempts"] == len(numbers)
