"""What is on offer, and what those who are enrolled go on with. Content comes from here only."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Value
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.core.models import ItemVersion

from .mix import Mix

TOTAL = F("lecture") + F("active") + F("neutral")


class CourseRelease(models.Model):
    """An immutable, ordered set of item versions, cut from the pages of a course.

    `course` is the translation key of its pages. `outline` holds what lists need, so that they
    never touch the versions: see `releases.cut.outline_of`. The database itself refuses a release
    below 40 %.
    """

    course = models.UUIDField(db_index=True)
    number = models.PositiveIntegerField()
    lecture = models.PositiveIntegerField()
    active = models.PositiveIntegerField()
    neutral = models.PositiveIntegerField()
    outline = models.JSONField()
    texts = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="releases_are_numbered"),
            models.CheckConstraint(
                # Both halves of the rule, in whole numbers: 5A ≥ 2T and 5L ≤ 3T.
                condition=GreaterThan(TOTAL, Value(0))
                & GreaterThanOrEqual(F("active") * 5, TOTAL * 2)
                & LessThanOrEqual(F("lecture") * 5, TOTAL * 3),
                name="active_share_at_least_40_percent",
            ),
        ]

    def __str__(self):
        return f"{self.course} #{self.number}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise ValidationError("A release never changes; cut another.", code="immutable")
        super().save(*args, **kwargs)

    @property
    def mix(self) -> Mix:
        return Mix(self.lecture, self.active, self.neutral)


class ReleaseItem(models.Model):
    """A version's place in a release."""

    release = models.ForeignKey(CourseRelease, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["release", "position"], name="one_item_per_position"),
            models.UniqueConstraint(fields=["release", "version"], name="an_item_stands_once"),
        ]

    def __str__(self):
        return f"{self.release_id}.{self.position}"


class CourseState(models.Model):
    """What is true about a course now: which release is on offer, and what holds the next one back.

    `current` is what is on offer: the only one that the catalogue, enrolment and the API know.
    `served` is what those who are enrolled get: the same one, and the last one that was on offer
    once the course has been withdrawn.

    Not on the page, because page fields travel in revisions and the next publish would bring an
    old value back.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Not offered yet")
        OFFERED = "offered", pgettext_lazy("course", "On offer")
        HELD = "held", _("On offer; changes are held back")
        WITHDRAWN = "withdrawn", pgettext_lazy("course", "Withdrawn")

    course = models.UUIDField(unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    current = models.ForeignKey(
        CourseRelease, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    served = models.ForeignKey(
        CourseRelease, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    slug = models.SlugField(max_length=255, allow_unicode=True, blank=True, db_index=True)
    dirty = models.BooleanField(default=False)
    problems = models.JSONField(default=list, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("course state")
        verbose_name_plural = _("course states")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(current__isnull=False, status__in=["offered", "held"])
                | models.Q(current__isnull=True, status__in=["draft", "withdrawn"]),
                name="on_offer_means_there_is_a_release",
            ),
            models.CheckConstraint(
                condition=models.Q(current__isnull=True) | models.Q(served=F("current")),
                name="the_enrolled_get_what_is_on_offer",
            ),
            models.CheckConstraint(
                condition=models.Q(served__isnull=True, status="draft")
                | models.Q(served__isnull=False, status__in=["offered", "held", "withdrawn"]),
                name="whoever_is_enrolled_goes_on_after_a_withdrawal",
            ),
        ]

    def __str__(self):
        return f"{self.slug or self.course}: {self.status}"

    def save(self, *args, **kwargs):
        if self.current_id is not None:
            self.served_id = self.current_id
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "served"}
        super().save(*args, **kwargs)

    @property
    def closed(self) -> bool:
        """Nobody can enrol any more; those who are enrolled go on with the last release."""
        return self.current_id is None and self.served_id is not None


class MeasuredCap(models.Model):
    """An activity that takes learners less than half of the minutes it declares counts less.

    Found after the fact from people who completed it (`courses.enrolment.time_audit`): it counts at
    most `minutes`, twice their median, from the next release on. It stays until as many people,
    who completed it after `since`, show otherwise.
    """

    item = models.UUIDField(unique=True)
    minutes = models.PositiveIntegerField()
    declared = models.PositiveIntegerField()
    median_minutes = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("measured limit of minutes")
        verbose_name_plural = _("measured limits of minutes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(people__gte=10), name="ten_people_or_more_were_measured"
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__lt=F("declared")),
                name="a_measured_limit_is_below_what_was_declared",
            ),
        ]

    def __str__(self):
        return f"{self.item}: {self.minutes}"
