"""Who takes a course, with whom, and how far they are."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .standing import EnrolmentQuerySet, Standing


class CourseRun(models.Model):
    """One holding of a course: the people who learn together. Rolling runs never end.

    `name` is the name in Thai. `agency` is the key of an agency: only its people may join then.
    `access_days_after` says how long people get in after the end; None: for good. `answer_days` is
    how long somebody who moved up from the waiting list may decline.
    """

    class Pacing(models.TextChoices):
        ROLLING = "rolling", _("Learn at any time")
        COHORT = "cohort", _("Learn with a cohort")

    class Method(models.TextChoices):
        OPEN = "open", _("Open: whoever wants to joins")
        KEY = "key", _("By key: whoever knows the key joins")
        APPROVAL = "approval", _("By approval: an instructor decides")
        STAFF = "staff", _("By an instructor only")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.UUIDField(db_index=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    pacing = models.CharField(_("pacing"), max_length=8, choices=Pacing, default=Pacing.ROLLING)
    is_open = models.BooleanField(_("open for enrolment"), default=True)
    method = models.CharField(
        _("way of enrolling"), max_length=8, choices=Method, default=Method.OPEN
    )
    enrol_key = models.CharField(_("key"), max_length=60, blank=True)
    agency = models.UUIDField(_("agency"), null=True, blank=True)
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    enrol_from = models.DateTimeField(_("enrolment opens"), null=True, blank=True)
    enrol_until = models.DateTimeField(_("enrolment closes"), null=True, blank=True)
    access_from = models.DateTimeField(_("access begins"), null=True, blank=True)
    access_days_after = models.PositiveSmallIntegerField(
        _("days of access after the end"), null=True, blank=True
    )
    readable_after = models.BooleanField(_("own work can be read afterwards"), default=True)
    least_people = models.PositiveIntegerField(_("fewest people"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    has_waiting_list = models.BooleanField(_("waiting list"), default=True)
    answer_days = models.PositiveSmallIntegerField(_("days to decline"), default=3)
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
            ),
            models.CheckConstraint(
                condition=~models.Q(pacing="rolling")
                | models.Q(starts_at__isnull=True, ends_at__isnull=True),
                name="rolling_runs_never_begin_or_end",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="a_run_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(enrol_from__isnull=True)
                | models.Q(enrol_until__isnull=True)
                | models.Q(enrol_until__gt=models.F("enrol_from")),
                name="enrolment_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=models.Q(access_from__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("access_from")),
                name="access_begins_before_the_run_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__isnull=True) | models.Q(capacity__gt=0),
                name="a_run_has_at_least_one_place",
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__isnull=True)
                | models.Q(least_people__isnull=True)
                | models.Q(least_people__lte=models.F("capacity")),
                name="fewest_people_not_above_the_places",
            ),
            models.CheckConstraint(
                condition=~models.Q(method="key") | ~models.Q(enrol_key=""),
                name="enrolling_by_key_needs_a_key",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="runs_by_beginning"),
            models.Index(fields=["ends_at"], name="runs_by_end"),
        ]

    def __str__(self):
        return self.name or str(self.key)

    def title(self, language: str) -> str:
        """The name in a language, else in the other; a rolling run without one is called by its pacing."""
        own, other = (self.name_en, self.name) if language == "en" else (self.name, self.name_en)
        return own or other or str(self.get_pacing_display())

    @property
    def access_begins(self):
        return self.access_from or self.starts_at

    @property
    def access_ends(self):
        """When people can no longer work in the run; None: never."""
        if self.ends_at is None or self.access_days_after is None:
            return None
        return self.ends_at + timedelta(days=self.access_days_after)


class RunGroup(models.Model):
    """A named part of a run's people."""

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="a_groups_name_is_there_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="groups_have_names"),
        ]

    def __str__(self):
        return self.name


class Enrolment(Standing):
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
    group = models.ForeignKey(
        RunGroup, on_delete=models.SET_NULL, null=True, blank=True, related_name="members"
    )
    # Who gave the place; None: the person took it.
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decline_until = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # Set when an instructor ended the enrolment: then one does not return by oneself.
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    objects = models.Manager.from_queryset(EnrolmentQuerySet)()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["user", "run"], name="one_enrolment_per_run"),
            models.CheckConstraint(
                condition=models.Q(percent__lt=100) | models.Q(completed_at__isnull=False),
                name="all_done_has_a_date",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_by__isnull=True) | ~models.Q(withdrawn_reason=""),
                name="who_is_taken_off_is_told_why",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "state", "-last_seen_at"]),
            models.Index(fields=["user", "state"]),
        ]

    def __str__(self):
        return f"{self.user_id} in {self.run_id}"


class Application(models.Model):
    """Somebody who wants a place in a run: waits for an answer, or for a place to become free.

    Who waits for a place is served in the order of `queued_at`.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waits for an answer")
        WAITING = "waiting", _("On the waiting list")
        ADMITTED = "admitted", _("Has a place")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Taken back")

    OPEN = (State.PENDING, State.WAITING)

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="applications")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="applications"
    )
    state = models.CharField(max_length=10, choices=State)
    why = models.TextField(blank=True)
    reason = models.CharField(max_length=500, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.UniqueConstraint(fields=["run", "user"], name="one_application_per_run"),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | ~models.Q(reason=""),
                name="who_is_refused_is_told_why",
            ),
        ]
        indexes = [models.Index(fields=["run", "state", "queued_at"], name="applications_in_order")]

    def __str__(self):
        return f"{self.user_id} for {self.run_id}: {self.state}"


class PlaceEvent(models.Model):
    """Append-only: what happened to somebody's place in a run, and who did it."""

    class Kind(models.TextChoices):
        ENROLLED = "enrolled", _("Got a place")
        RETURNED = "returned", _("Came back")
        MOVED_UP = "moved_up", _("Moved up from the waiting list")
        LEFT = "left", _("Left")
        DECLINED = "declined", _("Declined the place")
        REMOVED = "removed", _("Taken off by an instructor")
        TRANSFERRED = "transferred", _("Moved to another run")
        WAIVED = "waived", _("Enrolled without the courses required before")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="place_events")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="place_events"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["run", "user"], name="places_of_a_person")]

    def __str__(self):
        return f"{self.kind} {self.user_id}"


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


from .import_models import EnrolmentImport, ImportRow  # noqa: E402,F401 - Django finds models here
