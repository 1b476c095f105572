"""A worker is killed before and after the outside call, before and after the commit: one effect.

One real worker with Redis between, whose process for tasks is killed again and again.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from decimal import Decimal

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu import Connection

from activities.core import errands
from activities.core.enums import State
from activities.core.models import Errand, Notification, Participation
from activities.core.record import record
from activities.core.tasks import run_errand
from courses.certificates.models import Certificate
from courses.enrolment.enrol import enrol
from courses.enrolment.models import Enrolment
from courses.grades import change
from courses.grades.models import GradeRules, Recalculation
from courses.grades.scheme import ItemRule, Scheme, to_json
from courses.grades.tasks import recalculate_grades
from courses.releases.delivery import current_version
from search import checking, engines, outbox
from search.models import IndexedGroup, PassageRow, Pending
from search.tasks import apply_changes
from tests.factories.courses import enrolled, make_course, run_of, state_of
from tests.factories.people import UserFactory

from .serving import database_url

pytestmark = [
    pytest.mark.services("LMS_TEST_REDIS_URL"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

PATIENCE = 120
WHY = "เพราะเกณฑ์ของหลักสูตรเปลี่ยนไป"
D = Decimal


class Worker:
    """A real worker: `kill_at` names the moment at which its process for tasks dies."""

    def __init__(self, url: str, folder):
        self.url, self.folder, self.kills = url, folder, folder / "kills"
        self.kills.mkdir()
        self.mail = folder / "mail.txt"
        redis.Redis.from_url(url).flushdb()
        program = [sys.executable, "-m", "celery", "-A", "lms", "worker", "--concurrency=1"]
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.lms.worker_settings",
            "LMS_DATABASE_URL": database_url(),
            "LMS_REDIS_URL": url,
            "SALA_TEST_MAIL": str(self.mail),
            "SALA_TEST_KILLS": str(self.kills),
        }
        with open(folder / "worker.log", "wb") as log:
            self.process = subprocess.Popen(
                [*program, "--loglevel=ERROR", f"--hostname=killed{os.getpid()}@%h"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def send(self, task, *args) -> None:
        with Connection(self.url) as queue:
            task.apply_async(args, connection=queue)

    def kill_at(self, moment: str) -> None:
        (self.kills / moment).touch()

    def killed(self) -> bool:
        return not any(self.kills.iterdir())

    def until(self, condition) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "worker.log").read_text()[-4000:])

    def messages(self) -> list[str]:
        return self.mail.read_text().split() if self.mail.exists() else []

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def worker(transactional_db, tmp_path):
    made = Worker(os.environ["LMS_TEST_REDIS_URL"].rstrip("/").rpartition("/")[0] + "/7", tmp_path)
    before = current_app.conf.broker_url
    # What this process would queue by itself goes nowhere: the test says when the worker hears of it.
    current_app.conf.update(task_always_eager=False, broker_url="memory://")
    current_app._after_fork()  # connections to the broker of before
    yield made
    current_app.conf.update(task_always_eager=True, broker_url=before)
    current_app._after_fork()
    made.end()


def one_greeting(worker, errand) -> None:
    """Killed before and after the outside call and the note of it: the same message each time."""
    for moment in (
        "before-mail",
        "after-mail",
        "before-commit-activities_errand.done_at",
        "after-commit-activities_errand.done_at",
    ):
        worker.kill_at(moment)
        Errand.objects.filter(pk=errand.pk).update(due_at=timezone.now())
        worker.send(run_errand, errand.pk)
        worker.until(worker.killed)
        done = Errand.objects.get(pk=errand.pk).done_at is not None
        assert done == moment.startswith("after-commit")
    # Three times handed over, and one message: mail systems know it by its identity.
    assert worker.messages() == [f"<{errand.key}@127.0.0.1>"] * 3
    assert errands.run(errand.pk) is False


def one_certificate(worker, course) -> None:
    """A recalculation that completes a course, killed around the commit of the certificate."""
    release, run = state_of(course).current, run_of(course)
    keys = {entry["slug"]: entry["key"] for entry in release.outline["items"]}
    strict = Scheme(items={keys["a1"]: ItemRule(pass_mark=D(70))})
    GradeRules.objects.create(
        course=run.course, run=run, number=1, rules=to_json(strict), reason=WHY
    )
    people = [enrolled(UserFactory(), course) for _n in range(2)]
    for enrolment in people:
        for slug, key in keys.items():
            participation = Participation.objects.create(
                seat=enrolment.seat,
                item=key,
                user=enrolment.user,
                cohort=run.key,
                version=current_version(release, key),
            )
            score = {"score": D(60)} if slug == "a1" else {}
            with transaction.atomic():
                record(participation, state=State.COMPLETED, **score)
    assert not Enrolment.objects.filter(completed_at__isnull=False).exists()
    job = change.change_run(
        run, Scheme(items={keys["a1"]: ItemRule(pass_mark=D(50))}), by=None, based_on=1, reason=WHY
    )
    for moment in ("before", "after"):
        worker.kill_at(f"{moment}-commit-certificates_certificate")
    # What a killed process had in hand is given to the next one at once.
    worker.send(recalculate_grades, job.pk)
    worker.until(lambda: Recalculation.objects.get(pk=job.pk).state == "done" and worker.killed())
    assert Enrolment.objects.filter(completed_at__isnull=False).count() == len(people)
    for enrolment in people:
        assert Certificate.objects.filter(enrolment=enrolment).count() == 1
        told = Notification.objects.filter(user=enrolment.user, kind="certificate")
        assert told.count() == 1
    letters = Errand.objects.filter(task__endswith="send_certificate")
    assert letters.count() == len(people)
    Errand.objects.filter(done_at=None).update(due_at=timezone.now())
    for errand in letters:
        worker.send(run_errand, errand.pk)
    worker.until(lambda: not letters.filter(done_at=None).exists())
    for errand in letters:
        assert worker.messages().count(f"<{errand.key}@127.0.0.1>") == 1


def found_once(worker) -> None:
    """Killed around the commit of a group's passages: all of them are found, and none twice."""
    checking.rebuild()
    passages = sorted(PassageRow.objects.values_list("source", "group", "unit", "title"))
    assert passages
    groups = list(IndexedGroup.objects.values_list("source", "group"))
    PassageRow.objects.all().delete()
    IndexedGroup.objects.all().delete()
    engines.database().clear()
    Pending.objects.all().delete()
    for moment in ("before", "after"):
        worker.kill_at(f"{moment}-commit-search_indexedgroup")
    for group in groups:
        outbox.changed(*group)
    worker.send(apply_changes)
    worker.until(lambda: worker.killed() and not Pending.objects.exists())
    assert sorted(PassageRow.objects.values_list("source", "group", "unit", "title")) == passages
    assert checking.check(repair=False).faults == []


def swept_up(worker, course) -> None:
    """The whole worker is gone, with all that it had in hand: the sweeper finds the errand."""
    Errand.objects.filter(done_at=None).delete()  # greetings of the others
    worker.kill_at("worker-before-mail")
    enrol(UserFactory(), course.translation_key)
    errand = Errand.objects.filter(done_at=None).get()
    worker.send(run_errand, errand.pk)
    assert worker.process.wait(timeout=PATIENCE) == -signal.SIGKILL
    assert errands.sweep() == 0  # somebody may still be at it
    Errand.objects.filter(pk=errand.pk).update(due_at=timezone.now())  # the claim has run out
    assert errands.sweep() == 1
    assert errands.sweep() == 0


def test_whenever_a_worker_is_killed_there_is_one_effect(worker):
    course = make_course("course", lectures=[20])
    enrol(UserFactory(), course.translation_key)  # committed, with its errand
    one_greeting(worker, Errand.objects.get())
    one_certificate(worker, course)
    found_once(worker)
    swept_up(worker, course)
