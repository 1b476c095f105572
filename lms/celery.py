"""The Celery application. Without a broker, tasks run in this process after commit."""

import logging
import os
import time

from celery import Celery, Task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")

logger = logging.getLogger("sala.celery")

# Seconds during which a queue that did not answer is not asked again.
LEFT_ALONE = 5


class CarefulTask(Task):
    """A task that cannot be queued is not the fault of the request that asked for it.

    Whatever must not be lost is noted in the database as well (`activities.core.errands`, the search
    index's outbox, unsent notifications) and found by a sweeper. A queue that did not answer is left
    alone for some seconds: a request that asks for several tasks waits once.
    """

    away_until = 0.0  # of all tasks in this process

    def apply_async(self, *args, **kwargs):
        if time.monotonic() < CarefulTask.away_until:
            logger.warning("Did not queue %s: the queue is away", self.name)
            return None
        try:
            return super().apply_async(*args, **kwargs)
        except (OperationalError, RedisError, OSError) as error:
            CarefulTask.away_until = time.monotonic() + LEFT_ALONE
            logger.error("Could not queue %s: %s", self.name, error)
            return None


app = Celery("sala", task_cls=CarefulTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
