"""The assumptions about time beside what learners took: who sees it, what it says, what it costs."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.users.models import UserProfile

from courses.authoring.times import measured
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from tests.courses.enrolment.test_time_audit import complete
from tests.factories.courses import make_course
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/reports/times/"
MOST_QUERIES = 30


@pytest.fixture
def course():
    return make_course("course", lectures=[10])


def person(client, group=None, language="en"):
    made = UserFactory(preferred_language=language)
    UserProfile.objects.create(user=made, preferred_language=language)
    if group:
        made.groups.add(Group.objects.get(name=group))
    client.force_login(made)
    return client


def test_medians_from_five_people_on(course):
    complete(course, 4, 6)
    (row,) = measured.rows(measured.activities())
    assert (row.people, row.median, row.percent) == (4, None, None)
    (kind,) = measured.kinds()
    assert (kind.items, kind.measured, kind.percent) == (1, 0, None)


def test_what_they_took_stands_beside_what_was_declared(client, course, settings):
    complete(course, 3, 6)
    complete(course, 3, 12)
    (row,) = measured.rows(measured.activities())
    assert (row.people, row.median) == (6, 9)
    assert row.percent == round(100 * 9 / row.declared)
    settings.LMS_READ_CHARS_PER_MINUTE = 777
    browser = person(client, COURSE_MANAGER)
    text = browser.get(PAGE).text
    assert "777 characters a minute" in text and "LMS_READ_CHARS_PER_MINUTE" in text
    assert f"9 ({row.percent} %)" in text
    assert PAGE in browser.get(reverse("wagtailadmin_home")).text


def test_in_thai(client, course):
    text = person(client, COURSE_MANAGER, "th").get(PAGE).text
    assert "อ่าน" in text and "ตัวอักษรต่อนาที" in text and "จำนวนผู้เรียนยังไม่เพียงพอ" in text


@pytest.mark.parametrize("group", [None, INSTRUCTOR])
def test_others_do_not_see_it(client, course, group):
    assert person(client, group).get(PAGE).status_code == (302 if group else 403)


def test_a_site_without_courses(client):
    client.force_login(UserFactory(is_superuser=True, preferred_language="en"))
    assert "No course on offer" in client.get(PAGE, headers={"Accept-Language": "en"}).text


def test_its_cost_does_not_grow_with_courses(client, course):
    browser = person(client, COURSE_MANAGER)
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        browser.get(PAGE)
    make_course("another", lectures=[10])
    with CaptureQueriesContext(connection) as two:
        browser.get(PAGE)
    assert len(two) <= len(one) <= MOST_QUERIES
