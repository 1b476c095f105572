"""A whole site in one process on this machine: SQLite, in-process tasks, mail on the console."""

from . import environment as env
from .base import *  # noqa: F403 - settings modules extend one another

DEBUG = env.flag("LMS_DEBUG", True)
SECRET_KEY = env.text(
    "LMS_SECRET_KEY", "only-for-this-machine-never-for-a-server-that-others-reach"
)
ALLOWED_HOSTS = env.words("LMS_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver")
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
LMS_SERVE_MEDIA = True
VAR_DIR.mkdir(exist_ok=True)  # noqa: F405
