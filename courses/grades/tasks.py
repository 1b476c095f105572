from celery import shared_task


@shared_task
def recalculate_grades(job_id: int) -> None:
    """Do what is left of a recalculation. What is over is not done again."""
    from .models import Recalculation
    from .recalculate import run

    job = (
        Recalculation.objects.select_related("run")
        .filter(pk=job_id, state__in=["waiting", "running"])
        .first()
    )
    if job is not None:
        run(job)


@shared_task
def recalculate_closed() -> int:
    """Grades in which something that was missing counts as 0 since yesterday, because it closed.

    Pages and exports reckon that themselves; this brings the stored grade after them.
    """
    from datetime import timedelta

    from django.utils import timezone

    from activities.core.models import PhaseDates
    from courses.enrolment.models import CourseRun

    from .models import scheme_of
    from .recalculate import now
    from .scheme import ZERO

    moment = timezone.now()
    cohorts = (
        PhaseDates.objects.filter(closes_at__gt=moment - timedelta(days=2), closes_at__lte=moment)
        .values_list("cohort", flat=True)
        .distinct()
    )
    done = 0
    for run in CourseRun.objects.filter(key__in=list(cohorts)):
        if scheme_of(run).missing == ZERO:
            now(run)
            done += 1
    return done
