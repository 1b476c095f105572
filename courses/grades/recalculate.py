"""Reckoning a run's grades anew, a batch at a time, so that it can be interrupted and go on."""

import logging
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from activities.core import holding
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.progress import course_completed
from courses.enrolment.progress import settle as settle_completion
from courses.releases.delivery import served_release

from . import grading
from .completion import marks_missing
from .models import Grade, Recalculation, scheme_of
from .reckon import passed
from .scheme import Scheme, text

logger = logging.getLogger("sala.grades")
BATCH = 100
MOST_CHANGES = 100
State = Recalculation.State


def run(job: Recalculation) -> Recalculation:
    """Do what is left of a job. Each batch is a transaction of its own with its people locked; what
    came of it is written in the same transaction, so a worker that dies loses and repeats nothing."""
    release = served_release(job.run.course)
    scheme = scheme_of(job.run)
    if job.state == State.WAITING:
        job.state = State.RUNNING
        job.save(update_fields=["state"])
    try:
        while release is not None and batch(job, scheme, release):
            pass
    except Exception:
        Recalculation.objects.filter(pk=job.pk).update(
            state=State.FAILED, finished_at=timezone.now()
        )
        logger.exception("Recalculation %s stopped", job.pk)
        raise
    job.state, job.finished_at = State.DONE, timezone.now()
    job.save(update_fields=["state", "finished_at"])
    return job


@holding.once_more
@transaction.atomic
def batch(job: Recalculation, scheme: Scheme, release) -> int:
    """The next people of a job; how many there were."""
    job.refresh_from_db()
    people = list(
        Enrolment.objects.select_for_update(of=("self",))
        .filter(run=job.run, pk__gt=job.last)
        .select_related("run", "user")
        .order_by("pk")[:BATCH]
    )
    if not people:
        return 0
    seats = [enrolment.seat for enrolment in people]
    grades = {g.enrolment_id: g for g in Grade.objects.filter(enrolment__in=people)}
    entries = grading.entries_of(seats)
    closed = grading.Closed(scheme, job.run, seats, timezone.now())
    before, after = job.before or nobody(), job.after or nobody()
    for enrolment in people:
        grade = grades.get(enrolment.pk) or Grade(enrolment=enrolment)
        was, was_complete = grade.value, enrolment.completed_at is not None
        count(before, scheme, was, was_complete)
        recalculate(enrolment, grade, entries, scheme, release, closed)
        complete = enrolment.completed_at is not None
        count(after, scheme, grade.value, complete)
        job.completed += complete and not was_complete
        job.kept += grade.remark == Grade.Remark.BELOW
        if was != grade.value or complete != was_complete:
            job.changed += 1
            if len(job.changes) < MOST_CHANGES:
                job.changes.append(
                    {
                        "enrolment": enrolment.pk,
                        "before": text(was),
                        "after": text(grade.value),
                        "completed": complete and not was_complete,
                    }
                )
    job.before, job.after = before, after
    job.done += len(people)
    job.last = people[-1].pk
    job.save()
    return len(people)


def recalculate(enrolment, grade: Grade, entries: dict, scheme: Scheme, release, closed) -> None:
    """One person's copy, grade and completion. Who has completed the course stays so: the grade gets
    a remark if the rules would now ask for more."""
    fresh = entries.get(enrolment.seat, {})
    was = (grade.pk, grade.scores == fresh, grade.remark)
    grade.scores = fresh
    changed = grading.regrade(enrolment, grade, scheme, release.outline, closed.of(enrolment.seat))
    complete = enrolment.completed_at is not None
    below = complete and marks_missing(scheme, release.outline, grade, grade.value)
    grade.remark = Grade.Remark.BELOW if below else Grade.Remark.NONE
    if changed or was != (grade.pk, True, grade.remark):
        grade.save()
        grading.tell(enrolment, grade, release)
    if complete or enrolment.state == Enrolment.State.WITHDRAWN:
        return
    percent = enrolment.percent
    completed = settle_completion(enrolment, release)
    if completed or enrolment.percent != percent:
        enrolment.save(update_fields=["percent", "state", "completed_at"])
    if completed:
        course_completed.send(sender=Enrolment, enrolment=enrolment)


def nobody() -> dict:
    return {"graded": 0, "passed": 0, "completed": 0}


def count(sums: dict, scheme: Scheme, value: Decimal | None, complete: bool) -> None:
    sums["graded"] += value is not None
    sums["passed"] += bool(passed(scheme, value))
    sums["completed"] += complete


def now(course_run: CourseRun, *, by=None, reason: str = "") -> Recalculation:
    """A whole run at once, for commands."""
    total = Enrolment.objects.filter(run=course_run).count()
    return run(Recalculation.objects.create(run=course_run, by=by, reason=reason, total=total))
