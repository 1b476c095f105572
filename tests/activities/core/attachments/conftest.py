import pytest

from tests.factories.items import participation_of
from tests.factories.people import UserFactory


@pytest.fixture
def participation(item_version):
    return participation_of(item_version, UserFactory())


@pytest.fixture
def other(item_version):
    return participation_of(item_version, UserFactory())
