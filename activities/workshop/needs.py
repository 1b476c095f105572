"""What waits for an instructor in workshops."""

from django.db.models import Count, Max, Min, Q, Value
from django.utils.translation import gettext as _

from activities.core.needs import Need

from .enums import IN_POOL, LeaseState, Reaction, ReviewKind
from .grades import SPREAD_ALERT
from .models import Review, ReviewLease, SimilarWorks, Submission


def waiting(cohorts) -> list[Need]:
    """Works with too few reviews, reviews that are disputed, works that could not be reviewed, works
    that reviewers see very differently, works that resemble another.

    One query of five parts: they live in several tables.
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
    # An aggregate of an aggregate is not to be had in one step, so the works are named first.
    far = (
        Review.objects.filter(
            kind=ReviewKind.PEER,
            excluded_at__isnull=True,
            submission__cohort__in=cohorts,
            submission__override__isnull=True,
        )
        .order_by()
        .values("submission")
        .annotate(spread=Max("grade") - Min("grade"))
        .filter(spread__gt=SPREAD_ALERT)
    )
    apart = Submission.objects.filter(pk__in=far.values("submission")).exclude(
        reviews__kind=ReviewKind.INSTRUCTOR
    )
    alike = SimilarWorks.objects.filter(
        submission__cohort__in=cohorts, submission__state__in=IN_POOL, decided_at=None
    )
    texts = [
        _("Works with too few reviews"),
        _("Reviews that an author disputes or finds improper"),
        _("Works that a reviewer could not review"),
        _("Works that reviewers see very differently"),
        _("Works that resemble another work"),
    ]
    parts = [
        counts(works, "cohort", "item", 0),
        counts(disputed, "submission__cohort", "submission__item", 1),
        counts(declined, "submission__cohort", "submission__item", 2),
        counts(apart, "cohort", "item", 3),
        counts(alike, "submission__cohort", "submission__item", 4, "submission"),
    ]
    rows = parts[0].union(*parts[1:], all=True)
    return [Need(cohort, item, texts[what], n, "attention") for cohort, item, what, n in rows]


def wide_spread(query):
    """Works whose standing peer reviews are too far apart. Keeps the query's rows otherwise."""
    standing_peers = Q(reviews__kind=ReviewKind.PEER, reviews__excluded_at__isnull=True)
    return query.annotate(
        peers=Count("reviews", filter=standing_peers),
        spread=Max("reviews__grade", filter=standing_peers)
        - Min("reviews__grade", filter=standing_peers),
    )


def counts(query, cohort: str, item: str, what: int, of: str = "pk"):
    """How many different works (or reviews) there are of each item: `what` numbers the text."""
    number = Count(of, distinct=of != "pk")
    return query.order_by().values_list(cohort, item, Value(what)).annotate(n=number)
