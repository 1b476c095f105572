"""The demo's people have addresses that nobody reads: while they live, no message leaves the site."""

from contextlib import contextmanager

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from activities.core.models import NoticePreference, Notification
from search import outbox

NOWHERE = "django.core.mail.backends.dummy.EmailBackend"


@contextmanager
def quietly(people):
    """Tasks run here and not in a worker, messages go nowhere, and what these people are told now is
    not mailed later."""
    conf, backend = current_app.conf, settings.EMAIL_BACKEND
    eager = conf.task_always_eager
    last = Notification.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    conf.task_always_eager, settings.EMAIL_BACKEND = True, NOWHERE
    try:
        for user in people:
            NoticePreference.objects.get_or_create(
                user=user, defaults={"email": NoticePreference.Email.NEVER}
            )
        yield
        Notification.objects.filter(pk__gt=last, mailed_at=None).update(mailed_at=F("created_at"))
    finally:
        conf.task_always_eager, settings.EMAIL_BACKEND = eager, backend


class Commits:
    """Within one long transaction, do after each act what the site does after its commit.

    Only the search index is left for the end: nobody searches meanwhile.
    """

    def __init__(self):
        self.known = len(connection.run_on_commit)

    def follow(self) -> None:
        while len(connection.run_on_commit) > self.known:
            waiting = connection.run_on_commit[self.known :]
            del connection.run_on_commit[self.known :]
            for savepoints, function, robust in waiting:
                if function is outbox.start:
                    connection.run_on_commit.insert(0, (savepoints, function, robust))
                    self.known += 1
                    continue
                with transaction.atomic():
                    function()
