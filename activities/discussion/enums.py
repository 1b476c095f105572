from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Format(models.TextChoices):
    POST_FIRST = "post_first", _("Answer first, then read and reply")
    DEBATE = "debate", _("Debate")
    QUESTIONS = "qa", _("Questions and answers")


class Stage(models.TextChoices):
    """Where a learner is; the keys of the table in `machine.py`."""

    LOCKED = "locked_view", pgettext_lazy("stage of a discussion", "answering the prompt")
    POSTED = "posted", pgettext_lazy("stage of a discussion", "answered")
    REPLYING = "replying", pgettext_lazy("stage of a discussion", "replying")
    SYNTHESISING = "synthesising", pgettext_lazy("stage of a discussion", "drawing conclusions")
    COMPLETE = "complete", pgettext_lazy("stage of a discussion", "complete")


class RunPhase(models.TextChoices):
    """Where a discussion of a run is; the keys of the second table in `machine.py`."""

    SCHEDULED = "scheduled", pgettext_lazy("phase of a discussion", "not open yet")
    INITIAL = "initial", pgettext_lazy("phase of a discussion", "answering")
    REPLIES = "replies", pgettext_lazy("phase of a discussion", "reading and replying")
    SYNTHESIS = "synthesis", pgettext_lazy("phase of a discussion", "concluding")
    CLOSED = "closed", pgettext_lazy("phase of a discussion", "closed")


class Grading(models.TextChoices):
    COMPLETION = "completion", _("100 for completing it")
    CHECKPOINTS = "checkpoints", _("Points for answer, replies and conclusion")
    RUBRIC = "rubric", _("By the criteria, by hand")
    BOTH = "both", _("Points, and by the criteria")


class Anonymity(models.TextChoices):
    NAMED = "named", _("With their names")
    PSEUDONYMOUS = "pseudonymous", _("Under a pseudonym")


class PostKind(models.TextChoices):
    INITIAL = "initial", _("Answer to the prompt")
    REPLY = "reply", _("Reply")
    SYNTHESIS = "synthesis", _("Conclusion")
    SEED = "seed", _("Sample voice")
    FACILITATOR = "facilitator", _("Post by the facilitator")
    ARCHIVE = "archive", _("Voice from an earlier group")


class PostState(models.TextChoices):
    VISIBLE = "visible", _("Visible")
    FLAGGED = "flagged", _("Reported, still visible")
    HIDDEN = "hidden", _("Hidden while it is checked")
    REMOVED = "removed", _("Removed")
    WITHDRAWN = "withdrawn", _("Withdrawn by its author")


# What others may read, and what counts towards completing.
READABLE = (PostState.VISIBLE, PostState.FLAGGED)
# What nobody needs to see a trace of, unless others have replied to it.
GONE = (PostState.REMOVED, PostState.WITHDRAWN)


class ReportReason(models.TextChoices):
    RUDE = "rude", _("Impolite")
    HARASSMENT = "harassment", _("Harassment")
    PRIVACY = "privacy", _("Personal data")
    SECRET = "secret", _("Confidential official information")
    COPIED = "copied", pgettext_lazy("reason for a report", "Copied")
    OFF_TOPIC = "off_topic", _("Off the subject")
    ADVERTISING = "advertising", _("Advertising")


# Here the harm is immediate, so one report is enough to hide a post until somebody has looked.
HIDES_AT_ONCE = (ReportReason.PRIVACY, ReportReason.SECRET)
