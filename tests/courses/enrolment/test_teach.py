"""The instructor's pages: whose they are, and what leaves the site in a file."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.core.tables import harmless
from courses.enrolment.models import CourseRun, Enrolment
from courses.releases.models import CourseState
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from tests.factories.courses import enrolled, run_of, state_of
from tests.factories.people import UserFactory


def member_of(group: str):
    person = UserFactory()
    person.groups.add(Group.objects.get(name=group))
    return person


@pytest.fixture
def run(course):
    return run_of(course)


@pytest.fixture
def instructor(run):
    person = member_of(INSTRUCTOR)
    run.instructors.add(person)
    return person


def addresses(run) -> list[str]:
    key = next(
        item["key"]
        for item in state_of_run(run).current.outline["items"]
        if item["kind"] == "discussion"
    )
    return [
        reverse("teach_run", args=[run.pk]),
        reverse("teach_matrix", args=[run.pk]),
        reverse("teach_csv", args=[run.pk]),
        reverse("teach_item", args=[run.pk, key]),
    ]


def state_of_run(run):
    from courses.releases.delivery import state_of as delivered

    return delivered(run.course)


def test_learners_do_not_teach(signed_in, enrolment, run):
    assert signed_in.get(reverse("teach_runs")).status_code == 403
    for url in addresses(run):
        assert signed_in.get(url).status_code in (403, 404)


def test_people_without_an_account_are_led_to_sign_in(client, run):
    for url in [reverse("teach_runs"), *addresses(run)]:
        assert client.get(url).status_code == 302


def test_an_instructor_sees_the_own_run_only(client, run, instructor):
    other = CourseRun.objects.create(course=run.course, pacing="cohort", name="รุ่นอื่น")
    client.force_login(instructor)
    for url in addresses(run):
        assert client.get(url).status_code == 200, url
    for url in addresses(other):
        assert client.get(url).status_code == 404, url
    listed = client.get(reverse("teach_runs")).context["runs"]
    assert [row["url"] for row in listed] == [reverse("teach_run", args=[run.pk])]


def test_a_course_manager_sees_every_run(client, run, course):
    CourseRun.objects.create(course=run.course, pacing="cohort", name="รุ่นอื่น")
    client.force_login(member_of(COURSE_MANAGER))
    assert len(client.get(reverse("teach_runs")).context["runs"]) == 2
    for url in addresses(run):
        assert client.get(url).status_code == 200, url


def test_a_run_that_is_not_there_is_not_found(client, instructor):
    client.force_login(instructor)
    assert client.get(reverse("teach_run", args=[99999])).status_code == 404


def test_who_is_stuck_is_named(client, run, instructor, course):
    quick, slow = UserFactory(), UserFactory()
    for person in (quick, slow):
        enrolled(person, course)
    now = timezone.now()
    Enrolment.objects.filter(user=quick).update(last_seen_at=now)
    second = CourseState.objects.get().current.outline["items"][1]["key"]
    Enrolment.objects.filter(user=slow).update(
        last_seen_at=now - timedelta(days=9), last_item=second
    )
    client.force_login(instructor)
    context = client.get(reverse("teach_run", args=[run.pk]), {"state": "stuck"}).context
    assert [(row["email"], row["stuck_days"]) for row in context["people"]] == [(slow.email, 9)]
    assert context["counts"]["stuck"] == 1
    assert [row["stuck"] for row in context["items"]][:2] == [0, 1]
    assert context["counts"]["participants"] == 2
    found = client.get(reverse("teach_run", args=[run.pk]), {"q": quick.email}).context
    assert [row["email"] for row in found["people"]] == [quick.email]


def test_the_list_of_people_costs_the_same_for_two_and_twenty(client, run, instructor, course):
    client.force_login(instructor)

    def queries() -> int:
        client.get(reverse("teach_run", args=[run.pk]))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("teach_run", args=[run.pk]))
        return len(captured)

    for _n in range(2):
        enrolled(UserFactory(), course)
    two = queries()
    for _n in range(18):
        enrolled(UserFactory(), course)
    assert queries() == two


def test_names_cannot_be_formulas_in_a_spreadsheet(client, run, instructor, course):
    enrolled(UserFactory(first_name='=HYPERLINK("http://evil")', last_name="x"), course)
    enrolled(UserFactory(first_name="@SUM(A1)", last_name=""), course)
    client.force_login(instructor)
    response = client.get(reverse("teach_csv", args=[run.pk]))
    assert response["Content-Type"].startswith("text/csv")
    text = b"".join(response.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 3
    assert {row[0][:2] for row in rows[1:]} == {"'=", "'@"}
    for row in rows:
        assert not any(cell[:1] in "=+-@\t\r" for cell in row if cell)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_what_a_spreadsheet_would_run_is_quoted(cell):
    assert harmless(cell) == f"'{cell}"
    assert harmless("สมชาย") == "สมชาย"


def test_the_matrix_shows_what_was_done(client, run, instructor, course):
    enrolment = enrolled(UserFactory(), course)
    key = state_of(course).current.outline["items"][0]["key"]
    Enrolment.objects.filter(pk=enrolment.pk).update(progress={key: 100})
    client.force_login(instructor)
    (row,) = client.get(reverse("teach_matrix", args=[run.pk])).context["rows"]
    assert row["codes"] == ["d", "n", "n", "n"]
