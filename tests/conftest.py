"""Fixtures shared by the suite."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation

from activities.core import health
from activities.core.content import forget
from courses.enrolment import catalogue
from lms.celery import CarefulTask
from lms.memory import settle

pytest_plugins = ["tests.services", "tests.database"]


def pytest_collection_finish():
    """What is in memory now stays until the end: a seventh of the suite's time."""
    settle()


# Where the files that take longest are, down to where all are short.
FOLDERS = ["plugins", "e2e", "lms", "search", "paths", "courses", "activities"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Several processes begin with what takes long, so that all of them have work until the end."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        places = {name: place for place, name in enumerate(FOLDERS)}
        here = Path(__file__).parent
        items.sort(
            key=lambda item: (
                places.get(item.path.relative_to(here).parts[0], len(places))
                if item.path.is_relative_to(here)
                else len(places)
            )
        )


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
