"""The list of kinds of activity: who sees it, what it says, and what it costs."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from activities.core import plugins
from activities.core.models import KindHealth, Participation
from courses.releases.delivery import current_version
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from tests.factories.courses import enrolled, make_course, run_of, state_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/kinds/"
MOST_QUERIES = 30


@pytest.fixture
def course():
    return make_course("course", lectures=[25], actives=["role_play_solo"])


def person(client, *, group=None, language="en", **values):
    made = UserFactory(preferred_language=language, **values)
    UserProfile.objects.create(user=made, preferred_language=language)
    if group:
        made.groups.add(Group.objects.get(name=group))
    client.force_login(made)
    return client


def test_it_says_what_there_is_and_who_uses_it(client, course):
    enrolment = enrolled(UserFactory(), course)
    key = state_of(course).current.outline["items"][1]["key"]
    Participation.objects.create(
        user=enrolment.user,
        seat=enrolment.seat,
        cohort=run_of(course).key,
        item=key,
        version=current_version(state_of(course).current, key),
    )
    browser = person(client, is_superuser=True)
    rows = {row.name: row for row in browser.get(LIST).context["rows"]}
    assert {"lesson", "quiz", "discussion", "workshop", "role_play_solo"} <= set(rows)
    row = rows["role_play_solo"]
    assert (row.state, row.source, row.api, row.category) == ("works", "Sala", "1", "Doing")
    assert (row.pages, row.courses, row.people, row.attempts) == (1, 1, 1, 0)
    assert rows["quiz"].courses == 0
    page = browser.get(reverse("authoring_kind", args=["role_play_solo"]))
    assert reverse("authoring_dashboard", args=[course.pk]) in page.text
    assert (
        reverse("wagtailadmin_pages:type_use", args=["role_play", "roleplaysolopage"]) in page.text
    )
    nowhere = browser.get(reverse("authoring_kind", args=["no-such-kind"]), follow=True)
    assert nowhere.status_code == 404


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "It is written for another version"), ("th", "ข้อกำหนดของศาลารุ่นอื่น")],
)
def test_what_is_in_quarantine_is_explained(client, course, settings, language, said):
    settings.LMS_PLUGINS = [
        plugins.Plugin("diary", "d.apps.C", "sala-diary", "9.9", code="api", detail="api 99")
    ]
    text = person(client, is_superuser=True, language=language).get(LIST).text
    assert "sala-diary 9.9" in text and said in text and "api 99" in text


def test_a_failure_is_told_and_its_error_only_to_administrators(client, course):
    KindHealth.objects.create(
        kind="quiz", failures=3, last_failed_at=timezone.now(), last_call="screen", last_error="Oh"
    )
    for group, values, sees in (
        (COURSE_MANAGER, {}, False),
        (None, {"is_superuser": True}, True),
    ):
        browser = person(client, group=group, **values)
        for address in (LIST, reverse("authoring_kind", args=["quiz"])):
            text = browser.get(address).text
            assert "failed lately" in text
            assert ("<code>Oh</code>" in text) == sees


@pytest.mark.parametrize("group", [None, INSTRUCTOR])
def test_others_do_not_see_it(client, course, group):
    browser = person(client, group=group)
    for address in (LIST, reverse("authoring_kind", args=["quiz"])):
        assert browser.get(address).status_code == (302 if group else 403)
    if group:
        assert LIST not in browser.get(reverse("wagtailadmin_home"), follow=True).text


def test_its_cost_does_not_grow_with_courses(client, course):
    browser = person(client, is_superuser=True)
    browser.get(LIST)
    with CaptureQueriesContext(connection) as one:
        browser.get(LIST)
    make_course("another", lectures=[25], actives=["role_play_solo"])
    with CaptureQueriesContext(connection) as two:
        browser.get(LIST)
    assert len(two) <= len(one) <= MOST_QUERIES


def test_a_kind_that_is_gone_is_listed_with_what_it_leaves(client, course, monkeypatch):
    from activities.core import registry

    monkeypatch.delitem(registry._kinds, "role_play_solo")
    rows = {row.name: row for row in person(client, is_superuser=True).get(LIST).context["rows"]}
    row = rows["role_play_solo"]
    assert (row.state, row.pages, row.courses) == ("gone", 1, 1)
