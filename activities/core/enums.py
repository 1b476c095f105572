from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """How minutes count towards the rule. The list is closed: no plugin can add to it."""

    LECTURE = "lecture", _("Listening and reading")
    ACTIVE = "active", _("Doing")
    NEUTRAL = "neutral", _("Test or survey")


class State(models.TextChoices):
    """Where a learner is in an item, the same words for every kind."""

    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING = "waiting", _("Waiting for others")
    COMPLETED = "completed", _("Completed")
    NEEDS_ATTENTION = "needs_attention", _("Needs your attention")
    EXCUSED = "excused", _("Excused")


class AttemptState(models.TextChoices):
    IN_PROGRESS = "in_progress", _("In progress")
    FINISHED = "finished", _("Finished")
    ABANDONED = "abandoned", _("Abandoned")
