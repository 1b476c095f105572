"""The structured settings of a workshop, as its author edits them. What does not fit together is
said by `WorkshopKind.problems`, before the page is offered and not when a draft is saved."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .enums import FieldType


def key_block(**options) -> blocks.CharBlock:
    return blocks.CharBlock(
        label=_("Key"),
        help_text=_("Short and lasting, for example goal; the same in every language."),
        max_length=40,
        **options,
    )


class WorksheetFieldBlock(blocks.StructBlock):
    key = key_block()
    type = blocks.ChoiceBlock(
        label=_("Answer"),
        help_text=_(
            "Text, or up to five files of 10 MB each. A required file counts 30 minutes, since it is "
            "made elsewhere."
        ),
        choices=FieldType.choices,
        default=FieldType.TEXT,
    )
    label = blocks.CharBlock(
        label=_("Question"),
        help_text=_("What the learner writes here, in one sentence."),
        max_length=300,
    )
    help = blocks.TextBlock(
        label=_("Help"),
        help_text=_("A hint below the question. May stay empty."),
        required=False,
        rows=2,
    )
    min_chars = blocks.IntegerBlock(
        label=_("Least characters"),
        help_text=_(
            "Letters, vowels, tone marks and digits count; spaces and dots do not. Not for files."
        ),
        min_value=0,
        max_value=5000,
        default=100,
    )
    required = blocks.BooleanBlock(
        label=_("Required"),
        help_text=_("Only required fields count towards the minutes."),
        required=False,
        default=True,
    )

    class Meta:
        icon = "form"
        label = _("Field")


class RubricLevelBlock(blocks.StructBlock):
    points = blocks.IntegerBlock(
        label=_("Points"), help_text=_("0 for the lowest level."), min_value=0, max_value=100
    )
    text = blocks.CharBlock(
        label=_("Description"), help_text=_("What one sees in work of this level."), max_length=300
    )

    class Meta:
        icon = "list-ol"
        label = _("Level")


class RubricCriterionBlock(blocks.StructBlock):
    key = key_block()
    name = blocks.CharBlock(
        label=_("Criterion"), help_text=_("What is looked at, in a few words."), max_length=200
    )
    description = blocks.TextBlock(
        label=_("Explanation"),
        help_text=_("How to recognise it. May stay empty."),
        required=False,
        rows=2,
    )
    weight = blocks.IntegerBlock(
        label=_("Weight"),
        help_text=_("How much it counts beside the others. Equal weights: leave 1."),
        min_value=0,
        max_value=100,
        default=1,
    )
    levels = blocks.ListBlock(
        RubricLevelBlock(),
        label=_("Levels"),
        help_text=_("From the lowest to the highest; at least two with different points."),
        default=[],
    )
    maximum = blocks.IntegerBlock(
        label=_("Most points"),
        help_text=_("Only for points without levels: from 0 to this number."),
        required=False,
        min_value=0,
        max_value=100,
        default=0,
    )
    comment_required = blocks.BooleanBlock(
        label=_("Ask for a reason"),
        help_text=_("Reviewers write why they chose this level."),
        required=False,
        default=False,
    )
    min_chars = blocks.IntegerBlock(
        label=_("Least characters of the reason"),
        help_text=_("Only where a reason is asked for."),
        required=False,
        min_value=0,
        max_value=2000,
        default=30,
    )

    class Meta:
        icon = "tick"
        label = _("Criterion")


class FieldTextBlock(blocks.StructBlock):
    field = blocks.CharBlock(
        label=_("Key of the field"), help_text=_("As in the worksheet."), max_length=40
    )
    text = blocks.TextBlock(label=_("Text"), help_text=_("What stands in this field."), rows=3)

    class Meta:
        icon = "form"
        label = _("Field")


class ReferenceBlock(blocks.StructBlock):
    criterion = blocks.CharBlock(
        label=_("Key of the criterion"), help_text=_("As in the rubric."), max_length=40
    )
    points = blocks.IntegerBlock(
        label=_("Points"), help_text=_("The level that you give this work."), min_value=0
    )
    reason = blocks.TextBlock(
        label=_("Reason"),
        help_text=_("Why this level and not the next one; learners read it after practising."),
        required=False,
        rows=2,
    )

    class Meta:
        icon = "tick"
        label = _("Reference")


class ExampleBlock(blocks.StructBlock):
    key = key_block()
    worksheet = blocks.ListBlock(
        FieldTextBlock(), label=_("Worksheet"), help_text=_("One entry per field."), default=[]
    )
    reference = blocks.ListBlock(
        ReferenceBlock(), label=_("Reference"), help_text=_("One entry per criterion."), default=[]
    )
    overall = blocks.TextBlock(
        label=_("Explanation"),
        help_text=_("What this example teaches, in two or three sentences."),
        required=False,
        rows=3,
    )

    class Meta:
        icon = "view"
        label = _("Example")


class SeedSubmissionBlock(blocks.StructBlock):
    key = key_block()
    author = blocks.CharBlock(
        label=_("Shown as"),
        help_text=_("For example “Sample work 1”. Never the name of a person."),
        max_length=120,
    )
    worksheet = blocks.ListBlock(
        FieldTextBlock(), label=_("Worksheet"), help_text=_("One entry per field."), default=[]
    )
    reference = blocks.ListBlock(
        ReferenceBlock(), label=_("Reference"), help_text=_("One entry per criterion."), default=[]
    )
    comment = blocks.TextBlock(
        label=_("Your feedback"),
        help_text=_("Shown to learners beside their own feedback, once they have given it."),
        required=False,
        rows=3,
    )

    class Meta:
        icon = "doc-full"
        label = _("Sample work")
