"""The blocks that a quiz is written in. What does not fit together is said by `QuizKind.problems`,
before the page is offered and not when a draft is saved."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

KINDS = [("single", _("One answer")), ("multiple", _("Several answers"))]


class AnswerBlock(blocks.StructBlock):
    key = blocks.CharBlock(
        max_length=40,
        label=_("Key"),
        help_text=_("Short and lasting, for example a, b, c; the same in every language."),
    )
    text = blocks.TextBlock(rows=1, label=_("Answer"), help_text=_("About as long as the others."))
    correct = blocks.BooleanBlock(
        required=False,
        label=_("Correct"),
        help_text=_("Learners never get this before they have handed in."),
    )

    class Meta:
        icon = "list-ul"
        label = _("Answer")


class QuizQuestionBlock(blocks.StructBlock):
    key = blocks.CharBlock(
        max_length=40,
        label=_("Key"),
        help_text=_("Short and lasting, for example q1; the same in every language."),
    )
    kind = blocks.ChoiceBlock(
        choices=KINDS,
        default="single",
        label=_("Kind"),
        help_text=_("Whether one answer is right, or several may be."),
    )
    text = blocks.TextBlock(
        rows=3, label=_("Question"), help_text=_("A situation from work; one idea to a question.")
    )
    choices = blocks.ListBlock(
        AnswerBlock(), default=[], label=_("Answers"), help_text=_("Two to eight.")
    )
    explanation = blocks.TextBlock(
        rows=3,
        label=_("Explanation"),
        help_text=_("Why the right answer is right. Shown after handing in."),
    )
    topic = blocks.CharBlock(
        required=False,
        max_length=200,
        label=_("Topic to read again"),
        help_text=_("Where in the course this is explained; shown with a wrong answer."),
    )

    class Meta:
        icon = "help"
        label = _("Question")
