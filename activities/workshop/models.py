"""The page that an author edits, and the work, leases and reviews of those who learn with it."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField

from activities.core.models import ItemPage, Participation

from .blocks import ExampleBlock, RubricCriterionBlock, SeedSubmissionBlock, WorksheetFieldBlock
from .enums import (
    Aggregator,
    Anonymity,
    CannotReview,
    LatePolicy,
    LeaseState,
    Mode,
    OpenedBy,
    Reaction,
    ReviewerMethod,
    ReviewKind,
    Strategy,
    SubmissionState,
)


def whole_number(label, default: int, least: int, most: int, help_text):
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        validators=[MinValueValidator(least), MaxValueValidator(most)],
        help_text=help_text,
    )


class WorkshopPage(ItemPage):
    """People make something, practise assessing, review one another, and improve their work."""

    kind_name = "workshop"

    mode = models.CharField(
        _("mode"),
        max_length=12,
        choices=Mode,
        default=Mode.ASYNC_PEER,
        help_text=_("How people work together."),
    )
    team_size = whole_number(_("people in a team"), 1, 1, 8, _("1: everybody works alone."))
    instructions = models.TextField(
        _("instructions"),
        blank=True,
        help_text=_("What is to be made, from which real work, and what happens then."),
    )
    worksheet = StreamField(
        [("field", WorksheetFieldBlock())],
        blank=True,
        verbose_name=_("worksheet"),
        help_text=_("What learners fill in. Each field asks for one thing."),
    )
    strategy = models.CharField(
        _("way of assessing"),
        max_length=12,
        choices=Strategy,
        default=Strategy.RUBRIC,
        help_text=_("Levels with descriptions help reviewers most."),
    )
    rubric = StreamField(
        [("criterion", RubricCriterionBlock())],
        blank=True,
        verbose_name=_("criteria"),
        help_text=_("Learners see them before they begin."),
    )
    instructions_reviewer = models.TextField(
        _("instructions for reviewers"),
        blank=True,
        help_text=_("What good feedback says here. May stay empty."),
    )
    examples = StreamField(
        [("example", ExampleBlock())],
        blank=True,
        verbose_name=_("examples to practise with"),
        help_text=_("Learners assess them before they review peers, then see your levels and why."),
    )
    seed_submissions = StreamField(
        [("seed", SeedSubmissionBlock())],
        blank=True,
        verbose_name=_("sample works"),
        help_text=_(
            "Written by you and labelled as samples. Somebody who learns alone reviews these."
        ),
    )
    reviews_per_learner = whole_number(
        _("reviews by each learner"),
        2,
        0,
        5,
        _("0 to 5. Where there are fewer works: all of them."),
    )
    min_reviews_per_submission = whole_number(
        _("reviews that each work should receive"),
        2,
        0,
        5,
        _("When so many have come, the author sees them."),
    )
    min_chars_comment = whole_number(
        _("least characters of the feedback"), 150, 0, 3000, _("0 to 3,000.")
    )
    self_assessment = models.BooleanField(
        _("self-assessment"),
        default=True,
        help_text=_(
            "Learners assess their own work with the same criteria before they see others'."
        ),
    )
    anonymity = models.CharField(
        _("anonymity"),
        max_length=12,
        choices=Anonymity,
        default=Anonymity.DOUBLE_BLIND,
        help_text=_("Instructors see all names."),
    )
    release_after_days = whole_number(
        _("days until results open"),
        7,
        1,
        60,
        _("After sending. Nobody waits longer for reviews than this and seven days more."),
    )
    late_policy = models.CharField(
        _("work sent late"),
        max_length=8,
        choices=LatePolicy,
        default=LatePolicy.ACCEPT,
        help_text=_("Only where a run has dates. An extension moves the date for one learner."),
    )
    late_points = whole_number(
        _("points off for each day"), 5, 0, 100, _("For each day that has begun after the date.")
    )
    late_most = whole_number(_("most points off"), 30, 0, 100, _("However late the work is."))
    revise_enabled = models.BooleanField(
        _("ask what will be improved"),
        default=True,
        help_text=_("After the results, learners write what they will change, and may change it."),
    )
    max_submission = whole_number(
        _("points for the work"), 80, 0, 100, _("Its part of the final score.")
    )
    max_assessment = whole_number(
        _("points for reviewing"), 20, 0, 100, _("The part for giving good reviews.")
    )
    aggregator = models.CharField(
        _("grade from several reviews"),
        max_length=14,
        choices=Aggregator,
        default=Aggregator.MEDIAN,
        help_text=_("The median is hardly moved by one unfair review."),
    )
    reviewer_method = models.CharField(
        _("grade for reviewing"),
        max_length=20,
        choices=ReviewerMethod,
        default=ReviewerMethod.COMPLETION_ACCURACY,
        help_text=_("Accuracy is told where a work has three reviews, else from the practice."),
    )
    comparison = whole_number(
        _("strictness of accuracy"), 5, 1, 9, _("1 is very strict, 9 very lax.")
    )

    edit_handler = ItemPage.tabs(
        (
            _("Task"),
            [
                FieldRowPanel([FieldPanel("mode"), FieldPanel("team_size")]),
                FieldPanel("instructions"),
                FieldPanel("worksheet"),
            ],
        ),
        (
            _("Criteria"),
            [
                FieldPanel("strategy"),
                FieldPanel("rubric"),
                FieldPanel("instructions_reviewer"),
            ],
        ),
        (_("Examples"), [FieldPanel("examples"), FieldPanel("seed_submissions")]),
        (
            _("Review"),
            [
                FieldRowPanel(
                    [FieldPanel("reviews_per_learner"), FieldPanel("min_reviews_per_submission")]
                ),
                FieldRowPanel([FieldPanel("min_chars_comment"), FieldPanel("release_after_days")]),
                FieldPanel("anonymity"),
                FieldPanel("late_policy"),
                FieldRowPanel([FieldPanel("late_points"), FieldPanel("late_most")]),
                FieldRowPanel([FieldPanel("self_assessment"), FieldPanel("revise_enabled")]),
            ],
        ),
        (
            _("Grade"),
            [
                FieldRowPanel([FieldPanel("max_submission"), FieldPanel("max_assessment")]),
                MultiFieldPanel(
                    [
                        FieldPanel("aggregator"),
                        FieldPanel("reviewer_method"),
                        FieldPanel("comparison"),
                    ],
                    heading=_("How it is computed"),
                ),
            ],
        ),
    )

    class Meta:
        verbose_name = _("workshop")
        verbose_name_plural = _("workshops")


def grade_field():
    return models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)


def person():
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )


class Submission(models.Model):
    """A learner's work. `values` are texts by field key: the version that is reviewed and graded;
    `files` are the ids of its attachments by field key.

    `cohort` and `item` repeat the participation's, so that finding work to review needs no join.
    `version` counts how often the work was sent. `opened_at` is when the author could first read
    the results; `needs_instructor` asks an instructor to look, because too few peers could.
    `sketch` is a sample of the text by which similar works are found. `shared_at` is when the author
    agreed that others may see the work, `featured_at` when an instructor chose it for that.
    """

    participation = models.OneToOneField(
        Participation, on_delete=models.CASCADE, related_name="workshop_submission"
    )
    cohort = models.UUIDField()
    item = models.UUIDField()
    values = models.JSONField(default=dict)
    files = models.JSONField(default=dict, blank=True)
    sketch = models.JSONField(default=list, blank=True)
    late_minutes = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=SubmissionState, default=SubmissionState.DRAFT)
    version = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.CharField(max_length=10, choices=OpenedBy, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    plan = models.TextField(blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    shared_at = models.DateTimeField(null=True, blank=True)
    featured_at = models.DateTimeField(null=True, blank=True)
    needs_instructor = models.BooleanField(default=False)
    received = models.PositiveSmallIntegerField(default=0)
    grade = grade_field()
    reviewer_grade = grade_field()
    override = grade_field()
    override_reason = models.TextField(blank=True)
    override_by = person()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[SubmissionState.DRAFT, SubmissionState.WITHDRAWN])
                | Q(submitted_at__isnull=False, version__gt=0),
                name="sent_work_has_a_date_and_a_version",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, opened_by="")
                | (Q(opened_at__isnull=False) & ~Q(opened_by="")),
                name="opened_results_say_why",
            ),
            models.CheckConstraint(
                condition=Q(override__isnull=True) | Q(override__gte=0, override__lte=100),
                name="an_override_is_0_to_100",
            ),
            models.CheckConstraint(
                condition=Q(override__isnull=True) | ~Q(override_reason=""),
                name="an_override_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(featured_at__isnull=True) | Q(shared_at__isnull=False),
                name="only_shared_work_is_shown_to_others",
            ),
        ]
        indexes = [
            models.Index(fields=["cohort", "item", "state", "submitted_at"], name="workshop_pool")
        ]

    def __str__(self):
        return f"work {self.pk} ({self.state})"

    @property
    def sent(self) -> bool:
        return self.state in (SubmissionState.SUBMITTED, SubmissionState.LOCKED)


class SubmissionRevision(models.Model):
    """Another version of a work: an earlier one, or (`improved`) one made after the feedback."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="revisions")
    version = models.PositiveSmallIntegerField()
    values = models.JSONField(default=dict)
    files = models.JSONField(default=dict, blank=True)
    improved = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["version", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "version"], name="versions_of_a_work_are_numbered"
            )
        ]

    def __str__(self):
        return f"version {self.version}"


