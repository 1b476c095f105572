"""Fixtures shared by the suite."""

import os

import pytest
from django.core.cache import cache

from activities.core.content import forget


def pytest_collection_modifyitems(config, items):
    """A test that needs a service fails in CI when the service is missing; elsewhere it is left
    out, and the summary says so."""
    if os.environ.get("LMS_REQUIRE_SERVICES") == "1":
        return
    for item in items:
        marker = item.get_closest_marker("services")
        if marker is None:
            continue
        missing = [name for name in marker.args if not os.environ.get(name)]
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(missing)}"))


@pytest.fixture(autouse=True)
def clean_memory():
    """What the process keeps in memory must not travel from one test to the next."""
    cache.clear()
    forget()
    yield
