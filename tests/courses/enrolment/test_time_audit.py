"""After the fact: what learners took against what an activity declares."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from activities.core.enums import State
from activities.core.models import ItemVersion, Notification, Participation
from courses.enrolment.models import MeasuredTime
from courses.enrolment.tasks import audit_measured
from courses.enrolment.time_audit import audit, judge
from courses.releases.audit import audit as audit_ratio
from courses.releases.models import MeasuredCap
from courses.releases.settle import settle
from tests.factories.courses import child, enrolled, make_course, state_of
from tests.factories.people import UserFactory

VECTORS = json.loads((Path(__file__).parent / "time_vectors.json").read_text())


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: str(case["expected"]))
def test_the_vectors(case):
    verdict = judge(case["declared"], [minutes * 60 for minutes in case["measured"]])
    expected = case["expected"]
    assert (verdict.people, verdict.credited, verdict.flagged) == (
        expected["n"],
        expected["credited"],
        expected["flag"],
    )
    assert verdict.median_seconds == expected["median"] * 60


@pytest.mark.parametrize(
    ("seconds", "credited"),
    [([90] * 10, 3), ([89] * 10, 2), ([0] * 10, 0), ([60] * 5 + [121] * 5, 3), ([], 60)],
)
def test_whole_minutes_rounded_down(seconds, credited):
    assert judge(60, seconds).credited == credited


@pytest.fixture
def course(db):
    return make_course("course", lectures=[10], owner=UserFactory())


def complete(course, n: int, minutes: int | None, when=None) -> None:
    """So many people complete the activity; None for people who were not measured."""
    key = child(course, "a1").translation_key
    version = ItemVersion.objects.filter(item=key).last()
    when = when or timezone.now()
    for _n in range(n):
        enrolment = enrolled(UserFactory(), course)
        Participation.objects.create(
            user=enrolment.user,
            seat=enrolment.seat,
            cohort=enrolment.run.key,
            item=key,
            version=version,
            state=State.COMPLETED,
            completed_at=when,
        )
        if minutes is not None:
            MeasuredTime.objects.create(seat=enrolment.seat, item=key, seconds=minutes * 60)


def test_nine_people_say_nothing(course):
    complete(course, 9, 2)
    complete(course, 5, None)
    assert audit().limited == {}
    assert not MeasuredCap.objects.exists()


def test_ten_people_who_took_far_less_limit_what_counts(course):
    complete(course, 10, 4)
    assert list(audit().limited.values()) == [child(course, "a1").title]
    cap = MeasuredCap.objects.get()
    assert (cap.minutes, cap.declared, cap.median_minutes, cap.people) == (8, 20, 4, 10)
    state = settle(course.translation_key)
    assert (state.status, state.current.number) == ("offered", 2)
    assert (state.current.lecture, state.current.active) == (10, 8)
    assert state.current.outline["items"][1]["cap"] == 8
    assert audit_ratio()[1] == []


def test_a_course_that_does_not_pass_any_more_is_held_and_says_why(course):
    complete(course, 10, 3)
    audit()
    before = state_of(course).current
    state = settle(course.translation_key)
    assert (state.status, state.current) == ("held", before)
    assert [problem["code"] for problem in state.problems] == ["unbalanced", "measured"]
    assert "counts 6 minutes: half of the 10 people" in state.problems[1]["en"]
    assert "6" in state.problems[1]["th"] and "half of" not in state.problems[1]["th"]


def test_authors_and_managers_are_told_once(course):
    from django.contrib.auth.models import Group

    manager = UserFactory()
    manager.groups.add(Group.objects.get(name="Course managers"))
    page = child(course, "a1")
    page.owner = UserFactory()
    page.save()
    complete(course, 10, 4)
    audit_measured()
    audit_measured()
    told = Notification.objects.filter(kind="measured_short")
    assert {notice.user_id for notice in told} == {manager.pk, page.owner_id}
    assert told.count() == 2


def test_a_limit_is_lifted_by_ten_who_took_their_time(course):
    complete(course, 10, 4, timezone.now() - timedelta(days=2))
    audit()
    MeasuredCap.objects.update(since=timezone.now() - timedelta(days=1))
    complete(course, 9, 15)
    assert audit().lifted == {} and MeasuredCap.objects.exists()
    complete(course, 1, 15)
    assert list(audit().lifted.values()) == [child(course, "a1").title]
    assert settle(course.translation_key).current.active == 20


def test_declaring_otherwise_does_not_get_round_it(course):
    complete(course, 10, 4)
    audit()
    page = child(course, "a1")
    page.minutes = 19
    page.save_revision().publish()
    assert settle(course.translation_key).current.active == 8
    page.minutes = 7
    page.save_revision().publish()
    assert settle(course.translation_key).current.active == 7


def test_the_command_says_what_it_would_do(course, capsys):
    complete(course, 10, 4)
    call_command("audit_measured", "--dry-run")
    assert "1 activities looked at, 1 count less" in capsys.readouterr().out
    assert not MeasuredCap.objects.exists()
    call_command("audit_measured")
    assert MeasuredCap.objects.count() == 1


def test_the_database_refuses_a_limit_from_few_people_or_above_what_is_declared(course):
    key = child(course, "a1").translation_key
    values = {"item": key, "declared": 20, "median_minutes": 4}
    for wrong in ({"people": 9, "minutes": 8}, {"people": 10, "minutes": 20}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MeasuredCap.objects.create(**values, **wrong)


def test_a_course_costs_few_queries(course, django_assert_max_num_queries):
    complete(course, 12, 15)
    with django_assert_max_num_queries(4), override("en"):
        audit()
