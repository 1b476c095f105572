"""What people are told because of the date: a run begins, access to it ends."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from . import run_notices
from .models import CourseRun, Enrolment

BEFORE_BEGINNING = timedelta(hours=24)
BEFORE_END_OF_ACCESS = timedelta(days=7)


def remind(now: datetime | None = None) -> int:
    """Tell who has not been told yet; returns for how many runs. Repeating it tells nobody twice."""
    now = now or timezone.now()
    count = 0
    soon = now + BEFORE_BEGINNING
    for run in CourseRun.objects.filter(
        Q(access_from__gt=now, access_from__lte=soon)
        | Q(access_from__isnull=True, starts_at__gt=now, starts_at__lte=soon)
    ):
        begins = run.access_begins
        run_notices.tell(
            people_of(run, Enrolment.State.ACTIVE),
            run_notices.BEGINS,
            run,
            f"run-begins-{run.pk}-{begins:%Y%m%d%H%M}",
            when=run_notices.when_in_languages(begins),
        )
        count += 1
    # Access ends some days after the run does, so runs that ended long ago may be concerned.
    for run in CourseRun.objects.filter(
        ends_at__isnull=False,
        access_days_after__isnull=False,
        ends_at__lte=now + BEFORE_END_OF_ACCESS,
    ).iterator():
        ends = run.access_ends
        if not now < ends <= now + BEFORE_END_OF_ACCESS:
            continue
        run_notices.tell(
            people_of(run, Enrolment.State.ACTIVE),
            run_notices.ACCESS_ENDS,
            run,
            f"run-access-{run.pk}-{ends:%Y%m%d%H%M}",
            when=run_notices.when_in_languages(ends),
        )
        count += 1
    return count


def people_of(run: CourseRun, state: str):
    return Enrolment.objects.filter(run=run, state=state).values_list("user", flat=True)
