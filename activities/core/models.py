"""What every kind of activity shares: pages that authors edit, immutable versions that learners
meet, and the record of what learners did."""

import uuid
from datetime import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.models import Locale, Page

from . import registry
from .content import cached_content
from .enums import AttemptState, Category, State
from .guard import boundary
from .page_form import ScheduledPageForm

LONGEST_ITEM_MINUTES = 480


class ItemPage(Page):
    """A lesson or an activity as its author edits it: a Wagtail page below a course.

    Learners never see this page; they see the `ItemVersion` that a release made of it.
    """

    kind_name: str = ""
    base_form_class = ScheduledPageForm

    minutes = models.PositiveSmallIntegerField(
        _("minutes"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_ITEM_MINUTES)],
        help_text=_(
            "How long this takes a learner. Activities are credited at most what their "
            "requirements account for."
        ),
    )
    required = models.BooleanField(
        _("required"),
        default=True,
        help_text=_("Only required activities count as doing, and towards completing the course."),
    )

    parent_page_types = ["catalogue.CoursePage", "catalogue.SectionPage"]
    subpage_types: list[str] = []
    show_in_menus_default = False
    content_panels_extra: list = []

    class Meta:
        abstract = True

    @classmethod
    def tabs(cls, *tabs: tuple[str, list]) -> TabbedInterface:
        """The edit form: the given (heading, panels) tabs between title and settings."""
        first_heading, first_panels = tabs[0]
        return TabbedInterface(
            [
                ObjectList(
                    [
                        *Page.content_panels,
                        MultiFieldPanel(
                            [FieldPanel("minutes"), FieldPanel("required")], heading=_("Time")
                        ),
                        *first_panels,
                    ],
                    heading=first_heading,
                ),
                *[ObjectList(panels, heading=heading) for heading, panels in tabs[1:]],
                ObjectList([FieldPanel("slug"), PublishingPanel()], heading=_("Address")),
            ]
        )

    @property
    def kind(self):
        """The kind of this page. Raises `registry.UnknownKind` when its plugin is gone."""
        return registry.get(self.kind_name)

    def serve(self, request, *args, **kwargs):
        """The page's own address leads into the player: content comes from releases only."""
        from django.shortcuts import redirect

        return redirect("item_by_key", key=self.translation_key)

    @property
    def preview_modes(self):
        try:
            return [("", _("At the beginning")), *self.kind.preview_modes(self)]
        except registry.UnknownKind:
            return [("", _("At the beginning"))]

    def serve_preview(self, request, mode_name):
        try:
            return self.kind.preview(self, request, mode_name)
        except registry.UnknownKind:
            from .previews import unavailable

            return unavailable(self, request)


class ItemVersion(models.Model):
    """An immutable snapshot of an item in all its languages, as a release offers it.

    Participations point here (PROTECT), so what somebody did stays readable after the page was
    changed, moved or deleted. `item` is the translation key that the page has in every language.
    `texts` maps a language to the page's fields; the source language also rules the logic (scores,
    minimums, branches), so a translation can never change what is asked of a learner.
    """

    item = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=40)
    category = models.CharField(max_length=8, choices=Category)
    declared = models.PositiveSmallIntegerField()
    required = models.BooleanField()
    lecture = models.PositiveSmallIntegerField(default=0)
    active = models.PositiveSmallIntegerField(default=0)
    neutral = models.PositiveSmallIntegerField(default=0)
    source_language = models.CharField(max_length=5)
    # Apart from the texts, so that lists and the player need not load those (they may be long).
    languages = models.JSONField(default=list)
    texts = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "digest"], name="one_version_per_content"),
            models.CheckConstraint(
                condition=models.Q(active=0) | models.Q(category=Category.ACTIVE, required=True),
                name="only_required_activities_count_as_doing",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.item}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise ValidationError("A version never changes; make another.", code="immutable")
        self.languages = sorted(self.texts)
        super().save(*args, **kwargs)

    @property
    def minutes(self) -> int:
        """Minutes that count in the course (credited)."""
        return self.lecture + self.active + self.neutral

    def language(self, wanted: str | None = None) -> str:
        """The wanted (or current) language if there is a translation, else the source language."""
        wanted = (wanted or get_language() or self.source_language)[:2]
        return wanted if wanted in self.languages else self.source_language

    def title(self, wanted: str | None = None) -> str:
        return self.texts[self.language(wanted)]["title"]

    def page(self, wanted: str | None = None):
        """The page as it was, unsaved. Works after the page row is gone."""
        kind, language = registry.get(self.kind), self.language(wanted)
        with boundary(kind, "page"):
            page = kind.page_model.from_serializable_data(
                dict(self.texts[language]), check_fks=False, strict_fks=False
            )
        # What the text itself says needs no query.
        page.locale = Locale(pk=page.locale_id, language_code=language)
        return page

    def content(self, wanted: str | None = None):
        """What the kind makes of the page in that language (`ActivityKind.content`), cached."""
        return cached_content(self, self.language(wanted))

    @property
    def rules(self):
        """The content in the source language: the only one that decides anything."""
        return cached_content(self, self.source_language)


