"""A workshop in a run with dates: before the beginning, late, and results that wait for the end."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override
from icalendar import Calendar

from activities.core.date_input import read_moment
from activities.core.errors import Refused
from activities.core.models import PhaseDates
from activities.core.pacing import windows_of
from activities.workshop import grades, standing
from tests.factories.items import version_of

from .conftest import Learner, page_in

pytestmark = pytest.mark.django_db
DUE = datetime.fromisoformat("2026-11-22T16:30:00+07:00")


class Dated(Learner):
    """Somebody in a run with dates."""

    def visit(self):
        visit = super().visit()
        visit.windows = windows_of(
            self.participation.cohort, self.participation.item, self.participation.seat
        )
        return visit


@pytest.fixture
def people(kind):
    """`people(policy, n)`: so many in one run, at half past three before the date of sending."""

    def make(policy="penalty", n=1, language="en", **changes):
        pages = {"late_policy": policy, "late_points": 5, "late_most": 30, **changes}
        version = version_of(page_in("th", **pages), en=page_in("en", **pages))
        cohort = version.item
        PhaseDates.objects.create(
            cohort=cohort,
            item=version.item,
            phase="submission",
            opens_at=DUE - timedelta(days=10),
            due_at=DUE,
        )
        PhaseDates.objects.create(
            cohort=cohort,
            item=version.item,
            phase="review",
            opens_at=DUE - timedelta(days=10),
            closes_at=DUE + timedelta(days=30),
        )
        found = [Dated(kind, version, cohort, language=language) for _ in range(n)]
        for one in found:
            one.now = DUE - timedelta(hours=1)
        return found

    return make


def at(one, moment):
    one.now = moment
    return one


@pytest.mark.parametrize(
    ("minutes", "late"),
    [(-1, 0), (0, 1), (1, 1), (1440, 1440), (1441, 1441)],
)
def test_minutes_late(people, minutes, late):
    (one,) = people()
    at(one, DUE + timedelta(minutes=minutes)).send()
    assert one.work.late_minutes == late


def test_seconds_after_the_date_are_a_minute_late(people):
    (one,) = people()
    at(one, DUE + timedelta(minutes=3, seconds=1)).send()
    assert one.work.late_minutes == 4


@pytest.mark.parametrize(("minutes", "points"), [(1, 5), (1440, 5), (1441, 10), (99_999, 30)])
def test_points_off_for_each_day_begun(people, minutes, points):
    (one,) = people()
    assert grades.points_off(one.visit().rules, minutes) == points


def test_the_penalty_is_in_the_grade_and_said_to_the_author(people, kind):
    people = people(n=3)
    at(people[2], DUE + timedelta(minutes=1))
    for one in people:
        one.now = max(one.now, DUE + timedelta(minutes=1)) if one is people[2] else one.now
        one.send()
        one.practise()
    for one in people:
        at(one, DUE + timedelta(hours=1)).duty(points=2)
    late, in_time = people[2], people[0]
    for one in (late, in_time):
        at(one, DUE + timedelta(days=1)).advance()
    assert in_time.work.grade - late.work.grade == 5
    assert "5 points were taken off" in late.see("results")
    assert "points were taken off" not in in_time.see("results")
    grades.aggregate_all(late.participation.cohort, late.participation.item)
    assert in_time.work.grade - late.work.grade == 5


@pytest.mark.parametrize(
    ("policy", "words"),
    [("accept", "marked as late"), ("penalty", "5 points are taken off"), ("refuse", "is over")],
)
def test_what_being_late_means_is_said_before_it_is_sent(people, policy, words):
    (one,) = people(policy)
    assert words not in one.see("work")
    at(one, DUE)
    assert words in one.see("work")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "The date for sending was 22 Nov 2026, 16:30."),
        ("th", "หมดเวลาส่งงานเมื่อ 22 พ.ย. 2569 16.30 น."),
    ],
)
def test_late_work_is_refused_where_the_author_says_so_and_nothing_is_lost(people, language, words):
    (one,) = people("refuse", language=language)
    one.do("check", "work", **one.worksheet())
    at(one, DUE)  # the date passes between the page and the button
    error, _page = one.refused("send", "check")
    assert (error.status, error.code) == (409, "too_late") and words in error.message
    assert one.work.values["goal"] and one.work.state == "draft"


def test_more_time_moves_the_date_for_one(people):
    from activities.core.decisions import extend

    one, other = people(n=2)
    extend_until = timezone.now() + timedelta(days=365)
    extend(one.participation, extend_until, "ลาป่วยตามใบรับรองแพทย์", None)
    for person in (one, other):
        at(person, DUE + timedelta(days=2)).send()
    assert one.work.late_minutes == 0 and other.work.late_minutes == 2880


def test_midnight_is_the_beginning_of_the_next_day():
    assert read_moment("22 พ.ย. 2569 24.00 น.") == datetime.fromisoformat(
        "2026-11-23T00:00:00+07:00"
    )


def test_before_the_beginning_one_reads_what_is_asked_and_takes_the_dates_along(people):
    (one,) = people()
    at(one, DUE - timedelta(days=12))
    page = one.see()
    assert "opens on 12 Nov 2026, 16:30" in page and "<textarea" not in page
    assert "The criteria by which your work will be assessed" in page
    with override("en"):
        response = one.kind.screen(one.visit(), "calendar").response()
    assert response["Content-Type"].startswith("text/calendar")
    entries = Calendar.from_ical(b"".join(response.streaming_content)).walk("VEVENT")
    assert len(entries) == 4 and len({str(entry["uid"]) for entry in entries}) == 4
    due = next(entry for entry in entries if "due" in entry["summary"])
    assert due["dtstart"].dt == DUE


def test_no_calendar_without_dates(join):
    one = join()
    with pytest.raises(Refused) as error:
        one.kind.screen(one.visit(), "calendar")
    assert error.value.status == 404


def test_results_that_wait_for_reviews_do_not_open_before_reviewing_ends(people):
    one, _other = people(n=2)
    one.send()
    first, last = standing.dates(one.work, one.visit().rules)
    assert first == DUE + timedelta(days=30) and last == first + timedelta(days=7)
    PhaseDates.objects.filter(phase="review").delete()
    assert standing.dates(one.work, one.visit().rules)[0] == one.work.submitted_at + timedelta(
        days=7
    )


def test_all_late_is_no_dead_end(people):
    people = people(n=3)
    for one in people:
        at(one, DUE + timedelta(days=1)).send()
        one.practise()
    for one in people:
        one.duty()
    for one in people:
        assert one.advance().stage == "results"


def test_reviewing_that_is_not_open_yet_says_when(people):
    one, other = people(n=2)
    for person in (one, other):
        person.send()
        person.practise()
    PhaseDates.objects.filter(phase="review").update(opens_at=DUE + timedelta(days=1))
    page = one.see("review")
    assert "Reviewing opens on 23 Nov 2026, 16:30" in page and 'value="take"' not in page
