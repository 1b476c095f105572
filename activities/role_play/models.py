"""The page of a solo role-play, as its author edits it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField

from activities.core.models import ItemPage

from .blocks import DimensionBlock, EndingBlock, NodeBlock, QuestionBlock


class ShowFeedback(models.TextChoices):
    NOW = "now", _("At once, above the next scene")
    END = "end", _("After the ending")


class AttemptsRequired(models.IntegerChoices):
    ONE = 1, _("Once")
    TWO = 2, _("Twice, choosing differently")


class RolePlaySoloPage(ItemPage):
    """A branching scenario: scenes with choices, endings, and questions to reflect on."""

    kind_name = "role_play_solo"

    your_role = models.TextField(
        _("the learner's role"),
        blank=True,
        help_text=_("“You are …”: name, position and what one is responsible for."),
    )
    dimensions = StreamField(
        [("dimension", DimensionBlock())],
        blank=True,
        verbose_name=_("dimensions"),
        help_text=_("What the choices are measured by, one to five."),
    )
    start = models.CharField(
        _("first scene"),
        max_length=40,
        blank=True,
        help_text=_("The id of the scene where everybody begins."),
    )
    nodes = StreamField(
        [("node", NodeBlock())],
        blank=True,
        verbose_name=_("scenes"),
        help_text=_(
            "Each scene ends in a decision; each choice leads to another scene or to an ending. "
            "The preview shows all paths with their scores."
        ),
    )
    endings = StreamField(
        [("ending", EndingBlock())],
        blank=True,
        verbose_name=_("endings"),
        help_text=_("At least two of different quality."),
    )
    reflection = StreamField(
        [("question", QuestionBlock())],
        blank=True,
        verbose_name=_("questions to reflect on"),
        help_text=_("At least one. Answered after the endings, beside one's own path."),
    )
    attempts_required = models.PositiveSmallIntegerField(
        _("plays that are required"),
        choices=AttemptsRequired,
        default=AttemptsRequired.TWO,
        help_text=_("The second play must differ from the first in at least one choice."),
    )
    attempts_max = models.PositiveSmallIntegerField(
        _("plays at most"),
        default=4,
        help_text=_("0 means as many as one likes. The best play counts."),
    )
    show_feedback = models.CharField(
        _("feedback"),
        max_length=3,
        choices=ShowFeedback,
        default=ShowFeedback.NOW,
        help_text=_("When the learner reads what followed from a choice."),
    )

    edit_handler = ItemPage.tabs(
        (_("Role"), [FieldPanel("your_role")]),
        (_("Scenes"), [FieldPanel("start"), FieldPanel("nodes")]),
        (_("Endings"), [FieldPanel("endings")]),
        (
            _("Scoring"),
            [
                FieldPanel("dimensions"),
                MultiFieldPanel(
                    [
                        FieldPanel("attempts_required"),
                        FieldPanel("attempts_max"),
                        FieldPanel("show_feedback"),
                    ],
                    heading=_("Plays"),
                ),
            ],
        ),
        (_("Reflection"), [FieldPanel("reflection")]),
    )

    class Meta:
        verbose_name = _("solo role-play")
