"""A course on offer, somebody in it, and somebody who is not."""

import pytest
from django.urls import reverse

from tests.factories.courses import enrolled, make_course
from tests.factories.people import UserFactory


@pytest.fixture
def course(db):
    return make_course("course", lectures=[25, 10], actives=["role_play_solo", "discussion"])


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
