"""Lists of people on their way into a run: checked first, enrolled when an instructor says so."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

UNDO_FOR = timedelta(days=7)


class EnrolmentImport(models.Model):
    """An uploaded list. `problems` are the first of its mistakes: [{line, message}], `mistakes` how
    many there are; `counts` is what enrolling it does: {new, accounts, returned, there}.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        REFUSED = "refused", _("Has mistakes")
        READY = "ready", _("Ready to enrol")
        IMPORTING = "importing", _("People are being enrolled")
        STOPPED = "stopped", _("Stopped half-way")
        DONE = "done", _("Everybody is enrolled")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    RUNNING = (State.CHECKING, State.IMPORTING, State.UNDOING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey("enrolment.CourseRun", on_delete=models.CASCADE, related_name="imports")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolment_imports"
    )
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    problems = models.JSONField(default=list, blank=True)
    mistakes = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("list of people")
        verbose_name_plural = _("lists of people")
        ordering = ["-created_at"]

    def __str__(self):
        return self.name

    @property
    def running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0

    @property
    def undo_until(self):
        return self.finished_at + UNDO_FOR if self.finished_at else None

    def may_be_undone(self, now) -> bool:
        return (
            self.state in (self.State.DONE, self.State.STOPPED)
            and self.finished_at is not None
            and now < self.undo_until
        )


class ImportRow(models.Model):
    """A line of a list, and what became of it."""

    class Did(models.TextChoices):
        NOTHING = "", _("Not yet")
        ENROLLED = "enrolled", _("Enrolled by this list")
        INVITED = "invited", _("Account made and enrolled")
        RETURNED = "returned", _("Came back")
        THERE = "there", _("Was in the run already")
        UNDONE = "undone", _("Undone")
        KEPT = "kept", _("Kept: has begun to learn")

    batch = models.ForeignKey(EnrolmentImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    email = models.EmailField()
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    group = models.CharField(max_length=80, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    did = models.CharField(max_length=8, choices=Did, blank=True, default=Did.NOTHING)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="one_row_per_line"),
            models.UniqueConstraint(fields=["batch", "email"], name="one_line_per_address"),
        ]
        indexes = [models.Index(fields=["batch", "did", "line"], name="lines_to_do")]

    def __str__(self):
        return f"{self.line}: {self.email}"
