"""A run with an instructor and two learners."""

import pytest
from django.contrib.auth.models import Group

from lms.people.roles import INSTRUCTOR
from tests.factories.courses import enrolled, make_course, run_of
from tests.factories.people import UserFactory


@pytest.fixture
def course(db):
    return make_course("course", lectures=[25], actives=["role_play_solo"])


@pytest.fixture
def run(course):
    return run_of(course)


def an_instructor(*runs):
    person = UserFactory()
    person.groups.add(Group.objects.get_or_create(name=INSTRUCTOR)[0])
    for run in runs:
        run.instructors.add(person)
    return person


@pytest.fixture
def instructor(run):
    return an_instructor(run)


@pytest.fixture
def stranger(db):
    """Teaches, but not this run."""
    return an_instructor()


@pytest.fixture
def enrolment(course, run):
    return enrolled(UserFactory(first_name="สมชาย", last_name="ใจดี"), course)


@pytest.fixture
def other(course, run):
    return enrolled(UserFactory(), course)
