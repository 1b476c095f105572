"""What waits for an instructor in discussions."""

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from activities.core.needs import Need, counted

from .desk import UNANSWERED_AFTER
from .enums import READABLE, PostKind, PostState
from .models import Post


def waiting(cohorts, now) -> list[Need]:
    """Posts to check, reviews of a decision that were asked for, answers without a reply. One query."""
    open_appeal = Q(appealed_at__isnull=False, appeal_decided_at__isnull=True)
    taken = Q(state__in=[PostState.FLAGGED, PostState.HIDDEN, PostState.REMOVED])
    appeals = taken & open_appeal
    # What somebody has hidden on purpose waits for nobody, what reports have hidden does.
    to_check = Q(appealed_at__isnull=True) & (
        Q(state=PostState.FLAGGED) | Q(state=PostState.HIDDEN, moderated_at__isnull=True)
    )
    unanswered = Q(
        root__isnull=True,
        kind=PostKind.INITIAL,
        answers=0,
        state__in=READABLE,
        created_at__lte=now - UNANSWERED_AFTER,
    )
    rows = (
        Post.objects.filter(to_check | appeals | unanswered, cohort__in=cohorts)
        .order_by()
        .values_list("cohort", "item")
        .annotate(
            appeals=Count("pk", filter=appeals),
            to_check=Count("pk", filter=to_check),
            unanswered=Count("pk", filter=unanswered),
        )
    )
    return counted(
        rows,
        [
            (2, _("Authors who ask for a review of a decision"), "check"),
            (3, _("Posts to check"), "check"),
            (4, _("Answers without a reply for 48 hours"), "unanswered"),
        ],
    )
