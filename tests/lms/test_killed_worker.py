"""A web worker is killed in the middle of requests, many times: every answer that was acknowledged is
there once, and none is there twice."""

import os
import random
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from activities.core.models import Attempt, Event, Participation
from tests.factories.courses import enrolled
from tests.factories.people import UserFactory

from .serving import PATIENCE, Sender, course_of_many_attempts, database_url, web_server

KILLS = 200
WORKERS = 3


@pytest.fixture
def server(transactional_db):
    with web_server(database_url(), f"--workers={WORKERS}", "--preload") as started:
        yield started


def workers_of(process) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_every_acknowledged_answer_is_there_once(server):
    address, process = server
    course = course_of_many_attempts()
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
    assert [sender.away for sender in senders] == [[]] * WORKERS
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
