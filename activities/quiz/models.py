"""The page of a quiz, as its author edits it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField

from activities.core.models import ItemPage

from .blocks import QuizQuestionBlock


class QuizPage(ItemPage):
    """A short quiz. It counts neither as listening nor as doing."""

    kind_name = "quiz"

    intro = models.TextField(
        _("introduction"), blank=True, help_text=_("One or two sentences above the questions.")
    )
    questions = StreamField(
        [("question", QuizQuestionBlock())],
        blank=True,
        verbose_name=_("questions"),
        help_text=_("All are shown on one page, in this order."),
    )
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark (per cent)"),
        default=60,
        help_text=_("The quiz is passed with this score or a higher one."),
    )
    attempts_max = models.PositiveSmallIntegerField(
        _("attempts at most"),
        default=0,
        help_text=_(
            "0 means as many as one needs. With a limit, instructors can grant one more attempt."
        ),
    )
    shuffle_choices = models.BooleanField(
        _("shuffle answers"),
        default=False,
        help_text=_("Each attempt shows the answers in another order."),
    )

    edit_handler = ItemPage.tabs(
        (_("Quiz"), [FieldPanel("intro")]),
        (_("Questions"), [FieldPanel("questions")]),
        (
            _("Passing"),
            [
                MultiFieldPanel(
                    [
                        FieldPanel("pass_mark"),
                        FieldPanel("attempts_max"),
                        FieldPanel("shuffle_choices"),
                    ],
                    heading=_("Passing and attempts"),
                )
            ],
        ),
    )

    class Meta:
        verbose_name = _("quiz")
