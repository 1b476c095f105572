"""The record of a completed course, as it was on the day it was issued."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.enrolment.models import Enrolment
from courses.releases.models import CourseRelease

# No letters that are mistaken for digits when a number is read out or typed from paper.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def new_code() -> str:
    """A number that cannot be guessed: 16 of 31 characters are 79 bits."""
    return "".join(secrets.choice(ALPHABET) for _position in range(16))


class Certificate(models.Model):
    """A copy of everything it says, so that it stays true when names or courses change."""

    code = models.CharField(max_length=16, unique=True, default=new_code, editable=False)
    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.PROTECT, related_name="certificate"
    )
    release = models.ForeignKey(CourseRelease, on_delete=models.PROTECT, related_name="+")
    holder = models.CharField(_("holder"), max_length=310)
    course_code = models.CharField(max_length=20)
    titles = models.JSONField()
    segments = models.JSONField()
    lecture_minutes = models.PositiveIntegerField(default=0)
    workshop_minutes = models.PositiveIntegerField(default=0)
    discussion_minutes = models.PositiveIntegerField(default=0)
    role_play_minutes = models.PositiveIntegerField(default=0)
    neutral_minutes = models.PositiveIntegerField(default=0)
    completed_at = models.DateTimeField()
    issued_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoke_reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True) | ~models.Q(revoke_reason=""),
                name="revoked_has_a_reason",
            )
        ]

    def __str__(self):
        return f"{self.number}: {self.holder}"

    @property
    def number(self) -> str:
        """The code in groups of four, as it is printed."""
        return "-".join(self.code[n : n + 4] for n in range(0, 16, 4))

    @property
    def course_title_th(self) -> str:
        return self.titles.get("th") or next(iter(self.titles.values()))

    @property
    def course_title_en(self) -> str:
        return self.titles.get("en", "")

    @property
    def active_minutes(self) -> int:
        return self.workshop_minutes + self.discussion_minutes + self.role_play_minutes

    @property
    def total_minutes(self) -> int:
        return self.lecture_minutes + self.active_minutes + self.neutral_minutes
