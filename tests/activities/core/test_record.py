"""The only door to what is known about a learner in an item."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from activities.core.enums import State
from activities.core.models import Attempt, Draft, Event, Participation
from activities.core.record import (
    begin_attempt,
    draft_of,
    drop_draft,
    note,
    record,
    rounded,
    save_draft,
)
from activities.core.signals import participation_changed
from courses.catalogue.models import LessonPage
from tests.factories.items import locale, participation_of, version_of
from tests.factories.people import UserFactory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def participation(db):
    page = LessonPage(title="บทเรียน", slug="l", minutes=10, locale=locale())
    return participation_of(version_of(page), UserFactory())


def test_the_first_sign_begins_an_item(participation):
    record(participation, now=NOON)
    participation.refresh_from_db()
    assert participation.state == State.IN_PROGRESS
    assert participation.started_at == participation.last_seen_at == NOON
    record(participation, now=NOON + timedelta(hours=1))
    assert participation.started_at == NOON


@pytest.mark.parametrize(("given", "kept"), [(-5, 0), (40, 40), (100, 99), (500, 99)])
def test_only_completion_is_a_hundred_per_cent(participation, given, kept):
    record(participation, progress=given)
    participation.refresh_from_db()
    assert participation.progress == kept


def test_what_is_completed_stays_completed(participation):
    record(participation, state=State.COMPLETED, now=NOON)
    for state in (State.IN_PROGRESS, State.WAITING, State.NOT_STARTED):
        record(participation, state=state, progress=10, now=NOON + timedelta(days=1))
    record(participation, state=State.COMPLETED, now=NOON + timedelta(days=2))
    participation.refresh_from_db()
    assert (participation.state, participation.progress) == (State.COMPLETED, 100)
    assert participation.completed_at == NOON


def test_a_completed_item_may_need_attention_and_keeps_its_date(participation):
    record(participation, state=State.COMPLETED, now=NOON)
    record(participation, state=State.NEEDS_ATTENTION)
    participation.refresh_from_db()
    assert participation.state == State.NEEDS_ATTENTION
    assert participation.completed_at == NOON


def test_a_score_is_rounded_half_up_and_kept_unless_given(participation):
    assert rounded(Decimal("66.666665")) == Decimal("66.66667")
    record(participation, score=Decimal("66.666665"))
    record(participation, progress=10)
    participation.refresh_from_db()
    assert participation.score == Decimal("66.66667")
    record(participation, score=None)
    participation.refresh_from_db()
    assert participation.score is None


@pytest.mark.parametrize("values", [{"score": 101}, {"score": -1}, {"progress": 101}])
def test_the_database_refuses_impossible_figures(participation, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Participation.objects.filter(pk=participation.pk).update(**values)


def test_every_change_is_told(participation):
    told = []

    def listener(sender, participation, **kwargs):
        told.append(participation.state)

    participation_changed.connect(listener)
    try:
        record(participation, state=State.WAITING)
        record(participation, state=State.COMPLETED)
    finally:
        participation_changed.disconnect(listener)
    assert told == [State.WAITING, State.COMPLETED]


def test_the_same_key_twice_is_one_event(participation):
    key = uuid.uuid4()
    first = note(participation, "posted", {"n": 1}, key=key)
    second = note(participation, "posted", {"n": 2}, key=key)
    assert first == second
    assert Event.objects.get().payload == {"n": 1}
    note(participation, "posted")
    note(participation, "posted")
    assert Event.objects.count() == 3


def test_attempts_are_numbered_and_pinned(participation):
    first, second = begin_attempt(participation), begin_attempt(participation)
    assert [first.number, second.number] == [1, 2]
    assert second.version == participation.version
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(participation=participation, number=2, version=participation.version)


def test_the_newest_draft_of_a_form_is_kept(participation):
    save_draft(participation, "initial", {"body": "ก"})
    save_draft(participation, "initial", {"body": "ข"})
    save_draft(participation, "reply", {"body": "ค"})
    assert draft_of(participation, "initial") == {"body": "ข"}
    drop_draft(participation, "initial")
    assert draft_of(participation, "initial") == {}
    assert Draft.objects.get().form == "reply"


def test_a_preview_has_no_drafts():
    assert draft_of(Participation(), "initial") == {}


def test_a_version_never_changes(participation):
    version = participation.version
    version.declared = 99
    with pytest.raises(ValidationError):
        version.save()


def test_what_somebody_did_outlives_the_page_but_not_its_version(participation):
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        participation.version.delete()
    assert participation.version.page("th").title == "บทเรียน"
    assert participation.version.title("en") == "บทเรียน"
