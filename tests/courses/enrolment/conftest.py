"""A course on offer, somebody in it, and somebody who is not."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from courses.enrolment.models import CourseRun
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from tests.factories.courses import enrolled, make_course
from tests.factories.people import UserFactory


@pytest.fixture
def course(db):
    return make_course("course", lectures=[25, 10], actives=["role_play_solo", "discussion"])


def cohort_of(course, **values) -> CourseRun:
    """A cohort that begins next week; `values` are fields of the run."""
    begins = timezone.now() + timedelta(days=7)
    values = {"starts_at": begins, "ends_at": begins + timedelta(days=30), "name": "รุ่น 1"} | values
    return CourseRun.objects.create(course=course.translation_key, pacing="cohort", **values)


@pytest.fixture
def cohort(course):
    """Makes a cohort of the course: `cohort(capacity=2)`."""

    def make(**values):
        return cohort_of(course, **values)

    return make


@pytest.fixture
def teacher(db):
    """Makes an instructor of runs: `teacher(run)`."""

    def make(*runs):
        person = UserFactory()
        person.groups.add(Group.objects.get_or_create(name=INSTRUCTOR)[0])
        for run in runs:
            run.instructors.add(person)
        return person

    return make


@pytest.fixture
def manager(db):
    person = UserFactory()
    person.groups.add(Group.objects.get_or_create(name=COURSE_MANAGER)[0])
    return person


@pytest.fixture
def learner(db):
    return UserFactory()


@pytest.fixture
def enrolment(learner, course):
    return enrolled(learner, course)


@pytest.fixture
def signed_in(client, learner):
    client.force_login(learner)
    return client


@pytest.fixture
def address():
    def of(item: str, step: str = "") -> str:
        if step:
            return reverse("item_step", args=["course", item, step])
        return reverse("item", args=["course", item])

    return of
