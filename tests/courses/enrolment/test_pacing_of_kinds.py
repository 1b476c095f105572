"""Dates, more time, excuses and scores by hand work the same for every kind of activity."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override, pgettext

from activities.core import decisions, registry
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Decision, Participation, PhaseDates
from courses.enrolment.models import CourseRun, Enrolment
from lms.people.roles import INSTRUCTOR
from tests.factories.courses import child, make_course
from tests.factories.forms import form_in
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

ITEMS = {"a1": "role_play_solo", "a2": "discussion", "a3": "workshop", "a4": "quiz", "l1": "lesson"}
ACTS = {"a1": "begin", "a2": "answer", "a3": "check", "a4": "hand_in", "l1": "mark_read"}
REASON = "ลาป่วยหนึ่งสัปดาห์เต็ม"
HOUR = timedelta(hours=1)


@pytest.fixture
def place(client):
    """A cohort whose items open in an hour, are due in two and close in three; a learner in it."""
    course = make_course("course", lectures=[25], actives=list(ITEMS.values())[:4])
    run = CourseRun.objects.create(
        course=course.translation_key, pacing=CourseRun.Pacing.COHORT, name="รุ่นที่ 1"
    )
    enrolment = Enrolment.objects.create(user=UserFactory(), run=run)
    client.force_login(enrolment.user)
    now = timezone.now()
    for item in ITEMS:
        page = child(course, item)
        for phase in registry.get(page.kind_name).phases:
            PhaseDates.objects.create(
                cohort=run.key,
                item=page.translation_key,
                phase=phase.name,
                opens_at=now + HOUR,
                due_at=now + 2 * HOUR,
                closes_at=now + 3 * HOUR,
            )
    return course, enrolment, now


def address(item: str) -> str:
    return reverse("item", args=["course", item])


def try_it(client, item: str):
    """(the item's page, the answer to what one does there, whether or not the page still offers it)"""
    page = client.get(address(item)).content.decode()
    offered = "<form" in page.partition('class="player-item"')[2].partition("player-nav")[0]
    data = form_in(page) if offered else {"action": ACTS[item], "attempt": "1"}
    return page, client.post(address(item), data)


def participation(place, item: str) -> Participation:
    return Participation.objects.get(seat=place[1].seat, item=child(place[0], item).translation_key)


def test_early_late_and_closed(place, client):
    _course, _enrolment, now = place
    with time_machine.travel(now + 0.5 * HOUR, tick=False):
        for item in ITEMS:
            page, answer = try_it(client, item)
            assert answer.status_code == 409, item
            assert "เปิดวัน" in page, item
    with time_machine.travel(now + 3 * HOUR, tick=False):  # an instant belongs to the later phase
        for item in ITEMS:
            page, answer = try_it(client, item)
            assert answer.status_code == 409, item
            assert "ปิด" in page, item
    with time_machine.travel(now + 2 * HOUR, tick=False):
        for item in ITEMS:
            page, answer = try_it(client, item)
            assert answer.status_code in (302, 422), (item, answer.status_code)
            assert pgettext("work", "late") in page, item


def test_more_time_opens_it_again_for_one_and_taking_it_back_closes_it(place, client):
    _course, enrolment, now = place
    by = UserFactory()
    for item in ITEMS:
        client.get(address(item))
        decisions.extend(participation(place, item), now + 9 * HOUR, REASON, by)
    with time_machine.travel(now + 4 * HOUR, tick=False):
        for item in ITEMS:
            page, answer = try_it(client, item)
            assert answer.status_code in (302, 422), item
            assert "ขยายเวลาให้ท่านแล้ว" in page, item
        for decision in Decision.objects.all():
            decisions.take_back(participation(place, "a4"), decision, by)
        assert try_it(client, "a4")[1].status_code == 409
    assert enrolment.pk


@pytest.mark.parametrize(("factor", "hours"), [("1.5", 4), ("2", 5)])
def test_a_factor_lengthens_the_time_that_the_cohort_has(place, client, factor, hours):
    _course, _enrolment, now = place
    for item in ITEMS:
        client.get(address(item))
        made = decisions.extend_by_factor(participation(place, item), factor, REASON, None)
        assert made.kind == Decision.Kind.EXTENSION
        assert made.until == now + hours * HOUR, item  # two hours from opening to closing
        assert REASON in made.reason


def test_a_factor_is_refused_where_it_means_nothing(place, client):
    client.get(address("a1"))
    mine = participation(place, "a1")
    for factor in ("", "3", "x"):
        with override("en"), pytest.raises(Refused) as refused:
            decisions.extend_by_factor(mine, factor, REASON, None)
        assert refused.value.message == "Choose how much more time."
    PhaseDates.objects.all().delete()
    with override("th"), pytest.raises(Refused) as refused:
        decisions.extend_by_factor(mine, "2", REASON, None)
    assert (refused.value.code, refused.value.status) == ("no_dates", 409)
    assert "ไม่ได้กำหนดวัน" in refused.value.message


def test_the_instructor_gives_it_on_the_persons_page(place, client):
    course, enrolment, now = place
    teacher = UserFactory()
    teacher.groups.add(Group.objects.get(name=INSTRUCTOR))
    enrolment.run.instructors.add(teacher)
    client.force_login(teacher)
    url = reverse("teach_person", args=[enrolment.run_id, enrolment.pk])
    assert 'name="factor"' in client.get(url).content.decode()
    form = {
        "item": str(child(course, "a4").translation_key),
        "action": "extend_factor",
        "factor": "2",
        "reason": REASON,
    }
    assert client.post(url, form).status_code == 302
    assert Decision.objects.get().until == now + 5 * HOUR
    assert client.post(url, form | {"factor": "7"}).status_code == 422
    client.force_login(UserFactory())
    assert client.post(url, form).status_code == 404
    assert Decision.objects.count() == 1


def test_excuses_and_scores_by_hand(place, client):
    by = UserFactory()
    for item in ITEMS:
        client.get(address(item))
        decisions.override(participation(place, item), Decimal("62.5"), REASON, by)
        assert participation(place, item).score == Decimal("62.5")
        decisions.excuse(participation(place, item), REASON, by)
        assert participation(place, item).state == State.EXCUSED
