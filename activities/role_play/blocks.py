"""The blocks that a branching scenario is written in.

They refuse nothing that an author may still be in the middle of: what is missing or does not fit
together is said by `faults.problems`, before the page is offered and not when a draft is saved.
"""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

QUALITIES = [
    ("best", _("Good ending")),
    ("recovered", _("Recovered ending")),
    ("poor", _("Poor ending")),
]


class DimensionBlock(blocks.StructBlock):
    key = blocks.CharBlock(
        max_length=40,
        label=_("Key"),
        help_text=_(
            "Short and lasting, in Latin letters: the same in every language, for example “safety”."
        ),
    )
    name = blocks.CharBlock(
        max_length=120, label=_("Name"), help_text=_("What the learner reads beside the score.")
    )

    class Meta:
        icon = "tag"
        label = _("Dimension")


class EffectBlock(blocks.StructBlock):
    dimension = blocks.CharBlock(
        max_length=40, label=_("Dimension"), help_text=_("The key of one of the dimensions.")
    )
    points = blocks.IntegerBlock(
        default=0, label=_("Points"), help_text=_("A whole number; below zero for harm.")
    )


class ChoiceBlock(blocks.StructBlock):
    id = blocks.CharBlock(
        max_length=40,
        label=_("Id"),
        help_text=_("Short and lasting, for example a, b, c; the same in every language."),
    )
    text = blocks.TextBlock(
        rows=2, label=_("Text"), help_text=_("What one does or says, about as long as the others.")
    )
    to = blocks.CharBlock(
        max_length=40, label=_("Leads to"), help_text=_("The id of a scene or of an ending.")
    )
    effects = blocks.ListBlock(
        EffectBlock(),
        default=[],
        label=_("Effects"),
        help_text=_("Points for or against a dimension. Learners see them after the ending only."),
    )
    feedback = blocks.TextBlock(
        rows=2, label=_("Feedback"), help_text=_("What follows from this choice, and why.")
    )
    condition = blocks.CharBlock(
        required=False,
        max_length=300,
        label=_("Condition"),
        help_text=_(
            "Leave empty for a choice that is always offered. Otherwise, for example: "
            "safety >= 2 and not visited:n4"
        ),
    )

    class Meta:
        icon = "arrow-right"
        label = _("Choice")


class NodeBlock(blocks.StructBlock):
    id = blocks.CharBlock(
        max_length=40,
        label=_("Id"),
        help_text=_("Short and lasting, for example n1; the same in every language."),
    )
    text = blocks.TextBlock(
        rows=5, label=_("Text"), help_text=_("What happens now. One situation, one decision.")
    )
    image = ImageChooserBlock(
        required=False, label=_("Image"), help_text=_("Only where it tells something.")
    )
    alt = blocks.CharBlock(
        required=False,
        max_length=300,
        label=_("Alternative text"),
        help_text=_("What the picture tells, for people who cannot see it."),
    )
    choices = blocks.ListBlock(
        ChoiceBlock(),
        default=[],
        label=_("Choices"),
        help_text=_("Two to four, in the order in which they are read."),
    )

    class Meta:
        icon = "comment"
        label = _("Scene")


class EndingBlock(blocks.StructBlock):
    id = blocks.CharBlock(
        max_length=40,
        label=_("Id"),
        help_text=_("Short and lasting, for example e1; the same in every language."),
    )
    quality = blocks.ChoiceBlock(
        choices=QUALITIES,
        default="recovered",
        label=_("Quality"),
        help_text=_("How it turned out. A scenario has endings of at least two qualities."),
    )
    text = blocks.TextBlock(rows=4, label=_("Text"), help_text=_("How the story ends."))
    lesson = blocks.TextBlock(
        rows=4, label=_("Lesson"), help_text=_("What one may take from it into one's own work.")
    )

    class Meta:
        icon = "tick-inverse"
        label = _("Ending")


class QuestionBlock(blocks.StructBlock):
    key = blocks.CharBlock(
        max_length=40,
        label=_("Key"),
        help_text=_("Short and lasting, for example q1; the same in every language."),
    )
    text = blocks.TextBlock(
        rows=2, label=_("Question"), help_text=_("Leads from the play to the learner's own work.")
    )
    min_chars = blocks.IntegerBlock(
        default=200,
        label=_("Least characters"),
        help_text=_("Letters and digits that an answer must have; spaces do not count."),
    )

    class Meta:
        icon = "help"
        label = _("Question to reflect on")
