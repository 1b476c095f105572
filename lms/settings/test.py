"""The test suite: fast hashing, mail in memory, tasks in process."""

import os

from .base import *  # noqa: F403 - settings modules extend one another

DEBUG = False
SECRET_KEY = "for-tests-only"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = os.path.join("/tmp", "sala-test-media", os.environ.get("PYTEST_XDIST_WORKER", "main"))
STORAGES["attachments"] = {  # noqa: F405
    "BACKEND": "django.core.files.storage.InMemoryStorage"
}
LMS_SERVE_MEDIA = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
if not os.environ.get("LMS_DATABASE_URL"):
    # A file, so that tests may open a second connection (an in-memory database has only one).
    VAR_DIR.mkdir(exist_ok=True)  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}  # noqa: F405
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
LOGGING["root"]["level"] = "ERROR"  # noqa: F405
