"""Time that passes in a moment: what has happened moves into the past, nothing else does."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from activities.core.models import Event
from activities.core.record import note
from activities.quiz.models import QuizPage
from courses.enrolment.models import Enrolment
from lms.operations.lives import clock
from lms.operations.lives.quiet import Commits
from tests.factories.items import locale, participation_of, version_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def participation():
    page = QuizPage(title="แบบทดสอบ", slug="quiz", locale=locale("th"))
    return participation_of(version_of(page), UserFactory())


def test_what_was_there_before_stays_and_what_came_since_moves(participation):
    old = note(participation, "old")
    ticking = clock.Clock(timezone.now() - timedelta(days=10), clock.newest())
    new = note(participation, "new")
    ticking.wait(timedelta(days=3))
    newer = note(participation, "newer")
    ticking.finish()
    at = {event.pk: event.created_at for event in Event.objects.all()}
    now = timezone.now()
    assert at[old.pk] == old.created_at
    assert abs(now - at[new.pk] - timedelta(days=10)) < 5 * SECOND
    assert abs(now - at[newer.pk] - timedelta(days=7)) < 5 * SECOND
    assert abs(ticking.now - now) < 5 * SECOND


def test_moments_within_json_move_too_and_other_texts_do_not(participation):
    model = type(participation)
    before = {**clock.newest(), model: 0}
    ticking = clock.Clock(timezone.now() - timedelta(days=2), before)
    at = timezone.now()
    data = {"at": [at.isoformat()], "until": None, "text": "เขียนเมื่อ 2026-01-01T00:00:00 น."}
    model.objects.filter(pk=participation.pk).update(data=data)
    ticking.finish()
    participation.refresh_from_db()
    moved = timezone.datetime.fromisoformat(participation.data["at"][0])
    assert abs(at - timedelta(days=2) - moved) < 5 * SECOND
    assert (participation.data["text"], participation.data["until"]) == (data["text"], None)


def test_a_date_to_come_is_where_it_was_meant_when_the_time_is_over(participation):
    ticking = clock.Clock(timezone.now() - timedelta(days=9), clock.newest())
    meant = timezone.now() + timedelta(days=1)
    event = note(participation, "due")
    Event.objects.filter(pk=event.pk).update(created_at=ticking.later(meant))
    ticking.wait(timedelta(days=4))
    ticking.finish()
    event.refresh_from_db()
    assert abs(event.created_at - meant) < 5 * SECOND


def test_nobody_waits_longer_than_until_today():
    ticking = clock.Clock(timezone.now() - timedelta(days=1), clock.newest())
    ticking.wait(timedelta(days=30))
    assert ticking.behind == timedelta(0)
    ticking.until(timezone.now() + timedelta(days=5))
    ticking.wait(-timedelta(days=1))
    assert abs(ticking.now - timezone.now()) < SECOND


def test_the_tables_hold_what_people_do():
    names = {model._meta.label for model in clock.tables()}
    assert {"activities.Event", "discussion.Post", "workshop.Review"} <= names
    assert {"enrolment.Enrolment", "certificates.Certificate", "teaching.Message"} <= names
    assert not any(name.startswith("search.") for name in names)
    assert clock.fields_of(Enrolment).count("enrolled_at") == 1


def test_what_waits_for_a_commit_is_done_after_each_act():
    done = []
    transaction.on_commit(lambda: done.append("before"))
    commits = Commits()
    transaction.on_commit(lambda: done.append("first"))
    transaction.on_commit(lambda: transaction.on_commit(lambda: done.append("second")))
    commits.follow()
    assert done == ["first", "second"]
