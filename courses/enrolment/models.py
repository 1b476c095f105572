"""Who takes a course, with whom, and how far they are."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CourseRun(models.Model):
    """One holding of a course: the people who learn together. Rolling runs never end."""

    class Pacing(models.TextChoices):
        ROLLING = "rolling", _("Learn at any time")
        COHORT = "cohort", _("Learn with a cohort")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.UUIDField(db_index=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    pacing = models.CharField(_("pacing"), max_length=8, choices=Pacing, default=Pacing.ROLLING)
    is_open = models.BooleanField(_("open for enrolment"), default=True)
    instructors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="runs", verbose_name=_("instructors")
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["course"],
                condition=models.Q(pacing="rolling"),
                name="one_rolling_run_per_course",
            )
        ]

    def __str__(self):
        return self.name or str(self.key)


class Enrolment(models.Model):
    """Somebody's place in a run. `seat` is what activities know of it.

    `progress` maps an item's key to its per cent done. It is a copy of the participations, kept
    beside the enrolment so that lists of many people or courses stay one query;
    `progress.rebuild` makes it anew.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Learning")
        COMPLETED = "completed", _("Completed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments"
    )
    run = models.ForeignKey(CourseRun, on_delete=models.PROTECT, related_name="enrolments")
    seat = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    progress = models.JSONField(default=dict, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    last_item = models.UUIDField(null=True, blank=True)
    last_step = models.CharField(max_length=60, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    last_ping_at = models.DateTimeField(null=True, blank=True)
    enrolled_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["user", "run"], name="one_enrolment_per_run"),
            models.CheckConstraint(
                condition=models.Q(percent__lt=100) | models.Q(completed_at__isnull=False),
                name="all_done_has_a_date",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "state", "-last_seen_at"]),
            models.Index(fields=["user", "state"]),
        ]

    def __str__(self):
        return f"{self.user_id} in {self.run_id}"


class MeasuredTime(models.Model):
    """Seconds that somebody was visibly active in an item; shown to that person only."""

    seat = models.UUIDField()
    item = models.UUIDField()
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seat", "item"], name="one_measure_per_seat_and_item")
        ]

    def __str__(self):
        return f"{self.seconds} s"
