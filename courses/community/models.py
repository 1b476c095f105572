"""What people tell the site and the site tells people: announcements, opinions, a calendar's address."""

import secrets
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from activities.core.models import ItemVersion
from courses.catalogue.models import TargetGroup
from courses.enrolment.models import Enrolment

from .forms import AnnouncementForm

LONGEST_TEXT = 2000


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class CalendarAddress(models.Model):
    """The secret part of the address at which a person's calendar program reads their dates.

    Kept readable, because the person is shown it again; it opens a list of dates and nothing else.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_address"
    )
    secret = models.CharField(max_length=64, unique=True, default=new_secret)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"calendar of {self.user_id}"


class Announcement(models.Model):
    """Something that the site's managers tell everybody, an agency or a target group, for a time."""

    class Level(models.TextChoices):
        INFO = "info", _("For your information")
        WARNING = "warning", _("Important")
        DANGER = "danger", _("Urgent: cannot be put away")

    title_th = models.CharField(_("title in Thai"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    text_th = models.TextField(
        _("text in Thai"), max_length=600, blank=True, validators=[MaxLengthValidator(600)]
    )
    text_en = models.TextField(
        _("text in English"), max_length=600, blank=True, validators=[MaxLengthValidator(600)]
    )
    link = models.CharField(
        _("address to read more"),
        max_length=300,
        blank=True,
        help_text=_("A page of this site, for example /th/help/, or an address with https://."),
    )
    level = models.CharField(_("level"), max_length=7, choices=Level, default=Level.INFO)
    shown_from = models.DateTimeField(_("shown from"), default=timezone.now)
    shown_until = models.DateTimeField(
        _("shown until"), null=True, blank=True, help_text=_("Empty: until somebody takes it away.")
    )
    agency = models.UUIDField(
        _("only for people of"),
        null=True,
        blank=True,
        help_text=_(
            "An agency and everything below it. Empty: everybody, also without an account."
        ),
    )
    target_group = models.ForeignKey(
        TargetGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only for the target group"),
    )

    base_form_class = AnnouncementForm
    panels = [
        MultiFieldPanel([FieldPanel("title_th"), FieldPanel("text_th")], heading=_("Thai")),
        MultiFieldPanel([FieldPanel("title_en"), FieldPanel("text_en")], heading=_("English")),
        FieldPanel("link"),
        FieldPanel("level"),
        FieldRowPanel(
            [FieldPanel("shown_from"), FieldPanel("shown_until")], heading=_("When it is shown")
        ),
        MultiFieldPanel(
            [FieldPanel("agency"), FieldPanel("target_group")], heading=_("For whom it is")
        ),
    ]

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["-shown_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shown_until__isnull=True)
                | models.Q(shown_until__gt=models.F("shown_from")),
                name="an_announcement_ends_after_it_begins",
                violation_error_message=_("It must end after it begins."),
            ),
            models.CheckConstraint(
                condition=~models.Q(title_th=""), name="an_announcement_has_a_title"
            ),
        ]
        indexes = [models.Index(fields=["shown_until"], name="announcements_by_end")]

    def __str__(self):
        return self.title((get_language() or "th")[:2])

    def title(self, language: str) -> str:
        return (self.title_en if language == "en" else self.title_th) or self.title_th

    def text(self, language: str) -> str:
        return (self.text_en if language == "en" else self.text_th) or self.text_th

    def language_shown(self, language: str) -> str:
        """The language in which a reader of `language` gets it."""
        return "en" if language == "en" and self.title_en else "th"

    def clean(self):
        super().clean()
        if self.link and not self.link.startswith(("https://", "/")) or self.link.startswith("//"):
            raise ValidationError(
                {"link": _("Begin with https:// or, for a page of this site, with one stroke: /.")}
            )


class PutAway(models.Model):
    """An announcement that somebody has read and does not want to see again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "announcement"], name="an_announcement_is_put_away_once"
            )
        ]

    def __str__(self):
        return f"{self.announcement_id} by {self.user_id}"


class LessonFeedback(models.Model):
    """Whether a lesson, as it was then, was of use to somebody, and why. Authors read it without
    the name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    course = models.UUIDField()
    item = models.UUIDField()
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="+")
    useful = models.BooleanField()
    why = models.TextField(max_length=LONGEST_TEXT, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "version"], name="one_opinion_per_person_and_lesson_version"
            )
        ]
        indexes = [models.Index(fields=["course", "item"], name="opinions_of_a_course")]

    def __str__(self):
        return f"{self.item}: {'useful' if self.useful else 'not useful'}"


class SurveyAnswer(models.Model):
    """What somebody thinks of a course that they have completed. A question may be left out.

    Tied to the enrolment so that there is one of each; nobody who teaches learns whose it is.
    """

    SCALE = ("content", "instructor", "activities", "platform", "at_work")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enrolment = models.OneToOneField(
        Enrolment, on_delete=models.CASCADE, related_name="survey_answer"
    )
    content = models.PositiveSmallIntegerField(null=True, blank=True)
    instructor = models.PositiveSmallIntegerField(null=True, blank=True)
    activities = models.PositiveSmallIntegerField(null=True, blank=True)
    platform = models.PositiveSmallIntegerField(null=True, blank=True)
    at_work = models.PositiveSmallIntegerField(null=True, blank=True)
    best = models.TextField(max_length=LONGEST_TEXT, blank=True)
    better = models.TextField(max_length=LONGEST_TEXT, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(**{f"{name}__isnull": True})
                | models.Q(**{f"{name}__gte": 1, f"{name}__lte": 5}),
                name=f"{name}_is_from_1_to_5",
            )
            for name in ("content", "instructor", "activities", "platform", "at_work")
        ]

    def __str__(self):
        return f"answer of {self.enrolment_id}"