class Participation(models.Model):
    """One learner in one item: the single truth about state, progress and score.

    `seat` is opaque here (an enrolment), `cohort` are the people one learns with (a run).
    `progress` is per cent done, 0–100; 100 only when completed. `score` is 0–100 or unknown: what
    the activity computed (`computed_score`), unless an instructor set it by hand.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="participations"
    )
    seat = models.UUIDField()
    cohort = models.UUIDField()
    item = models.UUIDField()
    version = models.ForeignKey(
        ItemVersion, on_delete=models.PROTECT, related_name="participations"
    )
    state = models.CharField(max_length=16, choices=State, default=State.NOT_STARTED)
    progress = models.PositiveSmallIntegerField(default=0)
    score = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    computed_score = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    score_is_set = models.BooleanField(default=False)
    data = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seat", "item"], name="one_participation_per_seat"),
            models.CheckConstraint(
                condition=models.Q(progress__lte=100), name="progress_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__gte=0, score__lte=100),
                name="score_is_0_to_100_or_unknown",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.COMPLETED) | models.Q(completed_at__isnull=False),
                name="completed_has_a_date",
            ),
        ]
        indexes = [
            # The desk counts by this alone, without a look at the rows.
            models.Index(
                fields=["cohort", "item", "state", "completed_at"], name="participations_by_item"
            ),
            models.Index(fields=["user", "state"]),
        ]

    def __str__(self):
        return f"{self.item} {self.state}"

    @property
    def completed(self) -> bool:
        return self.completed_at is not None

    @property
    def settled(self) -> bool:
        """Nothing is asked of the learner here: it is completed, or they are excused."""
        return self.completed or self.state == State.EXCUSED


class Attempt(models.Model):
    """One go at an item, pinned to the version it was begun on.

    `step` counts what the learner did; a request that names another step is out of date.
    """

    participation = models.ForeignKey(
        Participation, on_delete=models.CASCADE, related_name="attempts"
    )
    number = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="attempts")
    state = models.CharField(max_length=12, choices=AttemptState, default=AttemptState.IN_PROGRESS)
    step = models.PositiveIntegerField(default=0)
    data = models.JSONField(default=dict, blank=True)
    score = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "number"], name="attempts_are_numbered"
            ),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__gte=0, score__lte=100),
                name="attempt_score_is_0_to_100_or_unknown",
            ),
        ]

    def __str__(self):
        return f"attempt {self.number}"


class Event(models.Model):
    """Append-only: transport of live parts, audit log and evidence in one table.

    `key` is the client's own id of a message: a retry after a lost answer is recognised by it.
    """

    cohort = models.UUIDField()
    item = models.UUIDField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict, blank=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["cohort", "item", "id"])]

    def __str__(self):
        return f"{self.kind} #{self.pk}"


class KindHealth(models.Model):
    """What went wrong in a kind of another package: how often, and the last time."""

    kind = models.CharField(max_length=40, unique=True)
    failures = models.PositiveIntegerField(default=0)
    last_failed_at = models.DateTimeField(null=True, blank=True)
    last_call = models.CharField(max_length=60, blank=True)
    last_error = models.TextField(blank=True)

    def __str__(self):
        return f"{self.kind}: {self.failures}"


class Draft(models.Model):
    """What somebody has typed but not sent; `form` names the form within the item."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    seat = models.UUIDField()
    item = models.UUIDField()
    form = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seat", "item", "form"], name="one_draft_per_form")
        ]

    def __str__(self):
        return self.form


