"""A real Redis stands still, is killed, and comes back empty, under a real web server and a real worker.

The outage lasts longer than every time limit that a request could wait for, so that a longer one would
show nothing else: after the first failure Redis is left alone for a while, and each later question
waits no longer than the first.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPException
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
import redis
from django.conf import settings

from activities.core import errands
from activities.core.models import Errand, Participation
from courses.enrolment.models import Enrolment
from lms.cache import LEFT_ALONE
from lms.settings import base
from tests.factories.courses import make_course
from tests.factories.people import PASSWORD, UserFactory
from tests.services import leave_out

from .serving import database_url
from .test_without_redis import closed_port

pytestmark = [
    pytest.mark.services("LMS_TEST_REDIS_URL", "postgresql"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

PATIENCE = 120
# Seconds: what a cache or a queue may wait for, and how long Redis is left alone afterwards.
LONGEST_WAIT = 2
OUTAGE = LONGEST_WAIT + LEFT_ALONE + 1
# A request asks the cache, then the queue: each may wait once. The rest is the work of a busy machine.
LONGEST_REQUEST = 3 * LONGEST_WAIT + 4


class Redis:
    """A Redis of this test's own, without anything on disk."""

    def __init__(self, folder):
        self.folder, self.port = folder, closed_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
            + ["--appendonly", "no", "--dir", str(self.folder), "--logfile", "redis.log"]
        )
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        wait_for(lambda: client.ping(), redis.RedisError)
        # Empty, also when it comes back; a worker that waits for it may be there at once.
        assert client.set("was here", 1, nx=True)

    def stand_still(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def wait_for(condition, *errors) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(*errors):
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError("nothing happened in time")


@pytest.fixture
def own_redis(tmp_path):
    if not shutil.which("redis-server"):
        leave_out("needs redis-server (Debian: apt-get install redis-server)")
    server = Redis(tmp_path)
    yield server
    server.go_on()
    server.kill()


@pytest.fixture
def site(transactional_db, own_redis, tmp_path):
    """The address of a web server that has Redis for its cache and queue; a worker beside it."""
    port = closed_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.lms.worker_settings",
        "LMS_DATABASE_URL": database_url(),
        "LMS_REDIS_URL": own_redis.url,
        "SALA_TEST_MAIL": str(tmp_path / "mail.txt"),
        "SALA_TEST_KILLS": str(tmp_path),
    }
    programs = [
        ["gunicorn", "lms.wsgi", f"--bind=127.0.0.1:{port}", "--threads=4", "--no-control-socket"]
        + ["--log-level=critical"],
        ["celery", "-A", "lms", "worker", "--pool=solo", "--loglevel=CRITICAL"]
        + [f"--hostname=stops{port}@%h"],
    ]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", *program],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for program in programs
    ]
    address = f"http://127.0.0.1:{port}"
    wait_for(
        lambda: build_opener().open(f"{address}/healthz", timeout=30).status == 200,
        OSError,
        HTTPException,
    )
    yield address
    for process in started:
        process.kill()
    for process in started:
        process.wait()


class Browser:
    def __init__(self, address: str):
        self.address, self.slowest = address, 0.0
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))

    def ask(self, path: str, data: dict | None = None) -> tuple[int, str, str]:
        """(status, address in the end, text)"""
        began = time.monotonic()
        try:
            body = urlencode(data).encode() if data is not None else None
            answer = self.opener.open(self.address + path, body, timeout=60)
        except HTTPError as error:
            answer = error
        text = answer.read().decode()
        self.slowest = max(self.slowest, time.monotonic() - began)
        return answer.status, answer.url, text

    def send(self, page: str, path: str, **data) -> tuple[int, str, str]:
        """Post what a form on `page` would."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.ask(page)[2])[1]
        return self.ask(path, {**data, "csrfmiddlewaretoken": token})

    def sign_in(self, person, password=PASSWORD) -> tuple[int, str, str]:
        page = "/th/account/login/"
        return self.send(page, page, login=person.email, password=password, next="/th/my/")

    def learn(self, course: str) -> None:
        status, url, _text = self.send(f"/th/courses/{course}/", f"/th/course/{course}/enrol/")
        assert status == 200, url
        lesson = f"/th/learn/{course}/l1/"
        status, _url, text = self.send(lesson, lesson, action="mark_read")
        assert status == 200 and "mark_read" not in text


def greeted(person) -> bool:
    enrolment = Enrolment.objects.get(user=person)
    greeting = Errand.objects.get(task__endswith="send_welcome", args=[enrolment.pk])
    return greeting.done_at is not None


def somebody_learns(address: str) -> tuple[Browser, object]:
    person, browser = UserFactory(), Browser(address)
    status, url, _text = browser.sign_in(person)
    assert (status, url) == (200, f"{address}/th/my/")
    browser.learn("course")
    assert Participation.objects.get(user=person).completed
    return browser, person


def test_the_time_limits_are_shorter_than_the_outage():
    if base.REDIS_URL:
        options = base.CACHES["default"]["OPTIONS"]
        assert max(options["socket_connect_timeout"], options["socket_timeout"]) <= LONGEST_WAIT
    assert set(base.CELERY_BROKER_TRANSPORT_OPTIONS.values()) == {LONGEST_WAIT}
    assert base.CELERY_TASK_PUBLISH_RETRY is False
    assert LEFT_ALONE + LONGEST_WAIT < OUTAGE


@pytest.mark.parametrize("stop", ["stand_still", "kill"])
def test_people_sign_in_and_learn_while_redis_is_away_and_afterwards(site, own_redis, stop):
    make_course("course", lectures=[20])
    before, first = somebody_learns(site)
    wait_for(lambda: greeted(first))  # by the worker, through Redis

    getattr(own_redis, stop)()
    end = time.monotonic() + OUTAGE
    meanwhile = []
    while time.monotonic() < end or not meanwhile:
        meanwhile.append(somebody_learns(site))
        assert before.ask("/th/my/")[:2] == (200, f"{site}/th/my/")  # the session is still there
        assert before.ask("/th/search/?q=course")[0] == 200
    # Whoever guesses is stopped as ever: that is counted in the database.
    guesser, victim = Browser(site), UserFactory()
    answers = [guesser.sign_in(victim, password=f"wrong-{n}") for n in range(6)]
    assert answers[0][0] == 200 and "/login/" in answers[0][1]
    assert guesser.sign_in(victim)[1] != f"{site}/th/my/"
    browsers = [before, guesser, *(browser for browser, _person in meanwhile)]
    assert max(browser.slowest for browser in browsers) < LONGEST_REQUEST
    waiting = [person for _browser, person in meanwhile]
    assert not any(greeted(person) for person in waiting)

    if stop == "kill":
        own_redis.start()  # empty
    else:
        own_redis.go_on()
        redis.Redis.from_url(own_redis.url, socket_timeout=5).flushall()
    for browser, _person in [(before, first), *meanwhile]:
        assert browser.ask("/th/my/")[:2] == (200, f"{site}/th/my/")
    time.sleep(LEFT_ALONE)  # until then the web server does not ask for the queue again
    last = somebody_learns(site)[1]
    wait_for(lambda: greeted(last))  # the worker has found its way back by itself
    # What could not be queued was noted, and the sweeper does it. Nothing is done twice.
    errands.sweep()
    assert all(greeted(person) for person in waiting)
    assert errands.sweep() == 0
