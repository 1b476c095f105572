"""A course with three activities on offer, people in it, and scores as activities would give them."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group

from activities.core.enums import State
from activities.core.models import Participation
from activities.core.record import record
from courses.enrolment.rules import INSTRUCTORS
from courses.releases.delivery import current_version
from tests.factories.courses import enrolled, make_course, run_of, state_of
from tests.factories.people import UserFactory


@pytest.fixture
def course(db):
    return make_course(
        "course", lectures=[10], actives=["role_play_solo", "discussion", "workshop"]
    )


@pytest.fixture
def release(course):
    return state_of(course).current


@pytest.fixture
def run(course):
    return run_of(course)


@pytest.fixture
def learner(db):
    return UserFactory(first_name="อรุณี", last_name="ใจดี")


@pytest.fixture
def enrolment(learner, course):
    return enrolled(learner, course)


@pytest.fixture
def instructor(run):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=INSTRUCTORS))
    run.instructors.add(user)
    return user


@pytest.fixture
def keys(release):
    """{slug: key} of the course's items: l1, a1 (role-play), a2 (discussion), a3 (workshop)."""
    return {entry["slug"]: entry["key"] for entry in release.outline["items"]}


@pytest.fixture
def does(release, keys):
    """does(enrolment, "a1", "85"): somebody completes an item, with a score if one is given."""

    def act(enrolment, slug, score=None, state=State.COMPLETED):
        participation, _created = Participation.objects.get_or_create(
            seat=enrolment.seat,
            item=keys[slug],
            defaults={
                "user": enrolment.user,
                "cohort": enrolment.run.key,
                "version": current_version(release, keys[slug]),
            },
        )
        values = {} if score is None else {"score": Decimal(score)}
        record(participation, state=state, **values)
        enrolment.refresh_from_db()
        return participation

    return act
