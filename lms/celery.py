"""The Celery application. Without a broker, tasks run in this process after commit."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")

app = Celery("sala")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
