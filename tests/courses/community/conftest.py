"""A course on offer, a cohort of it, somebody in it, and those who teach and manage."""

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from courses.enrolment.models import CourseRun, Enrolment
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from tests.factories.courses import make_course
from tests.factories.people import UserFactory


@pytest.fixture
def course(db):
    return make_course("course", lectures=[25], actives=["discussion"])


@pytest.fixture
def run(course):
    return CourseRun.objects.create(
        course=course.translation_key, pacing=CourseRun.Pacing.COHORT, name="รุ่นที่ 1"
    )


@pytest.fixture
def learner(db):
    return UserFactory()


@pytest.fixture
def enrolment(learner, run):
    return Enrolment.objects.create(user=learner, run=run)


@pytest.fixture
def signed_in(client, learner):
    client.force_login(learner)
    return client


@pytest.fixture
def instructor(run):
    user = UserFactory()
    user.groups.add(Group.objects.get_or_create(name=INSTRUCTOR)[0])
    run.instructors.add(user)
    return user


@pytest.fixture
def stranger(db):
    """An instructor of other runs."""
    user = UserFactory()
    user.groups.add(Group.objects.get_or_create(name=INSTRUCTOR)[0])
    return user


@pytest.fixture
def manager(db):
    user = UserFactory()
    user.groups.add(Group.objects.get_or_create(name=COURSE_MANAGER)[0])
    return user


@pytest.fixture
def completed():
    """Make an enrolment of a run completed, for a new person or one that is given."""

    def make(run, user=None):
        now = timezone.now()
        return Enrolment.objects.create(
            user=user or UserFactory(), run=run, state=Enrolment.State.COMPLETED, completed_at=now
        )

    return make
