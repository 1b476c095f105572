"""What enrolment knows about a person: places, applications, visible time, lines of lists."""

from django.utils.translation import gettext_lazy as _

from activities.core import privacy

from .models import Application, Enrolment, ImportRow, MeasuredTime, PlaceEvent


def stamp(at) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def export(user) -> dict:
    enrolments = list(Enrolment.objects.filter(user=user).select_related("run", "group"))
    rows = {
        "enrolments": [
            {
                "course": str(row.run.course),
                "run": str(row.run),
                "group": row.group.name if row.group else None,
                "state": row.state,
                "percent": row.percent,
                "enrolled_at": stamp(row.enrolled_at),
                "last_seen_at": stamp(row.last_seen_at),
                "completed_at": stamp(row.completed_at),
                "withdrawn_at": stamp(row.withdrawn_at),
                "withdrawn_reason": row.withdrawn_reason,
            }
            for row in enrolments
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
        "measured_seconds": sum(
            MeasuredTime.objects.filter(seat__in=[row.seat for row in enrolments]).values_list(
                "seconds", flat=True
            )
        ),
    }
    return rows if any(rows.values()) else {}


def erase(user) -> None:
    """Enrolments stay as the record of training; what was written about or by the person goes."""
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


RECORDS = privacy.PersonalRecords("enrolment", _("Enrolment"), export, erase)
