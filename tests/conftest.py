"""Fixtures shared by the suite."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation

from activities.core import health
from activities.core.content import forget
from courses.enrolment import catalogue
from lms.celery import CarefulTask

pytest_plugins = ["tests.services", "tests.database"]


@pytest.fixture(autouse=True)
def clean_memory():
    """What the process keeps in memory must not travel from one test to the next."""
    cache.clear()
    forget()
    health.forget()
    catalogue.forget()
    CarefulTask.away_until = 0.0
    # A request leaves its language behind in this thread.
    translation.activate(settings.LANGUAGE_CODE)
    yield
