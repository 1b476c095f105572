"""What enrolment knows about a person: for the person's export and erasure."""

from django.utils.translation import gettext_lazy as _

from activities.core.privacy import PersonalRecords
from activities.core.privacy import register as add
from courses.releases.delivery import in_language, offered

from .models import CourseRun, Enrolment, MeasuredTime


def register() -> None:
    add(PersonalRecords("courses", _("Courses"), export, erase))


def export(user) -> dict:
    enrolments = list(
        Enrolment.objects.filter(user=user).select_related("run").order_by("enrolled_at")
    )
    titles = {
        state.course: in_language(state.current.outline["titles"])
        for state in offered().filter(course__in=[e.run.course for e in enrolments])
    }
    seconds: dict = {}
    for row in MeasuredTime.objects.filter(seat__in=[e.seat for e in enrolments]):
        seconds[row.seat] = seconds.get(row.seat, 0) + row.seconds
    taken = [
        {
            "title": titles.get(e.run.course, str(e.run.course)),
            "run": e.run.name,
            "state": e.state,
            "percent": e.percent,
            "enrolled_at": e.enrolled_at.isoformat(timespec="seconds"),
            "completed_at": e.completed_at and e.completed_at.isoformat(timespec="seconds"),
            "last_seen_at": e.last_seen_at and e.last_seen_at.isoformat(timespec="seconds"),
            "measured_minutes": seconds.get(e.seat, 0) // 60,
        }
        for e in enrolments
    ]
    taught = [
        {"run": run.name or str(run.key), "course": str(run.course)}
        for run in CourseRun.objects.filter(instructors=user).order_by("pk")
    ]
    found = {"taken": taken, "taught": taught}
    return {name: rows for name, rows in found.items() if rows}


def erase(user) -> None:
    """The places stay as training records; the minutes measured and the runs taught go. Whoever is
    still learning has left."""
    mine = Enrolment.objects.filter(user=user)
    MeasuredTime.objects.filter(seat__in=mine.values("seat")).delete()
    for run in CourseRun.objects.filter(instructors=user):
        run.instructors.remove(user)
    mine.filter(state=Enrolment.State.ACTIVE).update(state=Enrolment.State.WITHDRAWN)
