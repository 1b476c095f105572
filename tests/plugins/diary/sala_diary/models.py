from django.db import models
from django.utils import timezone
from wagtail.admin.panels import FieldPanel

from activities.core.models import ItemPage, Participation

from .breaks import break_at


class DiaryPage(ItemPage):
    """Several short entries on different days of work."""

    kind_name = "diary"

    question = models.TextField("question", help_text="What each entry answers.")
    entries = models.PositiveSmallIntegerField("entries", default=2, help_text="How many at least.")
    min_chars = models.PositiveSmallIntegerField(
        "characters", default=200, help_text="How long an entry is at least."
    )

    edit_handler = ItemPage.tabs(
        ("Diary", [FieldPanel("question"), FieldPanel("entries"), FieldPanel("min_chars")])
    )

    class Meta:
        verbose_name = "diary"

    def clean(self):
        break_at("clean")
        super().clean()


break_at("models")


class Entry(models.Model):
    participation = models.ForeignKey(
        Participation, on_delete=models.CASCADE, related_name="diary_entries"
    )
    key = models.UUIDField(unique=True)
    text = models.TextField()
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"entry {self.pk}"
