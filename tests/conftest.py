"""Fixtures shared by the suite."""

import pytest
from django.core.cache import cache

from activities.core.content import forget
from courses.enrolment import catalogue

pytest_plugins = ["tests.services"]


@pytest.fixture(autouse=True)
def clean_memory():
    """What the process keeps in memory must not travel from one test to the next."""
    cache.clear()
    forget()
    catalogue.forget()
    yield
