"""The settings of a worker that a test starts, and kills at one moment after the other."""

from lms.settings.test import *  # noqa: F403 - settings modules extend one another
from tests.lms import dying  # noqa: F401 - watches commits

CELERY_TASK_ALWAYS_EAGER = False
CELERY_WORKER_LOST_WAIT = 0.5  # a process that died is given up sooner than after ten seconds
EMAIL_BACKEND = "tests.lms.dying.EmailBackend"
