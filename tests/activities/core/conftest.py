"""An item of some kind, for what does not depend on the kind."""

import uuid

import pytest

from activities.discussion.models import DiscussionPage
from tests.factories.items import locale, version_of


@pytest.fixture
def item_version(db):
    return version_of(
        DiscussionPage(
            title="วงอภิปราย",
            slug="talk",
            minutes=30,
            locale=locale("th"),
            translation_key=uuid.uuid4(),
        )
    )
