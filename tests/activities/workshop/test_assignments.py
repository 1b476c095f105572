"""Who reviews whom: what the instructor sees, takes back and extends."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from activities.core.contract import Submitted
from activities.core.errors import Refused
from activities.core.models import Event

from .conftest import desk_of, form, rendered

pytestmark = pytest.mark.django_db

REASON = "ผู้ประเมินแจ้งว่าลาพักยาวจึงประเมินไม่ได้"


def act(kind, learner, action, desk=None, **data):
    desk = desk or desk_of(learner, now=learner.now)
    with transaction.atomic():
        return kind.desk_handle(desk, "reviews", action, form(data), {})


def rows(kind, learner):
    return kind.desk_screen(desk_of(learner, now=learner.now), "reviews").context["rows"]


def test_the_list_says_who_has_whose_work_and_until_when(five, kind):
    first, second = five[:2]
    first.review()
    lease = second.take()
    held, done = rows(kind, first)
    assert (held["id"], held["held"], held["state"]) == (lease.pk, True, "Being reviewed")
    assert held["reviewer"] == second.user.get_full_name() and held["until"]
    assert held["author"] == lease.author.user.get_full_name()
    assert (done["held"], done["until"], done["state"]) == (False, "", "Reviewed")
    page = rendered(kind.desk_screen(desk_of(first, now=first.now), "reviews"))
    assert page.count('value="take_back"') == 1


def test_time_that_ran_out_is_said(five, kind):
    five[0].take()
    five[0].later(hours=25)
    assert [row["state"] for row in rows(kind, five[0])] == ["Time ran out"]


def test_a_work_taken_back_goes_to_somebody_else_and_never_back(five, kind):
    first = five[0]
    lease = first.take()
    act(kind, first, "take_back", lease=lease.pk, reason=REASON)
    assert rows(kind, first)[0]["state"] == "Taken back by the instructor"
    event = Event.objects.get(kind="workshop_desk_take_back")
    assert event.payload == {"lease": lease.pk, "work": lease.submission_id, "reason": REASON}
    others = set()
    while (other := first.take()) is not None and other.submission_id not in others:
        others.add(other.submission_id)
        first.review(other)
    assert others and lease.submission_id not in others
    assert first.data["done"] == first.data["required"] == 2
    first.duty()
    assert first.stage == "waiting"


def test_one_more_day_until_a_week_is_reached(five, kind):
    first = five[0]
    lease = first.take()
    before = lease.expires_at
    for day in range(1, 7):
        act(kind, first, "extend", lease=lease.pk)
        lease.refresh_from_db()
        assert lease.expires_at == before + timedelta(days=day)
    with pytest.raises(Refused) as error:
        act(kind, first, "extend", lease=lease.pk)
    assert (error.value.status, error.value.code) == (409, "long_enough")


def test_saving_a_draft_does_not_shorten_what_the_instructor_gave(five, kind):
    first = five[0]
    lease = first.take()
    act(kind, first, "extend", lease=lease.pk)
    lease.refresh_from_db()
    given = lease.expires_at
    first.later(hours=1)
    first.do("save_draft", f"review-{lease.pk}", draft_form=f"review-{lease.pk}", overall="ร่าง")
    lease.refresh_from_db()
    assert lease.expires_at == given
    first.later(hours=40)
    first.do("save_draft", f"review-{lease.pk}", draft_form=f"review-{lease.pk}", overall="ร่างใหม่")
    lease.refresh_from_db()
    assert lease.expires_at == first.now + timedelta(days=1) > given


def test_taking_back_needs_a_reason_and_keeps_what_was_typed(five, kind):
    lease = five[0].take()
    data = {"lease": lease.pk, "reason": "ลา"}
    with pytest.raises(Refused) as error:
        act(kind, five[0], "take_back", **data)
    desk = desk_of(five[0], now=five[0].now)
    screen = kind.desk_screen(desk, "reviews", Submitted("take_back", form(data), error.value))
    assert screen.context["rows"][0]["reason"] == "ลา"
    assert f'id="reason-{lease.pk}-error"' in rendered(screen)
    lease.refresh_from_db()
    assert lease.state == "held"


def test_what_nobody_has_in_hand_cannot_be_changed(five, kind):
    lease = five[0].review()
    for action in ("take_back", "extend"):
        with pytest.raises(Refused) as error:
            act(kind, five[0], action, lease=lease.pk, reason=REASON)
        assert error.value.status == 409


@pytest.mark.parametrize("bad", ["", "x", "²", "0", "9" * 40])
def test_no_such_review(five, kind, bad):
    with pytest.raises(Refused) as error:
        act(kind, five[0], "extend", lease=bad)
    assert error.value.status == 404


def test_reviews_of_another_run_are_not_there(five, kind):
    lease = five[0].take()
    desk = desk_of(five[0], now=five[0].now, cohort=uuid.uuid4())
    assert kind.desk_screen(desk, "reviews").context["rows"] == []
    with pytest.raises(Refused) as error:
        act(kind, five[0], "extend", desk=desk, lease=lease.pk)
    assert error.value.status == 404


def test_the_list_costs_the_same_for_many(five, kind):
    counts = []
    for person in five[:4]:
        person.take()
        desk = desk_of(five[0], now=five[0].now)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            kind.desk_screen(desk, "reviews")
        counts.append(len(queries))
    assert len(set(counts)) == 1 and counts[0] <= 4
