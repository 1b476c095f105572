"""The Celery application. Without a broker, tasks run in this process after commit."""

import logging
import os

from celery import Celery, Task
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")

logger = logging.getLogger("sala.celery")


class CarefulTask(Task):
    """A task that cannot be queued is not the fault of the request that asked for it.

    Whatever must not be lost is noted in the database as well (`activities.core.errands`, the search
    index's outbox, unsent notifications) and found by a sweeper.
    """

    def apply_async(self, *args, **kwargs):
        try:
            return super().apply_async(*args, **kwargs)
        except (OperationalError, ConnectionError) as error:
            logger.error("Could not queue %s: %s", self.name, error)
            return None


app = Celery("sala", task_cls=CarefulTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
