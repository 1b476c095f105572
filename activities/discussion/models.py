"""The page that an author edits, and what people write below it."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.blocks import CharBlock
from wagtail.fields import StreamField

from activities.core.models import ItemPage, Participation

from .blocks import CriterionBlock, PromptBlock, SeedVoiceBlock
from .enums import Anonymity, Format, Grading, PostKind, PostState, ReportReason


def whole_number(label, default: int, least: int, most: int, help_text):
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        validators=[MinValueValidator(least), MaxValueValidator(most)],
        help_text=help_text,
    )


class DiscussionPage(ItemPage):
    """People answer a prompt, then read one another, reply, and draw a conclusion."""

    kind_name = "discussion"

    format = models.CharField(
        _("format"),
        max_length=12,
        choices=Format,
        default=Format.POST_FIRST,
        help_text=_("Others' posts are shown to those who have answered themselves."),
    )
    prompts = StreamField(
        [("prompt", PromptBlock())],
        blank=True,
        verbose_name=_("prompts"),
        help_text=_("Each is answered separately. One good prompt is usually enough."),
    )
    min_chars_initial = whole_number(
        _("least characters of an answer"),
        600,
        300,
        3000,
        _("300 to 3,000. Letters, vowels, tone marks and digits count; spaces and dots do not."),
    )
    required_replies = whole_number(
        _("replies required"),
        2,
        0,
        5,
        _("At most 5. Where fewer others take part, as many as there are posts to reply to."),
    )
    distinct_authors = whole_number(
        _("to how many different people"), 2, 0, 5, _("At most as many as the replies.")
    )
    min_chars_reply = whole_number(
        _("least characters of a reply"), 200, 50, 3000, _("50 to 3,000.")
    )
    peers_to_read = whole_number(
        _("posts to read"), 4, 0, 50, _("How many posts of others a learner reads at least.")
    )
    synthesis = models.BooleanField(
        _("ask for a conclusion"),
        default=True,
        help_text=_("After replying, learners write what they take from the discussion."),
    )
    min_chars_synthesis = whole_number(
        _("least characters of the conclusion"), 200, 50, 3000, _("50 to 3,000.")
    )
    synthesis_prompt = models.TextField(
        _("question for the conclusion"),
        blank=True,
        help_text=_("For example: what will you do within seven days?"),
    )
    reply_frames = StreamField(
        [("frame", CharBlock(label=_("Beginning of a sentence"), max_length=200))],
        blank=True,
        verbose_name=_("beginnings of replies"),
        help_text=_("Offered to those who reply, so that a reply is more than agreement."),
    )
    seed_voices = StreamField(
        [("voice", SeedVoiceBlock())],
        blank=True,
        verbose_name=_("sample voices"),
        help_text=_(
            "Answers written by you and labelled as samples. Somebody who learns alone replies to "
            "these."
        ),
    )
    rubric = StreamField(
        [("criterion", CriterionBlock())],
        blank=True,
        verbose_name=_("criteria"),
        help_text=_("Shown before answering, so that everybody knows what a good post is."),
    )
    points_initial = whole_number(
        _("points for the answer"), 50, 0, 100, _("The three make 100 together.")
    )
    points_replies = whole_number(
        _("points for the replies"), 30, 0, 100, _("Each reply earns its part.")
    )
    points_synthesis = whole_number(
        _("points for the conclusion"), 20, 0, 100, _("0 when none is asked for.")
    )
    grading = models.CharField(
        _("how the score is made"), max_length=12, choices=Grading, default=Grading.CHECKPOINTS
    )
    rubric_percent = whole_number(
        _("share of the criteria"),
        50,
        1,
        99,
        _("In per cent of the score, where there are points and criteria."),
    )
    late_initial_percent = whole_number(
        _("what a late answer is worth"),
        100,
        0,
        100,
        _("In per cent of its points. Only runs with dates know late answers."),
    )
    late_replies_percent = whole_number(
        _("what a late reply is worth"), 100, 0, 100, _("In per cent of its points.")
    )
    anonymity = models.CharField(
        _("how learners appear"),
        max_length=12,
        choices=Anonymity,
        default=Anonymity.NAMED,
        help_text=_(
            "Under a pseudonym, other learners do not know who writes. Facilitators see the name "
            "after giving a reason, which is recorded."
        ),
    )
    reuse_archive = models.BooleanField(
        _("offer answers of earlier groups"),
        default=False,
        help_text=_(
            "Answers whose authors have agreed to it, under a pseudonym and labelled as such, where "
            "few others take part."
        ),
    )
    edit_window_minutes = whole_number(
        _("minutes for corrections"),
        30,
        0,
        1440,
        _("Later changes are possible too, but readers see that there was one."),
    )
    target_group_size = whole_number(
        _("people in a group"), 6, 2, 100, _("About how many talk with one another.")
    )

    edit_handler = ItemPage.tabs(
        (_("Prompts"), [FieldPanel("format"), FieldPanel("prompts"), FieldPanel("seed_voices")]),
        (
            _("What is required"),
            [
                MultiFieldPanel([FieldPanel("min_chars_initial")], heading=_("Answer")),
                MultiFieldPanel(
                    [
                        FieldRowPanel(
                            [FieldPanel("required_replies"), FieldPanel("distinct_authors")]
                        ),
                        FieldRowPanel([FieldPanel("min_chars_reply"), FieldPanel("peers_to_read")]),
                        FieldPanel("reply_frames"),
                    ],
                    heading=_("Reading and replying"),
                ),
                MultiFieldPanel(
                    [
                        FieldPanel("synthesis"),
                        FieldPanel("min_chars_synthesis"),
                        FieldPanel("synthesis_prompt"),
                    ],
                    heading=_("Conclusion"),
                ),
                FieldRowPanel([FieldPanel("edit_window_minutes"), FieldPanel("target_group_size")]),
                FieldRowPanel([FieldPanel("anonymity"), FieldPanel("reuse_archive")]),
            ],
        ),
        (
            _("Assessment"),
            [
                FieldRowPanel([FieldPanel("grading"), FieldPanel("rubric_percent")]),
                FieldRowPanel(
                    [
                        FieldPanel("points_initial"),
                        FieldPanel("points_replies"),
                        FieldPanel("points_synthesis"),
                    ]
                ),
                FieldRowPanel(
                    [FieldPanel("late_initial_percent"), FieldPanel("late_replies_percent")]
                ),
                FieldPanel("rubric"),
            ],
        ),
    )

    class Meta:
        verbose_name = _("discussion")
        verbose_name_plural = _("discussions")


class Post(models.Model):
    """Something said in a discussion: plain text, never markup.

    `voice` is who speaks, without saying who it is: a learner's seat, a sample voice, a
    facilitator. Different authors are told apart by it, also after an account was erased.
    `root` is the post at the top of the thread, `parent` the one that was replied to. `answers`
    counts the readable replies below a root, kept up to date by whoever changes one.
    `key` is the client's own id of the form that was sent, so a repeated request does nothing.
    `group` is the number of the group that may read it; `alias` the author's number where names are
    not shown; `late` says that it came after its date. `source` is the answer of an earlier run that
    an archived voice repeats. `moderated_by` took the last decision, `appeal_by` the one about the
    author's appeal: somebody else.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    cohort = models.UUIDField()
    item = models.UUIDField()
    group = models.PositiveIntegerField(default=0)
    participation = models.ForeignKey(
        Participation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    voice = models.UUIDField()
    seed_key = models.CharField(max_length=20, blank=True)
    seed_author = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12, choices=PostKind)
    prompt = models.CharField(max_length=20, blank=True)
    alias = models.PositiveIntegerField(default=0)
    late = models.BooleanField(default=False)
    source = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="archived"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    root = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="thread"
    )
    body = models.TextField(blank=True)
    length = models.PositiveIntegerField(default=0)
    answers = models.PositiveIntegerField(default=0)
    valid = models.BooleanField(default=True)
    reasons = models.JSONField(default=list, blank=True)
    highlighted = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=PostState, default=PostState.VISIBLE)
    state_reason = models.TextField(blank=True)
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    moderated_at = models.DateTimeField(null=True, blank=True)
    appeal = models.TextField(blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    appeal_decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=PostKind.REPLY, parent__isnull=False, root__isnull=False)
                | Q(kind=PostKind.FACILITATOR)
                | (
                    Q(
                        kind__in=[
                            PostKind.INITIAL,
                            PostKind.SYNTHESIS,
                            PostKind.SEED,
                            PostKind.ARCHIVE,
                        ]
                    )
                    & Q(parent__isnull=True, root__isnull=True)
                ),
                name="replies_and_only_replies_have_a_parent",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, root__isnull=True)
                | Q(parent__isnull=False, root__isnull=False),
                name="parent_and_root_come_together",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PostKind.INITIAL) | ~Q(prompt=""),
                name="an_answer_names_its_prompt",
            ),
            models.CheckConstraint(
                condition=Q(kind=PostKind.SEED) ^ Q(seed_key=""),
                name="sample_voices_and_only_those_have_a_seed_key",
            ),
            models.UniqueConstraint(
                fields=["cohort", "item", "group", "seed_key"],
                condition=Q(kind=PostKind.SEED),
                name="one_post_per_sample_voice",
            ),
            models.UniqueConstraint(
                fields=["participation", "prompt"],
                condition=Q(kind=PostKind.INITIAL)
                & ~Q(state__in=[PostState.REMOVED, PostState.WITHDRAWN, PostState.HIDDEN])
                & Q(valid=True),
                name="one_standing_answer_per_prompt",
            ),
            models.UniqueConstraint(
                fields=["cohort", "item", "group", "source"],
                condition=Q(kind=PostKind.ARCHIVE),
                name="one_archived_voice_per_answer_and_group",
            ),
            models.CheckConstraint(
                condition=Q(appeal_decided_at__isnull=True) | Q(appealed_at__isnull=False),
                name="only_an_appeal_is_decided_as_one",
            ),
        ]
        indexes = [
            models.Index(
                fields=["cohort", "item", "group", "answers", "created_at"],
                condition=Q(root__isnull=True),
                name="discussion_unanswered_group",
            ),
            models.Index(fields=["root", "created_at"], name="discussion_thread"),
            models.Index(fields=["participation", "kind"], name="discussion_own_posts"),
            models.Index(fields=["author", "created_at"], name="discussion_rate"),
            models.Index(fields=["cohort", "item", "state"], name="discussion_to_check"),
        ]

    def __str__(self):
        return f"{self.kind} #{self.pk}"

    @property
    def readable(self) -> bool:
        return self.state in (PostState.VISIBLE, PostState.FLAGGED)

    @property
    def reason_text(self) -> str:
        """Why the post was hidden or removed: a facilitator's words, or what was reported."""
        if self.state_reason in ReportReason.values:
            return str(ReportReason(self.state_reason).label)
        return self.state_reason


class PostRevision(models.Model):
    """What a post said before it was changed or withdrawn."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["replaced_at", "pk"]

    def __str__(self):
        return f"before {self.replaced_at:%Y-%m-%d %H:%M}"


class PostReport(models.Model):
    """Somebody's word that a post should not stand. Open until a facilitator has decided."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=12, choices=ReportReason)
    detail = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    upheld = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "reporter"], name="one_report_per_person_and_post"
            )
        ]

    def __str__(self):
        return f"{self.reason} on {self.post_id}"


class ReadMark(models.Model):
    """A post was shown in full to a learner."""

    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "post"], name="one_read_mark_per_learner_and_post"
            )
        ]

    def __str__(self):
        return f"{self.participation_id} read {self.post_id}"


# Kept apart for its length; Django looks for models here.
from .talk_models import (  # noqa: E402 - they refer to the models above
    ArchiveConsent,
    Follow,
    Grade,
    Group,
    Member,
    Reveal,
    Talk,
)

__all__ = [
    "ArchiveConsent",
    "DiscussionPage",
    "Follow",
    "Grade",
    "Group",
    "Member",
    "Post",
    "PostReport",
    "PostRevision",
    "ReadMark",
    "Reveal",
    "Talk",
]
