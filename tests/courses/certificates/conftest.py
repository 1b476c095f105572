"""A completed enrolment in a course on offer, and its certificate."""

import uuid
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from courses.certificates.issue import issue
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.rules import COURSE_MANAGERS, INSTRUCTORS
from courses.grades.models import Grade
from tests.factories.people import UserFactory


def complete(user, run, when=None) -> Enrolment:
    return Enrolment.objects.create(
        user=user,
        run=run,
        state=Enrolment.State.COMPLETED,
        percent=100,
        completed_at=when or timezone.now(),
    )


@pytest.fixture
def course_run(db) -> CourseRun:
    from .test_certificates import offer

    course = uuid.uuid4()
    offer(course)
    return CourseRun.objects.create(course=course, name="รุ่นที่ 1")


@pytest.fixture
def holder(db):
    return UserFactory(first_name="อรุณี", last_name="ใจดี")


@pytest.fixture
def issued(course_run, holder):
    enrolment = complete(holder, course_run)
    Grade.objects.create(enrolment=enrolment, value=Decimal("88.5"), computed=Decimal("88.5"))
    return issue(enrolment)


@pytest.fixture
def manager(db):
    user = UserFactory()
    user.groups.add(Group.objects.get_or_create(name=COURSE_MANAGERS)[0])
    return user


@pytest.fixture
def teacher(course_run):
    user = UserFactory()
    user.groups.add(Group.objects.get_or_create(name=INSTRUCTORS)[0])
    course_run.instructors.add(user)
    return user
