"""Redis stopped, or emptied: people sign in and learn on, and what was to be done is done later."""

import logging
import socket
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail
from django.core.cache import caches
from django.utils import timezone

from activities.core import errands
from activities.core.models import Errand, Participation
from courses.enrolment.tasks import send_welcome
from tests.factories.courses import enrolled, make_course
from tests.factories.people import PASSWORD, UserFactory

PATIENCE = 150


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def no_redis(settings):
    """A site that is told of a Redis which is not there: cache and queue."""
    nowhere = f"redis://127.0.0.1:{closed_port()}/0"
    settings.CACHES = {
        "default": {
            "BACKEND": "lms.cache.ForgivingRedisCache",
            "LOCATION": nowhere,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        }
    }
    before = current_app.conf.broker_url, current_app.conf.task_always_eager
    current_app.conf.update(broker_url=nowhere, task_always_eager=False)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    current_app.conf.update(broker_url=before[0], task_always_eager=before[1])


def test_a_cache_that_is_away_remembers_nothing_and_raises_nothing(no_redis):
    cache = caches["default"]
    assert cache.get("a", 1) == 1
    assert cache.add("a", 1) is True
    assert cache.incr("a", 3) == 3
    assert cache.get_many(["a"]) == {}
    assert cache.set("a", 2) is None
    assert not cache.delete("a")
    assert not cache.has_key("a")
    assert "a" not in cache
    cache.clear()


def test_a_cache_that_did_not_answer_is_left_alone_for_a_while(no_redis, monkeypatch):
    cache, asked = caches["default"], []
    cache.get("a")
    monkeypatch.setattr(type(cache._cache), "get", lambda *args: asked.append(args))
    cache.get("a")
    assert asked == []
    cache.away_until = 0
    cache.get("a")
    assert len(asked) == 1


@pytest.mark.django_db
def test_signing_in_enrolling_and_learning_go_on(
    no_redis, client, django_capture_on_commit_callbacks
):
    course, person = make_course("course", lectures=[20]), UserFactory()
    began = time.monotonic()
    answer = client.post(
        "/th/account/login/", {"login": person.email, "password": PASSWORD, "next": "/th/my/"}
    )
    assert answer["Location"] == "/th/my/"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/th/course/course/enrol/").status_code == 302
        assert client.get("/th/learn/course/l1/").status_code == 200
        assert client.post("/th/learn/course/l1/", {"action": "mark_read"}).status_code == 302
    assert client.get("/th/my/").status_code == 200
    assert client.get("/th/search/?q=course").status_code == 200
    assert Participation.objects.get(user=person).completed
    assert time.monotonic() - began < 30
    assert course.translation_key

    # The greeting was not lost: it waits in the database, and the sweeper sends it.
    assert mail.outbox == []
    assert Errand.objects.get().done_at is None
    assert errands.sweep() == 1
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert errands.sweep() == 0


# -- Errands -----------------------------------------------------------------------------------


@pytest.fixture
def enrolment(db):
    made = enrolled(UserFactory(), make_course("course", lectures=[20]))
    Errand.objects.all().delete()
    return made


def test_an_errand_is_done_after_the_commit_and_once(enrolment, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        errand = errands.post(send_welcome, enrolment.pk)
        assert mail.outbox == []
    assert len(mail.outbox) == 1
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<{errand.key}@")
    assert errands.run(errand.pk) is False
    assert len(mail.outbox) == 1


def test_who_finds_an_errand_claimed_leaves_it(enrolment):
    errand = errands.post(send_welcome, enrolment.pk)
    assert errands.claim(errand.pk, timezone.now()) is not None
    assert errands.run(errand.pk) is False
    assert mail.outbox == []
    Errand.objects.update(due_at=timezone.now() - timedelta(seconds=1))  # the claim has run out
    assert errands.sweep() == 1


def test_a_mail_server_that_is_away_is_tried_again_later(enrolment, settings, caplog):
    errand = errands.post(send_welcome, enrolment.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = closed_port()
    assert errands.run(errand.pk) is False
    errand.refresh_from_db()
    assert errand.done_at is None
    assert errand.due_at > timezone.now() + errands.FIRST_PAUSE - timedelta(seconds=30)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Errand.objects.update(due_at=timezone.now())
    assert errands.sweep() == 1


def test_what_was_done_long_ago_is_forgotten(enrolment):
    errand = errands.post(send_welcome, enrolment.pk)
    Errand.objects.update(done_at=timezone.now() - errands.KEPT_FOR - timedelta(days=1))
    errands.sweep()
    assert not Errand.objects.filter(pk=errand.pk).exists()
