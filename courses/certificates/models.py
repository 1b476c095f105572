"""The record of a completed course, as it was on the day it was issued; keys; transcripts."""

import secrets
import uuid

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


def in_groups(code: str) -> str:
    """The code in groups of four, as it is printed."""
    return "-".join(code[n : n + 4] for n in range(0, 16, 4))


class Certificate(models.Model):
    """A copy of everything it says, so that it stays true when names or courses change.

    A certificate never changes what it says. A correction is another certificate of the same
    enrolment, with the next `version`; the earlier one says by which it was superseded.
    """

    class State(models.TextChoices):
        VALID = "valid", _("Valid")
        SUPERSEDED = "superseded", _("Replaced by a newer one")
        REVOKED = "revoked", _("Revoked")

    code = models.CharField(max_length=16, unique=True, default=new_code, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="certificates")
    version = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    superseded_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    issue_reason = models.TextField(blank=True)
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
    grade = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
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
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True) | ~models.Q(revoke_reason=""),
                name="revoked_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(version=1) | ~models.Q(issue_reason=""),
                name="issued_again_has_a_reason",
            ),
            models.UniqueConstraint(
                fields=["enrolment", "version"], name="certificates_of_an_enrolment_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=models.Q(revoked_at__isnull=True, superseded_at__isnull=True),
                name="one_valid_certificate_per_enrolment",
            ),
        ]
        indexes = [models.Index(fields=["-issued_at", "-id"], name="certificates_by_date")]

    def __str__(self):
        return f"{self.number}: {self.holder}"

    @property
    def number(self) -> str:
        return in_groups(self.code)

    @property
    def state(self) -> str:
        if self.superseded_at:
            return self.State.SUPERSEDED
        return self.State.REVOKED if self.revoked_at else self.State.VALID

    @property
    def state_label(self) -> str:
        return self.State(self.state).label

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


class SigningKey(models.Model):
    """A key pair of the site. The private half is sealed with the site's secret (`badges.keys`).

    One of them signs; the public half of every key stays published, so that what it
    signed can be checked for ever.
    """

    kid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed = models.BinaryField()
    public = models.JSONField()
    signs = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["signs"], condition=models.Q(signs=True), name="one_key_signs_at_a_time"
            )
        ]

    def __str__(self):
        return str(self.kid)


class Transcript(models.Model):
    """A printed transcript: what it said, for whoever checks its number.

    `content` is `transcript.content()`; the same content for the same person is one row.
    """

    code = models.CharField(max_length=16, unique=True, default=new_code, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="transcripts"
    )
    holder = models.CharField(_("holder"), max_length=310)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("transcript")
        verbose_name_plural = _("transcripts")
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="one_transcript_per_content")
        ]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        return in_groups(self.code)
