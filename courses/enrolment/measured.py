"""Measured learning time: what was visible and active, never what merely elapsed.

The published log-data estimator: the sum of the gaps between successive signs of life that are
not longer than a threshold. Signs come from all tabs together, so two tabs count once.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from .models import Enrolment, MeasuredTime

THRESHOLD_SECONDS = 60


def measured_seconds(pings: Iterable[float], threshold: float = THRESHOLD_SECONDS) -> float:
    """Seconds of activity that a set of pings (seconds, any order, any tab) accounts for."""
    moments = sorted(set(pings))
    return sum(
        later - earlier
        for earlier, later in zip(moments, moments[1:], strict=False)
        if later - earlier <= threshold
    )


@transaction.atomic
def ping(seat, item, now: datetime) -> None:
    """Note a sign of life. The gap since the last one, in whichever item, counts for this item.

    One clock for all tabs of a seat, so the union over tabs needs no list of pings.
    """
    enrolment = Enrolment.objects.select_for_update().only("pk", "last_ping_at").get(seat=seat)
    last = enrolment.last_ping_at
    ahead = (last - now).total_seconds() if last is not None else -1
    if 0 <= ahead <= THRESHOLD_SECONDS:
        return
    if ahead > THRESHOLD_SECONDS:  # the clock was wrong when the last one was noted
        last = None
    Enrolment.objects.filter(pk=enrolment.pk).update(last_ping_at=now)
    gap = (now - last).total_seconds() if last is not None else None
    if gap is None or gap > THRESHOLD_SECONDS:
        return
    updated = MeasuredTime.objects.filter(seat=seat, item=item).update(
        seconds=F("seconds") + round(gap)
    )
    if not updated:
        MeasuredTime.objects.create(seat=seat, item=item, seconds=round(gap))
