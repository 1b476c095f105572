"""The settings of a worker that a test starts, and kills while it sends mail."""

from lms.settings.test import *  # noqa: F403 - settings modules extend one another

CELERY_TASK_ALWAYS_EAGER = False
EMAIL_BACKEND = "tests.lms.killing_mail.EmailBackend"
