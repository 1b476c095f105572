"""Reminding those who still owe reviews, before reviewing ends or before a work is given to others."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from activities.core import reminders
from activities.core.enums import State
from activities.core.models import Participation, PhaseDates

from . import notices
from .enums import LeaseState, Stage
from .models import ReviewLease

KIND = "workshop"
OVER = (State.COMPLETED, State.EXCUSED)
# A work is kept for a day; where there are no dates its reviewer hears so when a quarter is left.
BEFORE_THE_LEASE_ENDS = timedelta(hours=6)


def remind(now: datetime | None = None) -> int:
    """Tell everybody who has not been told yet; returns how many were. Repeating it is harmless."""
    now = now or timezone.now()
    return by_date(now) + by_lease(now)


def by_date(now: datetime) -> int:
    """Cohorts: two days and one day before the end of reviewing, with the more time that some have."""
    count = 0
    for row, due in reminders.soon(KIND, ["review"], now):
        end = row.closes_at or due
        owing = {
            one.user_id: one
            for one in Participation.objects.filter(
                cohort=row.cohort, item=row.item, data__stage=str(Stage.REVIEWING)
            )
            .exclude(state__in=OVER)
            .select_related("version")
        }
        people = [(one.user_id, one.seat) for one in owing.values()]
        for user, own, hours in reminders.due(row.item, end, people, now):
            count += len(notices.review_due(owing[user], own, hours))
    return count


def by_lease(now: datetime) -> int:
    """Where there are no dates: before the work in hand goes to somebody else."""
    dated = PhaseDates.objects.filter(
        cohort=OuterRef("reviewer__cohort"), item=OuterRef("reviewer__item"), phase="review"
    )
    leases = (
        ReviewLease.objects.filter(
            ~Exists(dated),
            state=LeaseState.HELD,
            expires_at__gt=now,
            expires_at__lte=now + BEFORE_THE_LEASE_ENDS,
        )
        .exclude(reviewer__state__in=OVER)
        .select_related("reviewer__version")
    )
    return sum(len(notices.lease_ends(lease)) for lease in leases.order_by("pk"))