ONE_TARGET = Q(submission__isnull=True) ^ Q(seed_key="")


class ReviewLease(models.Model):
    """A work that somebody has taken to review: of a peer, or (`seed_key`) a sample.

    Held for a day; afterwards it is somebody else's turn, whatever `state` says. `number` is what
    the reviewer calls the author ("peer number 37"): drawn at random, so that nothing follows from
    it. `author` repeats the submission's participation, so that the database can refuse what
    must never be.
    """

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, null=True, blank=True, related_name="leases"
    )
    author = models.ForeignKey(
        Participation, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    seed_key = models.CharField(max_length=40, blank=True)
    reviewer = models.ForeignKey(
        Participation, on_delete=models.CASCADE, related_name="workshop_leases"
    )
    number = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=LeaseState, default=LeaseState.HELD)
    reason = models.CharField(max_length=12, choices=CannotReview, blank=True)
    detail = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    assigned_by = person()
    leased_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_TARGET, name="a_lease_is_of_a_work_or_a_sample"),
            models.CheckConstraint(
                condition=Q(author__isnull=True) | ~Q(author=F("reviewer")),
                name="nobody_leases_their_own_work",
            ),
            models.UniqueConstraint(
                fields=["reviewer", "submission"],
                condition=Q(state=LeaseState.HELD, submission__isnull=False),
                name="one_live_lease_per_reviewer_and_submission",
            ),
            models.UniqueConstraint(
                fields=["reviewer", "seed_key"],
                condition=Q(state=LeaseState.HELD, submission__isnull=True),
                name="one_live_lease_per_reviewer_and_sample",
            ),
        ]
        indexes = [
            models.Index(fields=["submission", "state", "expires_at"], name="workshop_load"),
            models.Index(fields=["reviewer", "state"], name="workshop_own_leases"),
        ]

    def __str__(self):
        return f"lease {self.pk} ({self.state})"


