"""The structured settings of a discussion, as its author edits them."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

KEY = RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Use small letters, digits and hyphens."))
KEY_HELP = _(
    "Joins the texts of all languages: the same in each of them, and never changed later. Small "
    "letters, digits and hyphens."
)


def key_block(**options) -> blocks.CharBlock:
    return blocks.CharBlock(
        label=_("Key"), help_text=KEY_HELP, max_length=20, validators=[KEY], **options
    )


class SourceBlock(blocks.StructBlock):
    title = blocks.CharBlock(
        label=_("Title"), help_text=_("What is worth reading before answering."), max_length=200
    )
    url = blocks.URLBlock(
        label=_("Web address"),
        help_text=_("Leave empty for a source that is not online."),
        required=False,
    )

    class Meta:
        icon = "link"
        label = _("Source")


class PromptBlock(blocks.StructBlock):
    key = key_block()
    text = blocks.TextBlock(
        label=_("Prompt"),
        help_text=_(
            "What the learner answers, at least 80 characters. Ask for an example from real work, "
            "say what belongs into the answer, and remind of confidential information."
        ),
    )
    sources = blocks.ListBlock(
        SourceBlock(), label=_("Sources"), help_text=_("May stay empty."), default=[]
    )

    class Meta:
        icon = "help"
        label = _("Prompt")


class SeedVoiceBlock(blocks.StructBlock):
    key = key_block()
    author = blocks.CharBlock(
        label=_("Shown as"),
        help_text=_(
            "A role rather than a name, with the word “sample”: learners must see that no such "
            "person takes part."
        ),
        max_length=120,
    )
    text = blocks.TextBlock(
        label=_("Text"),
        help_text=_("A good answer that leaves a question open, so that a reply has a point."),
    )

    class Meta:
        icon = "user"
        label = _("Sample voice")


class LevelBlock(blocks.StructBlock):
    points = blocks.IntegerBlock(
        label=_("Points"), help_text=_("0 for the lowest level."), min_value=0, max_value=10
    )
    text = blocks.CharBlock(
        label=_("Description"),
        help_text=_("What one sees in a contribution of this level."),
        max_length=300,
    )

    class Meta:
        icon = "list-ol"
        label = _("Level")


class CriterionBlock(blocks.StructBlock):
    key = key_block()
    name = blocks.CharBlock(
        label=_("Criterion"), help_text=_("What is looked at, in a few words."), max_length=200
    )
    weight = blocks.IntegerBlock(
        label=_("Weight"), help_text=_("In per cent of the whole."), min_value=0, max_value=100
    )
    levels = blocks.ListBlock(
        LevelBlock(), label=_("Levels"), help_text=_("From the lowest to the highest."), min_num=2
    )

    class Meta:
        icon = "tick"
        label = _("Criterion")
