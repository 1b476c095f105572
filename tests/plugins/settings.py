"""The site of a scenario: the tests' settings with a database of its own, named by LMS_DATABASE_URL."""

from lms.settings.test import *  # noqa: F403 - settings modules extend one another
