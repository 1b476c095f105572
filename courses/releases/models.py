"""What is on offer. Learners, embeds, search and the API get content from here only."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Value
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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

    Not on the page, because page fields travel in revisions and the next publish would bring an
    old value back.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Not offered yet")
        OFFERED = "offered", _("On offer")
        HELD = "held", _("On offer; changes are held back")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    course = models.UUIDField(unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    current = models.ForeignKey(
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
        ]

    def __str__(self):
        return f"{self.slug or self.course}: {self.status}"