class Review(models.Model):
    """An assessment of one version of a work. `scores` is {criterion: {points, comment}}.

    Of a peer's work, of one's own, of a sample or an example (`seed_key`), or by an instructor
    (`by`). `grade` is what it gives the work, 0 to 100; `accuracy` how close it came to the author's
    own levels, for samples and examples. `weight` 0: feedback only, from somebody who did not
    manage to practise. `key` is the client's own id of the form that was sent.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=10, choices=ReviewKind)
    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, null=True, blank=True, related_name="reviews"
    )
    author = models.ForeignKey(
        Participation, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    seed_key = models.CharField(max_length=40, blank=True)
    version = models.PositiveSmallIntegerField(default=0)
    reviewer = models.ForeignKey(
        Participation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="workshop_reviews",
    )
    by = person()
    scores = models.JSONField(default=dict)
    overall = models.TextField(blank=True)
    weight = models.PositiveSmallIntegerField(default=1)
    grade = grade_field()
    accuracy = grade_field()
    submitted_at = models.DateTimeField(default=timezone.now)
    excluded_at = models.DateTimeField(null=True, blank=True)
    excluded_reason = models.TextField(blank=True)
    disputed_at = models.DateTimeField(null=True, blank=True)
    dispute_reason = models.TextField(blank=True)
    dispute_decided_at = models.DateTimeField(null=True, blank=True)
    dispute_answer = models.TextField(blank=True)

    class Meta:
        ordering = ["submitted_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=ONE_TARGET, name="a_review_is_of_a_work_or_a_sample"),
            models.CheckConstraint(
                condition=Q(kind=ReviewKind.SELF)
                | Q(author__isnull=True)
                | Q(reviewer__isnull=True)
                | ~Q(author=F("reviewer")),
                name="nobody_reviews_their_own_work",
            ),
            models.UniqueConstraint(
                fields=["submission", "reviewer"],
                condition=Q(kind=ReviewKind.PEER, submission__isnull=False),
                name="one_peer_review_per_reviewer_and_submission",
            ),
            models.UniqueConstraint(
                fields=["seed_key", "reviewer"],
                condition=Q(kind=ReviewKind.PEER, submission__isnull=True),
                name="one_review_per_reviewer_and_sample",
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(kind=ReviewKind.SELF),
                name="one_self_assessment_per_work",
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(kind=ReviewKind.INSTRUCTOR),
                name="one_instructor_review_per_work",
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(disputed_at__isnull=False),
                name="one_disputed_review_per_work",
            ),
        ]
        indexes = [
            models.Index(
                fields=["submission", "kind", "excluded_at", "grade"], name="workshop_received"
            ),
            models.Index(fields=["reviewer", "kind"], name="workshop_given"),
            models.Index(fields=["author", "reviewer"], name="workshop_reciprocal"),
        ]

    def __str__(self):
        return f"{self.kind} review {self.pk}"


class ReviewReaction(models.Model):
    """What the author of a work says about a review of it."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="reaction")
    reaction = models.CharField(max_length=10, choices=Reaction)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.reaction


class SimilarWorks(models.Model):
    """Two works of a run that have much in common: for an instructor to look at, accusing nobody.

    `submission` is the later one; `share` is how much of it stands in the other, in per cent.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="similar_to")
    other = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="+")
    share = models.PositiveSmallIntegerField()
    same_file = models.BooleanField(default=False)
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = person()
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "other"], name="a_pair_of_works_once"),
            models.CheckConstraint(
                condition=~Q(submission=F("other")), name="no_work_is_compared_with_itself"
            ),
            models.CheckConstraint(condition=Q(share__lte=100), name="similarity_is_a_percentage"),
        ]

    def __str__(self):
        return f"{self.submission_id} ~ {self.other_id} ({self.share} %)"
