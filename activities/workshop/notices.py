"""What people are told about a workshop."""

from django.utils.translation import gettext_lazy as _

from activities.core.notices import Notice, notify, of_item, register
from activities.core.reminders import in_languages

from .models import Review, Submission

RESULTS = Notice(
    "workshop_results",
    _("My work has been assessed"),
    _("The assessment of your work in “%(item)s” is ready to read."),
    subject="workshops",
)
DISPUTE = Notice(
    "workshop_dispute",
    _("Answers to what I asked about a review"),
    _("An instructor has looked at the review that you asked about in “%(item)s”."),
    subject="workshops",
)
SCORE = Notice(
    "workshop_score",
    _("An instructor changed a score of mine"),
    _("An instructor has set your score in “%(item)s”. You will find the reason there."),
    subject="workshops",
)

REVIEW_READY = Notice(
    "workshop_review_ready",
    _("There is work for me to review"),
    _("There is a work for you to review in “%(item)s”."),
    subject="workshops",
)
ASSIGNED = Notice(
    "workshop_assigned",
    _("An instructor gave me a work to review"),
    _("Your instructor asks you to review a work in “%(item)s”. It is kept for you for a day."),
    subject="workshops",
)
NUDGE = Notice(
    "workshop_nudge",
    _("Reminders by my instructor"),
    _("Your instructor reminds you of “%(item)s”: %(what)s."),
    subject="workshops",
)
REVIEW_DUE = Notice(
    "workshop_review_due",
    _("Reviews that I still owe, two days and one day before the date"),
    _("In “%(item)s” your reviews are still missing. Reviewing ends on %(when)s."),
    subject="workshops",
)
LEASE_ENDS = Notice(
    "workshop_lease_ends",
    _("The work that I am reviewing will soon be given to somebody else"),
    _("In “%(item)s” a work is kept for you to review until %(when)s."),
    subject="workshops",
)

register(RESULTS, DISPUTE, SCORE, REVIEW_READY, ASSIGNED, NUDGE, REVIEW_DUE, LEASE_ENDS)


def review_ready(participation, done: int) -> None:
    notify(
        participation.user_id,
        REVIEW_READY.name,
        key=f"workshop-review-ready-{participation.pk}-{done}",
        **of_item(participation, "review"),
    )


def assigned(lease, participation) -> None:
    notify(
        participation.user_id,
        ASSIGNED.name,
        key=f"workshop-assigned-{lease.pk}-{lease.leased_at:%Y%m%d%H%M%S}",
        **of_item(participation, f"review-{lease.pk}"),
    )


def review_due(participation, end, hours: int) -> list:
    """Once for each date and each of the two reminders before it."""
    told = of_item(participation, "review")
    told["params"]["when"] = in_languages(end)
    key = f"workshop-review-due-{participation.pk}-{end:%Y%m%d%H%M}-{hours}"
    return notify(participation.user_id, REVIEW_DUE.name, key=key, **told)


def lease_ends(lease) -> list:
    """Once for each work, each time that it is given."""
    told = of_item(lease.reviewer, f"review-{lease.pk}")
    told["params"]["when"] = in_languages(lease.expires_at)
    key = f"workshop-lease-ends-{lease.pk}-{lease.leased_at:%Y%m%d%H%M%S}"
    return notify(lease.reviewer.user_id, LEASE_ENDS.name, key=key, **told)


def results_opened(work: Submission, participation) -> None:
    notify(
        participation.user_id,
        RESULTS.name,
        key=f"workshop-results-{work.pk}",
        **of_item(participation, "results"),
    )


def dispute_decided(review: Review, participation) -> None:
    """Answer whoever disputed a review; nobody else had asked."""
    if review.disputed_at is not None:
        notify(
            participation.user_id,
            DISPUTE.name,
            key=f"workshop-dispute-{review.pk}-{review.dispute_decided_at:%Y%m%d%H%M%S}",
            **of_item(participation, "results"),
        )


def score_set(work: Submission, participation, at) -> None:
    notify(
        participation.user_id,
        SCORE.name,
        key=f"workshop-score-{work.pk}-{at:%Y%m%d%H%M%S}",
        **of_item(participation, "results" if work.opened_at else ""),
    )
