from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Mode(models.TextChoices):
    ASYNC_PEER = "async_peer", _("In one's own time, with peer review")
    LIVE = "live", _("Live session")
    BLENDED = "blended", _("Live session, then peer review")


class Strategy(models.TextChoices):
    """How a reviewer assesses."""

    RUBRIC = "rubric", _("Levels of a rubric")
    ACCUMULATIVE = "accumulative", _("Points for each criterion")


class Aggregator(models.TextChoices):
    """How the reviews of one piece of work become its grade."""

    MEDIAN = "median", _("Median for each criterion")
    MEAN = "mean", _("Mean of all reviews")
    MEAN_WEIGHTED = "mean_weighted", _("Mean of all reviews, by their weight")


class ReviewerMethod(models.TextChoices):
    """How a reviewer's own work is graded."""

    COMPLETION = "completion", _("By the number of reviews")
    COMPLETION_ACCURACY = "completion_accuracy", _("By number and accuracy")
    BEST = "best", _("By agreement with the best review")


class Anonymity(models.TextChoices):
    DOUBLE_BLIND = "double_blind", _("Neither authors nor reviewers are named")
    SINGLE_BLIND = "single_blind", _("Authors are named, reviewers are not")
    NAMED = "named", _("Everybody is named")


class LatePolicy(models.TextChoices):
    """What becomes of work that is sent after its date."""

    ACCEPT = "accept", _("Accept it, and say that it is late")
    PENALTY = "penalty", _("Accept it, with points off for each day")
    REFUSE = "refuse", _("Accept nothing after the date")


class FieldType(models.TextChoices):
    """What a field of the worksheet takes."""

    TEXT = "text", _("Text")
    FILE = "file", _("Files")


class SubmissionState(models.TextChoices):
    DRAFT = "draft", _("Being checked by its author")
    SUBMITTED = "submitted", _("Sent, can still be changed")
    LOCKED = "locked", _("Sent, a reviewer has it")
    WITHDRAWN = "withdrawn", _("Withdrawn by its author")


# What reviewers may be given.
IN_POOL = (SubmissionState.SUBMITTED, SubmissionState.LOCKED)


class LeaseState(models.TextChoices):
    """`HELD` counts only until the lease's time is over: that is looked at, never stored."""

    HELD = "held", _("Being reviewed")
    DONE = "done", _("Reviewed")
    DECLINED = "declined", _("Could not be reviewed")
    RELEASED = "released", _("Given back")


class ReviewKind(models.TextChoices):
    PEER = "peer", _("Review by a peer")
    SELF = "self", _("Self-assessment")
    EXAMPLE = "example", _("Practice with an example")
    INSTRUCTOR = "instructor", _("Review by the instructor")


class CannotReview(models.TextChoices):
    UNREADABLE = "unreadable", _("It cannot be read")
    LANGUAGE = "language", _("It is in a language I do not know")
    PERSONAL = "personal", _("It contains personal or confidential data")
    COPIED = "copied", _("It seems to be copied")


class Reaction(models.TextChoices):
    """What an author says about a review."""

    USEFUL = "useful", _("Useful")
    UNCLEAR = "unclear", _("Not clear")
    IMPROPER = "improper", _("Improper")


class OpenedBy(models.TextChoices):
    """Why results were opened. Every one of these is an exit from waiting."""

    ENOUGH = "enough", _("enough reviews were received")
    TIME = "time", _("the waiting time is over")
    NOBODY = "nobody", _("nobody is left who could review")
    NO_REVIEW = "no_review", _("the waiting time is over and no review has come")
    INSTRUCTOR = "instructor", _("the instructor released them")


class Stage(models.TextChoices):
    """Where a learner is; see `machine.TRANSITIONS`."""

    NOT_STARTED = "not_started", pgettext_lazy("stage of a workshop", "not started")
    DRAFTING = "drafting", pgettext_lazy("stage of a workshop", "writing")
    SUBMITTED = "submitted", pgettext_lazy("stage of a workshop", "sent")
    CALIBRATING = "calibrating", pgettext_lazy("stage of a workshop", "practising")
    REVIEWING = "reviewing", pgettext_lazy("stage of a workshop", "reviewing peers")
    WAITING = "waiting", pgettext_lazy("stage of a workshop", "waiting for reviews")
    RESULTS = "results", pgettext_lazy("stage of a workshop", "reading the results")
    REVISING = "revising", pgettext_lazy("stage of a workshop", "improving the work")
    DONE = "done", pgettext_lazy("stage of a workshop", "complete")
