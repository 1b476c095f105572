"""Measured learning time: an estimator with known answers, and its running form."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from courses.enrolment.measured import measured_seconds, ping
from courses.enrolment.models import MeasuredTime

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ITEM, OTHER = uuid.uuid4(), uuid.uuid4()


@pytest.mark.parametrize("case", VECTORS["measured_time"], ids=str)
def test_the_estimator(case):
    assert measured_seconds(case["pings"], case["theta"]) == case["expected_seconds"]


@pytest.mark.parametrize("case", VECTORS["measured_time"], ids=str)
def test_signs_of_life_in_their_order_add_up_to_the_same(case, enrolment):
    for second in sorted(case["pings"]):
        ping(enrolment.seat, ITEM, NOON + timedelta(seconds=second))
    assert seconds(enrolment) == case["expected_seconds"]


def seconds(enrolment, item=ITEM) -> int:
    row = MeasuredTime.objects.filter(seat=enrolment.seat, item=item).first()
    return row.seconds if row else 0


def test_two_tabs_count_once(enrolment):
    for second, item in ((0, ITEM), (10, OTHER), (30, ITEM), (40, OTHER), (60, ITEM)):
        ping(enrolment.seat, item, NOON + timedelta(seconds=second))
    assert seconds(enrolment) + seconds(enrolment, OTHER) == 60


def test_a_sign_that_comes_late_changes_nothing(enrolment):
    for second in (0, 30, 15, 30):
        ping(enrolment.seat, ITEM, NOON + timedelta(seconds=second))
    assert seconds(enrolment) == 30


def test_a_break_does_not_count(enrolment):
    for second in (0, 30, 30 + 61, 30 + 61 + 20):
        ping(enrolment.seat, ITEM, NOON + timedelta(seconds=second))
    assert seconds(enrolment) == 50
