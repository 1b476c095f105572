"""What enrolment knows about a person: places, applications, visible time, lines of lists."""

from django.utils.translation import gettext_lazy as _

from activities.core import privacy
from courses.releases.delivery import in_language, served

from .models import Application, CourseRun, Enrolment, ImportRow, MeasuredTime, PlaceEvent


def stamp(at) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def export(user) -> dict:
    enrolments = list(
        Enrolment.objects.filter(user=user).select_related("run", "group").order_by("enrolled_at")
    )
    titles = {
        state.course: in_language(state.served.outline["titles"])
        for state in served().filter(course__in=[row.run.course for row in enrolments])
    }
    seconds = dict.fromkeys((row.seat for row in enrolments), 0)
    for measured in MeasuredTime.objects.filter(seat__in=seconds):
        seconds[measured.seat] += measured.seconds
    found = {
        "taken": [
            {
                "title": titles.get(row.run.course, str(row.run.course)),
                "run": str(row.run),
                "group": row.group.name if row.group else None,
                "state": row.state,
                "percent": row.percent,
                "enrolled_at": stamp(row.enrolled_at),
                "last_seen_at": stamp(row.last_seen_at),
                "completed_at": stamp(row.completed_at),
                "withdrawn_at": stamp(row.withdrawn_at),
                "withdrawn_reason": row.withdrawn_reason,
                "measured_minutes": seconds[row.seat] // 60,
            }
            for row in enrolments
        ],
        "taught": [
            {"run": str(run), "course": str(run.course)}
            for run in CourseRun.objects.filter(instructors=user).order_by("pk")
        ],
        "applications": [
            {
                "run": str(row.run),
                "state": row.state,
                "why": row.why,
                "reason": row.reason,
                "at": stamp(row.queued_at),
            }
            for row in Application.objects.filter(user=user).select_related("run")
        ],
        "history": [
            {"run": str(row.run), "what": row.kind, "note": row.note, "at": stamp(row.at)}
            for row in PlaceEvent.objects.filter(user=user).select_related("run")
        ],
    }
    return {name: rows for name, rows in found.items() if rows}


def erase(user) -> None:
    """Places stay as the record of training; what was written about or by the person goes, and the
    minutes measured and the runs taught. Whoever is still learning has left."""
    for run in CourseRun.objects.filter(instructors=user):
        run.instructors.remove(user)
    Enrolment.objects.filter(user=user, state=Enrolment.State.ACTIVE).update(
        state=Enrolment.State.WITHDRAWN
    )
    Enrolment.objects.filter(user=user).exclude(withdrawn_reason="").update(withdrawn_reason="–")
    Application.objects.filter(user=user, state__in=Application.OPEN).delete()
    Application.objects.filter(user=user).update(why="")
    PlaceEvent.objects.filter(user=user).update(note="")
    MeasuredTime.objects.filter(
        seat__in=Enrolment.objects.filter(user=user).values("seat")
    ).delete()
    for row in ImportRow.objects.filter(user=user):
        row.email = f"erased-{row.pk}@invalid.example"
        row.first_name = row.last_name = ""
        row.user = None
        row.save(update_fields=["email", "first_name", "last_name", "user"])


RECORDS = privacy.PersonalRecords("courses", _("Courses"), export, erase)
