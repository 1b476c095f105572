"""Deadlines on the dashboard and in one's own calendar."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from activities.core.models import Decision, PhaseDates
from courses.community import calendar
from courses.community.models import CalendarAddress
from courses.enrolment.models import Enrolment
from tests.factories.courses import child
from tests.factories.people import UserFactory

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DASHBOARD, PAGE = "/th/my/", "/th/my/deadlines/"


@pytest.fixture(autouse=True)
def at_that_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def dates(run, course):
    return PhaseDates.objects.create(
        cohort=run.key,
        item=child(course, "a1").translation_key,
        phase="initial",
        due_at=NOW + 3 * DAY,
        closes_at=NOW + 5 * DAY,
    )


def on_dashboard(client):
    return client.get(DASHBOARD).context["deadlines"]


def entries(user, language="th"):
    return Calendar.from_ical(calendar.feed(user, language)).walk("VEVENT")


def test_the_dashboard_shows_what_is_due_within_a_week(signed_in, enrolment, dates):
    (deadline,) = on_dashboard(signed_in)
    assert (deadline.when, deadline.late, deadline.course_code) == (NOW + 3 * DAY, False, "COURSE")
    PhaseDates.objects.update(due_at=NOW + 8 * DAY, closes_at=NOW + 9 * DAY)
    page = signed_in.get(DASHBOARD)
    assert page.context["deadlines"] == []
    assert reverse("calendar") in page.text


def test_an_extension_moves_the_date_and_a_date_that_passed_gives_way_to_the_end(
    signed_in, enrolment, dates
):
    PhaseDates.objects.update(due_at=NOW - DAY, closes_at=NOW + DAY)
    (late,) = on_dashboard(signed_in)
    assert (late.when, late.late) == (NOW + DAY, True)
    Decision.objects.create(
        kind="extension", seat=enrolment.seat, item=dates.item, until=NOW + 6 * DAY, reason="ป่วย"
    )
    (more,) = on_dashboard(signed_in)
    assert (more.when, more.late, more.extended) == (NOW + 6 * DAY, False, True)


def test_what_is_done_or_somebody_elses_is_not_there(signed_in, enrolment, dates):
    assert len(on_dashboard(signed_in)) == 1
    Enrolment.objects.update(progress={str(dates.item): 100})
    assert on_dashboard(signed_in) == []
    assert entries(UserFactory()) == []


def test_the_next_step_names_its_date(signed_in, enrolment, dates, course):
    lesson = child(course, "l1").translation_key
    Enrolment.objects.update(progress={str(lesson): 100})
    assert signed_in.get(DASHBOARD).context["next_step"]["due"] == NOW + 3 * DAY


def test_making_renewing_and_switching_off_the_address(signed_in, learner, client):
    signed_in.post(PAGE, {"action": "renew"})
    first = CalendarAddress.objects.get(user=learner).secret
    page = signed_in.get(PAGE).text
    assert reverse("calendar_feed", args=[first]) in page
    assert f"/en/calendar/{first}.ics" in page
    signed_in.post(PAGE, {"action": "renew"})
    second = CalendarAddress.objects.get(user=learner).secret
    assert first != second
    client.logout()
    assert client.get(reverse("calendar_feed", args=[first])).status_code == 404
    assert client.get(reverse("calendar_feed", args=[second])).status_code == 200
    client.force_login(learner)
    client.post(PAGE, {"action": "off"})
    assert client.get(reverse("calendar_feed", args=[second])).status_code == 404


def test_the_feed_is_private_in_utc_and_keeps_its_uid(client, learner, enrolment, dates):
    secret = calendar.renew(learner).secret
    answer = client.get(f"/en/calendar/{secret}.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer["Cache-Control"]
    (entry,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert entry["DTSTART"].to_ical() == b"20261127T030000Z"
    assert "/en/learn/course/a1/" in str(entry["URL"])
    PhaseDates.objects.update(due_at=NOW + 4 * DAY)
    (moved,) = entries(learner, "th")
    assert str(moved["UID"]) == str(entry["UID"])
    assert moved["DTSTART"].dt == NOW + 4 * DAY
    assert str(moved["SUMMARY"]) != str(entry["SUMMARY"])  # the other language


def test_the_feed_of_a_closed_account_is_gone(client, learner):
    secret = calendar.renew(learner).secret
    learner.is_active = False
    learner.save()
    assert client.get(f"/th/calendar/{secret}.ics").status_code == 404


def test_guessing_addresses_is_slowed_down(client, db):
    statuses = [client.get("/th/calendar/guess.ics").status_code for _n in range(62)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


def test_the_page_is_for_people_with_an_account(client, db):
    assert client.get(PAGE).status_code == 302


def test_the_dashboard_with_dates_costs_at_most_twelve_queries(signed_in, enrolment, dates):
    signed_in.get(DASHBOARD)
    with CaptureQueriesContext(connection) as captured:
        signed_in.get(DASHBOARD)
    assert len(captured) <= 12, [q["sql"][:90] for q in captured]
