"""A test run on a database that is there already, so that only a plugin's tables are to be made."""

from lms.settings.test import *  # noqa: F403 - settings modules extend one another

DATABASES["default"]["TEST"] = {"NAME": DATABASES["default"]["NAME"]}  # noqa: F405