class Notification(models.Model):
    """Something that somebody should know, once. The words are made when it is read.

    `kind` names a `notices.Notice`; `params` fill its sentence (a text, or {language: text}).
    `key` says what it is about: the same key never reaches the same person twice.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    params = models.JSONField(default=dict, blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="told_once"),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notices_of_a_person"),
            models.Index(
                fields=["user"],
                condition=models.Q(mailed_at__isnull=True, read_at__isnull=True),
                name="notices_to_mail",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"


class NoticePreference(models.Model):
    """How somebody wants to be told. Who has no row has the defaults."""

    class Email(models.TextChoices):
        EACH = "each", _("At once, outside quiet hours")
        DAILY = "daily", _("Together, once a day")
        NEVER = "never", _("No e-mail, except what cannot wait")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preference"
    )
    email = models.CharField(
        _("e-mail about news"), max_length=5, choices=Email, default=Email.DAILY
    )
    muted = models.JSONField(default=list, blank=True)
    # Nothing is mailed between these times of day; the same time twice: no hours of rest.
    quiet_from = models.TimeField(_("no e-mail from"), default=time(20))
    quiet_until = models.TimeField(_("until"), default=time(7))
    paused_until = models.DateTimeField(_("no e-mail before"), null=True, blank=True)

    def __str__(self):
        return self.email


class PhaseDates(models.Model):
    """When a phase of an item takes place for a cohort. An instant belongs to the later phase.

    After `due_at` work is late; from `closes_at` on nothing more is accepted. What is None does not
    apply. Cohorts without a row learn at their own pace.
    """

    cohort = models.UUIDField()
    item = models.UUIDField()
    phase = models.CharField(max_length=20)
    opens_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "item", "phase"], name="one_set_of_dates_per_phase"
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(opens_at__isnull=True)
                    | models.Q(due_at__isnull=True)
                    | models.Q(due_at__gte=models.F("opens_at"))
                )
                & (
                    models.Q(due_at__isnull=True)
                    | models.Q(closes_at__isnull=True)
                    | models.Q(closes_at__gte=models.F("due_at"))
                )
                & (
                    models.Q(opens_at__isnull=True)
                    | models.Q(closes_at__isnull=True)
                    | models.Q(closes_at__gte=models.F("opens_at"))
                ),
                name="dates_of_a_phase_are_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.phase} of {self.item}"


class Decision(models.Model):
    """What an instructor decided about one learner in one item, and why. Never deleted.

    The newest of a kind that was not taken back stands.
    """

    class Kind(models.TextChoices):
        EXTENSION = "extension", _("More time")
        EXCUSE = "excuse", _("Excused")
        OVERRIDE = "override", _("Score set by hand")

    kind = models.CharField(max_length=10, choices=Kind)
    seat = models.UUIDField()
    item = models.UUIDField()
    until = models.DateTimeField(null=True, blank=True)
    score = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    before = models.JSONField(default=dict, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["seat", "item", "kind"], name="decisions_of_a_seat")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="extension") | models.Q(until__isnull=False),
                name="more_time_has_an_end",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="override")
                | models.Q(score__isnull=False, score__gte=0, score__lte=100),
                name="a_set_score_is_0_to_100",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_decision_has_a_reason"),
            models.UniqueConstraint(
                fields=["seat", "item", "kind"],
                condition=models.Q(taken_back_at__isnull=True),
                name="one_standing_decision_of_a_kind",
            ),
        ]

    def __str__(self):
        return f"{self.kind} for {self.seat}"


def attachment_storage():
    """Files that people attach are kept apart from what is public."""
    return storages["attachments"]


class StoredFile(models.Model):
    """The bytes of an attached file, cleaned, under the digest of their content. Never changed."""

    digest = models.CharField(max_length=64)
    extension = models.CharField(max_length=8)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    file = models.FileField(storage=attachment_storage, max_length=120)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "extension"], name="one_stored_file_per_content"
            )
        ]

    def __str__(self):
        return f"{self.digest[:12]}.{self.extension}"

    def save(self, *args, **kwargs):
        if self.pk:
            raise ValidationError("A stored file never changes; keep another.", code="immutable")
        super().save(*args, **kwargs)


class Attachment(models.Model):
    """A file as part of somebody's work. `purpose` says of which part ("worksheet-evidence").

    `name` is what its owner calls it: readers who may not know the owner are given another.
    `key` is its address. What was taken off (`detached_at`) stays for the versions that had it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="attachments")
    purpose = models.CharField(max_length=80)
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=150)
    alt = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    detached_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(purpose="") & ~models.Q(name=""),
                name="an_attachment_has_a_purpose_and_a_name",
            ),
            models.UniqueConstraint(
                fields=["owner", "purpose", "stored"],
                condition=models.Q(detached_at__isnull=True),
                name="a_file_is_attached_once_per_purpose",
            ),
        ]
        indexes = [models.Index(fields=["owner", "purpose"], name="attachments_of_a_work")]

    def __str__(self):
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.stored.media_type.startswith("image/")


class Errand(models.Model):
    """Something to be done outside the database after a commit (see `errands`).

    `due_at` is when it may be done; whoever does it moves it into the future first.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    task = models.CharField(max_length=120)
    args = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(done_at__isnull=True),
                name="errands_to_do",
            )
        ]

    def __str__(self):
        return f"{self.task} {self.args}"
