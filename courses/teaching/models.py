"""What instructors and the people of a run write to one another."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.enrolment.models import CourseRun


class Message(models.Model):
    """One message in the conversation of a learner with the instructors of a run.

    Messages of one sending share a `batch`: sent twice, each person still gets it once. `body` is
    the text as this person reads it, with nothing left to fill in.
    """

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="messages")
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="run_messages"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    by_staff = models.BooleanField()
    body = models.TextField()
    batch = models.UUIDField(default=uuid.uuid4)
    sent_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["sent_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "learner"], name="a_sending_reaches_each_person_once"
            ),
            models.CheckConstraint(condition=~models.Q(body=""), name="messages_say_something"),
        ]
        indexes = [
            models.Index(fields=["run", "learner", "sent_at"], name="messages_of_a_conversation"),
            models.Index(fields=["author", "sent_at"], name="messages_by_author"),
            models.Index(
                fields=["run"],
                condition=models.Q(by_staff=False, read_at__isnull=True),
                name="answers_not_read",
            ),
        ]

    def __str__(self):
        return f"{self.run_id}: {self.learner_id} {self.sent_at:%Y-%m-%d %H:%M}"


class Announcement(models.Model):
    """What the people of a run read on their pages from `shown_from` until `shown_until`.

    `title` and `body` are Thai; without English the Thai is shown. `tell` says that people get a
    notification (and mail, as they wish) once it is shown; `told_at` that they did.
    """

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="announcements")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    title = models.CharField(_("heading"), max_length=120)
    title_en = models.CharField(_("heading in English"), max_length=120, blank=True)
    body = models.TextField(_("text"), max_length=4000)
    body_en = models.TextField(_("text in English"), max_length=4000, blank=True)
    pinned = models.BooleanField(_("keep at the top"), default=False)
    tell = models.BooleanField(_("notify the people of the run"), default=True)
    shown_from = models.DateTimeField(_("shown from"), default=timezone.now)
    shown_until = models.DateTimeField(_("shown until"), null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["-pinned", "-shown_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shown_until__isnull=True)
                | models.Q(shown_until__gt=models.F("shown_from")),
                name="a_runs_announcement_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "-shown_from"], name="announcements_of_a_run"),
            models.Index(
                fields=["shown_from"],
                condition=models.Q(tell=True, told_at__isnull=True),
                name="announcements_to_tell",
            ),
        ]

    def __str__(self):
        return self.title

    def in_language(self, language: str) -> tuple[str, str]:
        """(heading, text)"""
        if language == "en":
            return self.title_en or self.title, self.body_en or self.body
        return self.title, self.body


from .desk_models import (  # noqa: E402,F401 - Django finds models here
    Attendance,
    AttendanceChange,
    AttendanceRule,
    Meeting,
    SeenAs,
)
