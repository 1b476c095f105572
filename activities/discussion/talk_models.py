"""A discussion in one run: its phase, its groups, who follows what, how it was graded."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from activities.core.models import Participation

from .enums import RunPhase


def by_somebody(**options) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        **options,
    )


class Talk(models.Model):
    """One discussion of one run. Its row is what everybody locks who changes groups or phases.

    `phase` is the last one that somebody decided on (at `phase_at`), empty while only the dates
    count: what is in force now is computed, see `talks.py`. `version` grows with each decision, so
    that the second of two facilitators notices the first. `grouped_at` and `rescued_at` say that
    groups were formed and dead ones joined; `told` lists the phases whose beginning was announced.
    """

    cohort = models.UUIDField()
    item = models.UUIDField()
    phase = models.CharField(max_length=12, choices=RunPhase, blank=True)
    phase_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    summary = models.TextField(blank=True)
    summary_by = by_somebody()
    summary_at = models.DateTimeField(null=True, blank=True)
    grouped_at = models.DateTimeField(null=True, blank=True)
    rescued_at = models.DateTimeField(null=True, blank=True)
    told = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "item"], name="one_talk_per_run_and_item"),
            models.CheckConstraint(
                condition=Q(phase="", phase_at__isnull=True)
                | (~Q(phase="") & Q(phase_at__isnull=False)),
                name="a_decided_phase_has_a_date",
            ),
        ]

    def __str__(self):
        return f"{self.item} in {self.cohort}"


class Group(models.Model):
    """People who talk with one another. A group that was joined with another one stays as a trace."""

    cohort = models.UUIDField()
    item = models.UUIDField()
    number = models.PositiveIntegerField()
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "item", "number"], name="groups_are_numbered"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="groups_are_numbered_from_one"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
                name="a_group_is_not_joined_with_itself",
            ),
        ]

    def __str__(self):
        return f"group {self.number}"


class Member(models.Model):
    """A learner's place in a group. `alias` is the number of the learner where names are not shown."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members")
    cohort = models.UUIDField()
    item = models.UUIDField()
    seat = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    alias = models.PositiveIntegerField()
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seat", "item"], name="one_group_per_seat_and_item"),
            models.UniqueConstraint(
                fields=["cohort", "item", "alias"], name="aliases_are_told_apart"
            ),
            models.CheckConstraint(condition=Q(alias__gte=1), name="aliases_begin_with_one"),
        ]

    def __str__(self):
        return f"{self.seat} in {self.group_id}"


class Follow(models.Model):
    """Somebody wants to know what is new in a thread, or (without a thread) in all of it."""

    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(
        "discussion.Post", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "post"], name="a_thread_is_followed_once"
            ),
            models.UniqueConstraint(
                fields=["participation"],
                condition=Q(post__isnull=True),
                name="a_discussion_is_followed_once",
            ),
        ]

    def __str__(self):
        return f"{self.participation_id} follows {self.post_id}"


class Grade(models.Model):
    """A facilitator's judgement by the criteria: {criterion: points}, a comment, the score (0-100).

    The learner sees it once it is released. `version` is for two facilitators at the same form.
    """

    participation = models.OneToOneField(
        Participation, on_delete=models.CASCADE, related_name="discussion_grade"
    )
    levels = models.JSONField(default=dict)
    comment = models.TextField(blank=True)
    score = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    by = by_somebody()
    graded_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=100),
                name="a_discussion_grade_is_0_to_100_or_unknown",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(score__isnull=False),
                name="only_a_whole_grade_is_released",
            ),
        ]

    def __str__(self):
        return f"{self.score} for {self.participation_id}"


class Reveal(models.Model):
    """A facilitator looked behind a pseudonym, and why. Never deleted while the run is kept."""

    cohort = models.UUIDField()
    item = models.UUIDField()
    seat = models.UUIDField()
    by = by_somebody()
    reason = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "seat", "item"], name="a_name_is_revealed_once"),
            models.CheckConstraint(
                condition=~Q(reason=""), name="looking_behind_a_pseudonym_has_a_reason"
            ),
        ]

    def __str__(self):
        return f"{self.by_id} saw {self.seat}"


class ArchiveConsent(models.Model):
    """The author agrees that later groups read the answer, under a pseudonym.

    `held_back`: a facilitator has decided not to offer it.
    """

    participation = models.OneToOneField(Participation, on_delete=models.CASCADE, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    held_back = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.participation_id} agreed"
