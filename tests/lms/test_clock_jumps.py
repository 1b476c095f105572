"""The clock of the machine jumps an hour, forwards and back: limits, sessions, links, times, dates."""

import datetime
import re
import uuid

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from activities.core import live
from activities.core.models import Event, PhaseDates
from activities.discussion.models import Post
from courses.enrolment.enrol import enrol
from courses.enrolment.measured import ping
from courses.enrolment.models import CourseRun, Enrolment, MeasuredTime
from lms.operations.site_tree import ensure_site
from lms.people import limits
from tests.activities.discussion.conftest import ANSWERS
from tests.factories.people import PASSWORD, UserFactory
from tests.factories.site import SLUG, demo_course, the_run

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 2, 3, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
JUMPS = (HOUR, -HOUR)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def test_nobody_is_shut_out_for_an_hour_by_a_clock_that_was_put_right(clock):
    clock.shift(HOUR)
    assert [bool(limits.spend("x", "a", 2, 60)) for _n in range(3)] == [False, False, True]
    clock.shift(-HOUR)
    assert [bool(limits.spend("x", "a", 2, 60)) for _n in range(3)] == [False, False, True]


@pytest.mark.parametrize("jump", JUMPS)
def test_who_is_signed_in_stays_so(clock, client, jump):
    ensure_site()
    person = UserFactory()
    client.post("/th/account/login/", {"login": person.email, "password": PASSWORD})
    for step in (jump, -jump):
        clock.shift(step)
        assert client.get("/th/account/data/").status_code == 200


@pytest.mark.parametrize("jump", JUMPS)
def test_a_link_for_a_new_password_holds_and_still_ends(clock, client, jump, settings):
    ensure_site()
    person = UserFactory()

    def ask() -> str:
        mail.outbox.clear()
        client.post("/th/account/password/reset/", {"email": person.email})
        return re.search(r"https?://[^/\s]+(/\S+/reset/key/\S+)", mail.outbox[0].body)[1]

    link = ask()
    clock.shift(jump)
    assert client.get(link, follow=True).context.get("token_fail", False) is False
    clock.shift(HOUR + datetime.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + 1))
    assert client.get(link, follow=True).context.get("token_fail") is True


def test_time_that_is_measured_goes_on_and_counts_nothing_twice(clock):
    run = CourseRun.objects.create(course=uuid.uuid4())
    enrolment = Enrolment.objects.create(user=UserFactory(), run=run)
    item = uuid.uuid4()
    little = datetime.timedelta(seconds=30)
    for step in (little, little, HOUR, little, -HOUR, little):
        clock.shift(step)
        ping(enrolment.seat, item, timezone.now())
    # Two gaps of thirty seconds under each clock but the one at the jump itself.
    assert MeasuredTime.objects.get(seat=enrolment.seat, item=item).seconds == 90


def test_a_date_is_the_clocks_and_nothing_that_was_done_is_undone(clock, client):
    """Who is refused by a clock that is ahead reads the own text again and may send it when the clock
    is right; what was taken stays when the clock jumps once more."""
    state, learner = demo_course(), UserFactory(preferred_language="th")
    enrol(learner, state.course)
    client.force_login(learner)
    run, page = the_run(), reverse("item", args=[SLUG, "a-d1"])
    CourseRun.objects.filter(pk=run.pk).update(pacing=CourseRun.Pacing.COHORT)
    client.get(page)
    entry = next(e for e in state.current.outline["items"] if e["slug"] == "a-d1")
    PhaseDates.objects.create(
        cohort=run.key, item=entry["key"], phase="initial", closes_at=NOW + HOUR / 2
    )

    def send():
        form = {"action": "answer", "body": ANSWERS[0], "draft_form": "initial-p1"}
        return client.post(page, form)

    clock.shift(HOUR)
    refused = send()
    assert refused.status_code == 409 and ANSWERS[0][:40] in refused.text
    assert not Post.objects.filter(author=learner).exists()
    clock.shift(-HOUR)
    assert send().status_code == 302
    clock.shift(HOUR)
    assert client.get(page, follow=True).status_code == 200
    assert Post.objects.filter(author=learner, kind="initial").count() == 1


@pytest.mark.parametrize(("ahead", "after"), [(HOUR, 5), (-HOUR, 5), (HOUR * 0, 3)])
def test_news_go_on_after_a_jump(clock, ahead, after):
    """Only what happened in these seconds is told again; what seems to be of the future is not."""
    event = Event(pk=5, created_at=NOW + ahead)
    assert live.settled([], [event], 3).after == after
