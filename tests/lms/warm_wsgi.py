"""The site for tests that kill web workers: gunicorn loads it once (`--preload`) and forks, so that the
next worker is at work in a moment."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")

from django.db import connections  # noqa: E402 - after the settings are named
from django.test import Client  # noqa: E402

from lms.wsgi import application  # noqa: E402

__all__ = ["application"]

# Addresses and templates are loaded by the first request, connections must not be shared by forks.
Client().get("/th/account/login/")
connections.close_all()
