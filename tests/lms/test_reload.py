"""A new version is taken up while people work: no request fails."""

import signal
import threading
from pathlib import Path

import pytest
from django.conf import settings

from activities.core.models import Attempt
from tests.factories.courses import enrolled
from tests.factories.people import UserFactory

from .serving import Sender, course_of_many_attempts, database_url, wait_until, web_server
from .test_killed_worker import workers_of

SENDERS, RELOADS = 6, 3
CONFIGURATION = Path(settings.BASE_DIR) / "deploy" / "gunicorn.py"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_no_request_fails_while_the_web_server_is_reloaded():
    course = course_of_many_attempts()
    sending, stop = threading.Event(), threading.Event()
    people = UserFactory.create_batch(SENDERS)
    for person in people:
        enrolled(person, course)
    with web_server(database_url(), f"--config={CONFIGURATION}") as (address, process):
        senders = [
            Sender(f"{address}/th/learn/course/a2/try/", person, sending, stop) for person in people
        ]
        for sender in senders:
            sender.start()
        for _n in range(RELOADS):
            old = set(workers_of(process))
            process.send_signal(signal.SIGHUP)
            wait_until(lambda old=old: not old & set(workers_of(process)))
            # The new ones answer everybody.
            before = [len(sender.acknowledged) for sender in senders]
            wait_until(
                lambda before=before: all(
                    len(sender.acknowledged) > count
                    for sender, count in zip(senders, before, strict=True)
                )
            )
        stop.set()
        for sender in senders:
            sender.join(timeout=60)

    assert [sender.unanswered for sender in senders] == [0] * SENDERS
    assert [sender.refused + sender.away for sender in senders] == [[]] * SENDERS
    for sender in senders:
        attempts = Attempt.objects.filter(participation__user=sender.person)
        assert set(attempts.values_list("number", flat=True)) == sender.acknowledged
