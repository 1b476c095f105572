"""Authors are told before the fact: with the numbers, the way out, and their draft kept."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield
from wagtail.users.models import UserProfile

from courses.catalogue.models import LessonPage
from courses.releases.models import CourseRelease
from lms.people.roles import INSTRUCTOR
from tests.factories.courses import child, make_course, state_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return make_course("course", lectures=[25], actives=["role_play_solo"])


@pytest.fixture
def author(client, course):
    person = UserFactory(preferred_language="en")
    person.groups.add(Group.objects.get(name=INSTRUCTOR))
    UserProfile.objects.create(user=person, preferred_language="en")
    client.force_login(person)
    return client


def lesson_form(**changes) -> dict:
    fields = {
        "title": "บทเรียน l1",
        "slug": "l1",
        "minutes": "25",
        "required": "on",
        "body": streamfield([]),
        "comments": inline_formset([]),
        **changes,
    }
    return nested_form_data(fields)


def test_publishing_a_lesson_that_is_too_long_is_refused_with_the_numbers(author, course):
    lesson = child(course, "l1")
    release = state_of(course).current

    response = author.post(
        reverse("wagtailadmin_pages:edit", args=[lesson.pk]),
        lesson_form(minutes="50", **{"action-publish": "1"}),
        follow=True,
    )

    said = " ".join(str(m) for m in response.context["messages"])
    # 50 of 70 minutes; 14 minutes of doing more, or 20 of lecture less.
    for number in ("50", "71.43", "20", "28.57", "70", "14"):
        assert number in said
    stored = LessonPage.objects.get(pk=lesson.pk)
    assert (stored.minutes, stored.live) == (25, True)
    assert stored.get_latest_revision_as_object().minutes == 50
    assert state_of(course).current == release


def test_a_lesson_that_fits_is_published(author, course, django_capture_on_commit_callbacks):
    lesson = child(course, "l1")
    with django_capture_on_commit_callbacks(execute=True):
        author.post(
            reverse("wagtailadmin_pages:edit", args=[lesson.pk]),
            lesson_form(minutes="30", **{"action-publish": "1"}),
        )
    assert LessonPage.objects.get(pk=lesson.pk).minutes == 30
    assert state_of(course).current.lecture == 30


def test_a_draft_of_any_length_may_be_saved(author, course):
    lesson = child(course, "l1")
    author.post(reverse("wagtailadmin_pages:edit", args=[lesson.pk]), lesson_form(minutes="300"))
    stored = LessonPage.objects.get(pk=lesson.pk)
    assert stored.minutes == 25
    assert stored.get_latest_revision_as_object().minutes == 300


def test_creating_and_publishing_a_heavy_lesson_leaves_a_draft(
    author, course, django_capture_on_commit_callbacks
):
    release = state_of(course).current
    with django_capture_on_commit_callbacks(execute=True):
        response = author.post(
            reverse("wagtailadmin_pages:add", args=["catalogue", "lessonpage", course.pk]),
            lesson_form(title="บทยาว", slug="heavy", minutes="200", **{"action-publish": "1"}),
            follow=True,
        )

    page = LessonPage.objects.get(slug="heavy")
    assert (page.live, page.minutes) == (False, 200)
    assert page.get_latest_revision_as_object().title == "บทยาว"
    assert "225" in " ".join(str(m) for m in response.context["messages"])
    state = state_of(course)
    assert (state.status, state.current) == ("offered", release)
    assert CourseRelease.objects.count() == 1


def test_parts_of_a_course_that_is_being_built_may_be_published_in_any_order(author):
    course = make_course("built", lectures=[25], actives=[], offered=False)
    course.unpublish()
    response = author.post(
        reverse("wagtailadmin_pages:add", args=["catalogue", "lessonpage", course.pk]),
        lesson_form(title="อีกบท", slug="more", minutes="200", **{"action-publish": "1"}),
    )
    assert response.status_code == 302
    assert LessonPage.objects.get(slug="more").live


def test_a_course_that_only_lectures_cannot_be_published(author):
    course = make_course("lectures", lectures=[60], actives=[], offered=False)
    course.unpublish()
    author.post(
        reverse("wagtailadmin_pages:edit", args=[course.pk]),
        nested_form_data(
            {
                "title": course.title,
                "slug": course.slug,
                "code": course.code,
                "summary": course.summary,
                "level": "foundation",
                "pacing": "rolling",
                "outcomes": streamfield([]),
                "seo_title": "",
                "search_description": "",
                "comments": inline_formset([]),
                "action-publish": "1",
            }
        ),
    )
    course.refresh_from_db()
    assert not course.live
    assert state_of(course).current is None
