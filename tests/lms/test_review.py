"""Courses are reviewed before they are published, with the ratio on the reviewer's page."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import Workflow
from wagtail.users.models import UserProfile

from lms.operations.site_tree import REVIEW, ensure_site
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from tests.factories.courses import child, make_course
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


def person(role):
    made = UserFactory(preferred_language="en")
    made.groups.add(Group.objects.get(name=role))
    UserProfile.objects.create(user=made, preferred_language="en")
    return made


def test_a_course_is_reviewed_by_course_managers():
    course = make_course("course")
    assert course.get_workflow().name == REVIEW


def test_making_the_site_again_makes_no_second_workflow():
    ensure_site()
    ensure_site()
    assert Workflow.objects.filter(name=REVIEW).count() == 1


def test_the_reviewer_sees_the_ratio_and_approves(client, django_capture_on_commit_callbacks):
    course = make_course("course")
    lesson = child(course, "l1")
    lesson.minutes = 26
    lesson.save_revision(user=person(INSTRUCTOR))
    state = course.get_workflow().start(lesson, person(INSTRUCTOR))
    client.force_login(person(COURSE_MANAGER))
    text = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).text
    assert "data-meter" in text and "26" in text
    url = reverse(
        "wagtailadmin_pages:workflow_action",
        args=[lesson.pk, "approve", state.current_task_state.pk],
    )
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"comment": ""})
    assert child(course, "l1").minutes == 26


def test_an_instructor_does_not_approve(client):
    course = make_course("course")
    lesson = child(course, "l1")
    lesson.save_revision()
    state = course.get_workflow().start(lesson, person(INSTRUCTOR))
    client.force_login(person(INSTRUCTOR))
    url = reverse(
        "wagtailadmin_pages:workflow_action",
        args=[lesson.pk, "approve", state.current_task_state.pk],
    )
    assert client.post(url, {"comment": ""}).status_code in (302, 403)
    state.refresh_from_db()
    assert state.status == "in_progress"
