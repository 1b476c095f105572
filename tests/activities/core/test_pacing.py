"""Dates of a cohort."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from activities.core import decisions, pacing
from activities.core.errors import Refused
from activities.core.models import PhaseDates
from tests.factories.items import participation_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
HOUR = timedelta(hours=1)


def window(opens=None, due=None, closes=None):
    at = [None if n is None else NOW + n * HOUR for n in (opens, due, closes)]
    return pacing.Window("work", *at)


def test_an_instant_belongs_to_the_later_phase():
    found = window(0, 1, 2)
    assert not found.early(NOW)
    assert not found.late(NOW + HOUR - timedelta(seconds=1))
    assert found.late(NOW + HOUR)
    assert found.closed(NOW + 2 * HOUR)


def test_without_dates_everything_is_open():
    pacing.check(None, NOW)
    pacing.check(window(), NOW)


@pytest.mark.parametrize(
    ("found", "code"), [(window(1), "not_open_yet"), (window(None, -2, -1), "closed")]
)
def test_outside_its_dates_an_action_is_refused_and_says_when(found, code):
    with pytest.raises(Refused) as refusal:
        pacing.check(found, NOW)
    assert (refusal.value.code, refusal.value.status) == (code, 409)
    assert "25" in refusal.value.message  # the year


def test_late_is_not_closed():
    pacing.check(window(None, -1, 1), NOW)


def test_more_time_moves_the_due_and_the_closing_date_and_never_back():
    later = pacing.extended(window(None, 1, 2), NOW + 5 * HOUR)
    assert (later.due_at, later.closes_at) == (NOW + 5 * HOUR, NOW + 5 * HOUR)
    assert later.extended
    same = window(None, 1, 2)
    assert pacing.extended(same, NOW) is same


def test_an_extension_is_for_one_learner_only(item_version):
    one = participation_of(item_version, UserFactory())
    other = participation_of(item_version, UserFactory(), cohort=one.cohort)
    PhaseDates.objects.create(
        cohort=one.cohort, item=one.item, phase="work", due_at=NOW - HOUR, closes_at=NOW - HOUR
    )
    decisions.extend(one, timezone.now() + 3 * HOUR, "Was in hospital last week.", None)
    mine = pacing.windows_of(one.cohort, one.item, one.seat)["work"]
    theirs = pacing.windows_of(other.cohort, other.item, other.seat)["work"]
    assert not mine.closed(timezone.now()) and mine.extended
    assert theirs.closed(timezone.now()) and not theirs.extended


def test_the_database_refuses_dates_out_of_order(item_version):
    one = participation_of(item_version, UserFactory())
    place = {"cohort": one.cohort, "item": one.item, "phase": "work"}
    with pytest.raises(IntegrityError), transaction.atomic():
        PhaseDates.objects.create(**place, opens_at=NOW, due_at=NOW - HOUR)
    PhaseDates.objects.create(**place, opens_at=NOW, due_at=NOW, closes_at=NOW)


def test_problems_name_the_phase():
    first = pacing.Window("first", NOW, NOW + HOUR)
    assert pacing.problems([first, pacing.Window("second", NOW + HOUR)]) == []
    assert pacing.problems([first, pacing.Window("second", NOW - HOUR)])[0][0] == "second"
    assert pacing.problems([pacing.Window("x", NOW, NOW - HOUR)])[0][0] == "x"
