"""What waits for an instructor in workshops."""

from django.db.models import Count, Q, Value
from django.utils.translation import gettext as _

from activities.core.needs import Need

from .enums import LeaseState, Reaction, ReviewKind
from .models import Review, ReviewLease, Submission


def waiting(cohorts) -> list[Need]:
    """Works with too few reviews, reviews that are disputed, works that could not be reviewed.

    One query of three parts: they live in three tables.
    """
    works = Submission.objects.filter(cohort__in=cohorts, needs_instructor=True)
    disputed = Review.objects.filter(
        Q(disputed_at__isnull=False) | Q(reaction__reaction=Reaction.IMPROPER),
        submission__cohort__in=cohorts,
        excluded_at__isnull=True,
        dispute_decided_at__isnull=True,
    )
    declined = ReviewLease.objects.filter(
        state=LeaseState.DECLINED, decided_at__isnull=True, submission__cohort__in=cohorts
    ).exclude(submission__reviews__kind=ReviewKind.INSTRUCTOR)
    texts = [
        _("Works with too few reviews"),
        _("Reviews that an author disputes or finds improper"),
        _("Works that a reviewer could not review"),
    ]
    parts = [
        counts(works, "cohort", "item", 0),
        counts(disputed, "submission__cohort", "submission__item", 1),
        counts(declined, "submission__cohort", "submission__item", 2),
    ]
    rows = parts[0].union(*parts[1:], all=True)
    return [Need(cohort, item, texts[what], n, "attention") for cohort, item, what, n in rows]


def counts(query, cohort: str, item: str, what: int):
    return query.order_by().values_list(cohort, item, Value(what)).annotate(n=Count("pk"))
