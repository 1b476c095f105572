import os
import uuid

import pytest

from search import engines, sources

from .places import Shelf


@pytest.fixture
def shelf_source(db):
    """The only source while the test runs; nothing of other tests is left in the engine."""
    kept = list(sources.every())
    for source in kept:
        sources.unregister(source.name)
    engines.database().clear()
    source = Shelf()
    sources.register(source)
    yield source
    sources.unregister(source.name)
    for source in kept:
        sources.register(source)


@pytest.fixture
def elastic(settings):
    """An index of its own on the real server, dropped afterwards."""
    settings.LMS_ELASTICSEARCH_URL = os.environ["LMS_TEST_ELASTICSEARCH_URL"]
    settings.LMS_ELASTICSEARCH_INDEX = f"test-{uuid.uuid4().hex[:8]}"
    engine = engines.elasticsearch()
    engine.rests_until = 0.0
    engine.clear()
    yield engine
    engine.rests_until = 0.0
    engine.asked(engine.drop)
