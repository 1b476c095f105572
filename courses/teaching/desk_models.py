"""Meetings of a run, who attended them, and who looked at a course as one of its learners."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.enrolment.models import CourseRun, Enrolment

LONGEST_MEETING_HOURS = 12


class Meeting(models.Model):
    """When the people of a run come together, in a room or on line. `title` is in Thai."""

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="meetings")
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link to join"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="a_meeting_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["run", "starts_at"], name="meetings_of_a_run")]

    def __str__(self):
        return self.title

    def in_language(self, language: str) -> str:
        return (self.title_en if language == "en" else "") or self.title

    @property
    def minutes(self) -> int:
        """Whole minutes that it lasts."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Attendance(models.Model):
    """Somebody at a meeting. `minutes` are those attended, clipped to the meeting; they are kept
    beside the state so that a list of people is one sum."""

    class State(models.TextChoices):
        PRESENT = "present", pgettext_lazy("attendance", "Present")
        LATE = "late", pgettext_lazy("attendance", "Late")
        ABSENT = "absent", pgettext_lazy("attendance", "Absent")
        EXCUSED = "excused", pgettext_lazy("attendance", "Excused")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="attendances")
    state = models.CharField(max_length=8, choices=State)
    late_minutes = models.PositiveSmallIntegerField(default=0)
    minutes = models.PositiveSmallIntegerField(default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "enrolment"], name="attended_once_per_meeting"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["present", "late"]) | models.Q(minutes=0),
                name="who_is_not_there_attends_no_minutes",
            ),
            models.CheckConstraint(
                condition=models.Q(state="late") | models.Q(late_minutes=0),
                name="only_who_is_late_has_minutes_of_it",
            ),
        ]

    def __str__(self):
        return f"{self.enrolment_id} {self.state}"


class AttendanceChange(models.Model):
    """Append-only: what was noted of somebody at a meeting, by whom, and why it was changed."""

    attendance = models.ForeignKey(Attendance, on_delete=models.CASCADE, related_name="changes")
    before = models.CharField(max_length=8, blank=True)
    after = models.CharField(max_length=8)
    late_minutes = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(before="") | ~models.Q(reason=""),
                name="a_corrected_attendance_has_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.before} → {self.after}"


class AttendanceRule(models.Model):
    """How much of the time of its meetings completing a run asks for; no row: nothing."""

    run = models.OneToOneField(CourseRun, on_delete=models.CASCADE, related_name="attendance_rule")
    least_percent = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(least_percent__gte=1, least_percent__lte=100),
                name="attendance_asked_for_is_a_percentage",
            ),
        ]

    def __str__(self):
        return f"{self.least_percent} %"


class SeenAs(models.Model):
    """Append-only: an instructor looked at an item as a participant of the run sees it."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="seen_as")
    item = models.UUIDField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["enrolment", "-at"], name="who_looked_as_a_learner")]

    def __str__(self):
        return f"{self.by_id} as {self.enrolment_id}"
