"""What the author's desk remembers."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CourseImport(models.Model):
    """A course file on its way into the site: checked first, imported when its author says so.

    The file itself is kept here and not among the media: it holds answers and sample solutions.
    `report` is what an import did or would do, `problems` are the mistakes: lists of
    {line, path, message}.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        REFUSED = "refused", _("Has mistakes")
        READY = "ready", _("Ready to import")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Went wrong")

    RUNNING = (State.CHECKING, State.IMPORTING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    remove_rest = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    percent = models.PositiveSmallIntegerField(default=0)
    report = models.JSONField(default=dict, blank=True)
    problems = models.JSONField(default=list, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="course_imports"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("import of a course file")
        verbose_name_plural = _("imports of course files")
        ordering = ["-created_at"]

    def __str__(self):
        return self.name

    @property
    def running(self) -> bool:
        return self.state in self.RUNNING
