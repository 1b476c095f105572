"""What waits for an instructor in discussions."""

from datetime import timedelta

from django.core.cache import cache
from django.db.models import BigIntegerField, Count, Exists, OuterRef, Q, Value
from django.utils.translation import gettext as _

from activities.core.models import ItemVersion
from activities.core.needs import Need, counted

from .desk import UNANSWERED_AFTER
from .enums import READABLE, PostKind, PostState
from .models import Group, Post

SILENT_FOR_GOOD = timedelta(days=60)
HOUR = 3600


# What stands in the third column instead of a version.
POSTS, GROUPS = 0, -1


def waiting(cohorts, now) -> list[Need]:
    """Posts to check, reviews of a decision that were asked for, answers without a reply, learners to
    grade, groups in which nobody has written.

    One query of three parts, because they live in three tables, and one more for the versions where
    somebody may have to be graded: only their content says whether that is done by hand.
    """
    rows = list(posts(cohorts, now).union(ungraded(cohorts), silent_groups(cohorts, now), all=True))
    found = counted(
        [(cohort, item, *numbers) for cohort, item, what, *numbers in rows if what == POSTS],
        [
            (2, _("Authors who ask for a review of a decision"), "check"),
            (3, _("Posts to check"), "check"),
            (4, _("Answers without a reply for 48 hours"), "unanswered"),
        ],
    )
    text = _("Groups in which nobody has written")
    found += [Need(row[0], row[1], text, row[3], "groups") for row in rows if row[2] == GROUPS]
    return found + to_grade([row for row in rows if row[2] > 0])


def posts(cohorts, now):
    """(cohort, item, POSTS, appeals, posts to check, unanswered answers)"""
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
    return (
        Post.objects.filter(to_check | appeals | unanswered, cohort__in=cohorts)
        .order_by()
        .values_list("cohort", "item", whole(POSTS))
        .annotate(
            appeals=Count("pk", filter=appeals),
            to_check=Count("pk", filter=to_check),
            unanswered=Count("pk", filter=unanswered),
        )
    )


def ungraded(cohorts):
    """(cohort, item, version, learners with an answer and without a grade, 0, 0)"""
    return (
        Post.objects.filter(
            cohort__in=cohorts,
            kind=PostKind.INITIAL,
            state__in=READABLE,
            participation__discussion_grade__score__isnull=True,
        )
        .order_by()
        .values_list("cohort", "item", "participation__version")
        .annotate(n=Count("participation", distinct=True), second=whole(0), third=whole(0))
    )


def to_grade(rows) -> list[Need]:
    """Of the rows of `ungraded` those of versions that are graded by hand."""
    if not rows:
        return []
    by_hand = graded_by_hand({row[2] for row in rows})
    counts: dict = {}
    for cohort, item, version, n, *_nothing in rows:
        if version in by_hand:
            counts[(cohort, item)] = counts.get((cohort, item), 0) + n
    text = _("Learners whose discussion is to be graded")
    return [Need(cohort, item, text, n, "grading") for (cohort, item), n in counts.items()]


def graded_by_hand(versions: set[int]) -> set[int]:
    """Which of these versions are graded by hand. A version never changes, so what is known stays
    known for an hour: the desk asks for the same few again and again."""
    names = {f"graded-by-hand:{pk}": pk for pk in versions}
    known = cache.get_many(names)
    missing = [pk for name, pk in names.items() if name not in known]
    fresh = (
        {
            f"graded-by-hand:{version.pk}": version.rules.graded_by_hand
            for version in ItemVersion.objects.filter(pk__in=missing)
        }
        if missing
        else {}
    )
    cache.set_many(fresh, HOUR)
    return {names[name] for name, by_hand in (known | fresh).items() if by_hand}


def silent_groups(cohorts, now):
    """(cohort, item, GROUPS, groups with people in which nobody has answered two days after they were
    formed, 0, 0). Those of long ago wait for nobody any more."""
    answered = Post.objects.filter(
        cohort=OuterRef("cohort"),
        item=OuterRef("item"),
        group=OuterRef("number"),
        kind=PostKind.INITIAL,
        state__in=READABLE,
    )
    return (
        Group.objects.filter(
            ~Exists(answered),
            cohort__in=cohorts,
            merged_into__isnull=True,
            members__isnull=False,
            created_at__lte=now - UNANSWERED_AFTER,
            created_at__gt=now - SILENT_FOR_GOOD,
        )
        .order_by()
        .values_list("cohort", "item", whole(GROUPS))
        .annotate(n=Count("pk", distinct=True), second=whole(0), third=whole(0))
    )


def whole(number: int) -> Value:
    return Value(number, output_field=BigIntegerField())
