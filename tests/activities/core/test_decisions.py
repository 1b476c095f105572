"""More time, excuses, scores set by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from activities.core import decisions
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Decision, Event, Notification
from activities.core.record import record
from tests.factories.items import participation_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

REASON = "Agreed by telephone with the learner."


@pytest.fixture
def learner(item_version):
    return participation_of(item_version, UserFactory())


@pytest.fixture
def instructor():
    return UserFactory(first_name="วิทยา")


def test_a_score_set_by_hand_stands_whatever_is_computed_later(learner, instructor):
    record(learner, state=State.IN_PROGRESS, score=Decimal(40))
    decisions.override(learner, Decimal(75), REASON, instructor)
    record(learner, score=Decimal(50))
    learner.refresh_from_db()
    assert (learner.score, learner.computed_score) == (Decimal(75), Decimal(50))


def test_taking_it_back_gives_the_computed_score(learner, instructor):
    record(learner, score=Decimal(40))
    made = decisions.override(learner, Decimal(75), REASON, instructor)
    record(learner, score=Decimal(50))
    decisions.take_back(learner, made, instructor)
    learner.refresh_from_db()
    assert (learner.score, learner.score_is_set) == (Decimal(50), False)


def test_the_newest_decision_of_a_kind_stands_and_the_old_one_is_kept(learner, instructor):
    decisions.override(learner, Decimal(75), REASON, instructor)
    decisions.override(learner, Decimal(80), REASON, instructor)
    assert Decision.objects.count() == 2
    assert decisions.standing(learner.seat).get().score == Decimal(80)


def test_who_is_excused_has_nothing_to_do_and_stays_excused(learner, instructor):
    decisions.excuse(learner, REASON, instructor)
    record(learner, state=State.IN_PROGRESS, progress=10)
    learner.refresh_from_db()
    assert learner.state == State.EXCUSED
    assert learner.settled and not learner.completed


def test_who_completes_it_all_the_same_has_completed_it(learner, instructor):
    decisions.excuse(learner, REASON, instructor)
    record(learner, state=State.COMPLETED, score=Decimal(90))
    assert learner.completed


def test_an_excuse_can_be_taken_back(learner, instructor):
    record(learner, state=State.IN_PROGRESS, progress=30)
    made = decisions.excuse(learner, REASON, instructor)
    decisions.take_back(learner, made, instructor)
    learner.refresh_from_db()
    assert learner.state == State.IN_PROGRESS
    decisions.take_back(learner, made, instructor)
    assert Notification.objects.filter(kind="taken_back").count() == 1


def test_nobody_is_excused_from_what_is_done(learner, instructor):
    record(learner, state=State.COMPLETED)
    with pytest.raises(Refused) as refusal:
        decisions.excuse(learner, REASON, instructor)
    assert refusal.value.status == 409


@pytest.mark.parametrize("reason", ["", "   ", "ok", "........................"])
def test_every_decision_needs_a_reason(learner, instructor, reason):
    with pytest.raises(Refused) as refusal:
        decisions.excuse(learner, reason, instructor)
    assert "reason" in refusal.value.fields
    assert not Decision.objects.exists()


@pytest.mark.parametrize("raw", ["", "-1", "101", "NaN", "seventy"])
def test_a_score_is_between_0_and_100(raw):
    with pytest.raises(Refused) as refusal:
        decisions.score_of(raw)
    assert "score" in refusal.value.fields


@pytest.mark.parametrize(("raw", "score"), [("๗๕,๕", "75.5"), ("0", "0"), (" 100 ", "100")])
def test_scores_are_read_as_people_write_them(raw, score):
    assert decisions.score_of(raw) == Decimal(score)


def test_more_time_lies_in_the_future(learner, instructor):
    with pytest.raises(Refused) as refusal:
        decisions.extend(learner, timezone.now() - timedelta(minutes=1), REASON, instructor)
    assert "until" in refusal.value.fields


def test_the_learner_is_told_and_the_log_names_the_instructor(learner, instructor):
    decisions.excuse(learner, REASON, instructor)
    assert Notification.objects.get(user=learner.user).kind == "excuse"
    event = Event.objects.get(kind="decision_excuse")
    assert (event.actor, event.payload["reason"]) == (instructor, REASON)


def test_the_database_keeps_one_standing_decision_and_demands_a_reason(learner):
    values = {"kind": "excuse", "seat": learner.seat, "item": learner.item}
    Decision.objects.create(**values, reason="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(**values, reason="b")
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            kind="override", seat=learner.seat, item=learner.item, score=1, reason=""
        )
