"""What this app knows about a person."""

from django.utils.translation import gettext_lazy as _

from activities.core.privacy import PersonalRecords, register

from . import messages
from .models import Announcement, Attendance, AttendanceChange, SeenAs

GONE = "–"


def export(user) -> dict:
    found = {
        "messages": messages.export(user),
        "announcements": [
            {"run": row.run_id, "title": row.title, "text": row.body}
            for row in Announcement.objects.filter(author=user)
        ],
        "attendance": [
            {
                "meeting": row.meeting.title,
                "starts": row.meeting.starts_at.isoformat(),
                "state": row.state,
                "minutes_late": row.late_minutes,
                "minutes": row.minutes,
            }
            for row in Attendance.objects.filter(enrolment__user=user)
            .select_related("meeting")
            .order_by("meeting__starts_at", "pk")
        ],
        "looked_at_as_you_see_it": [
            {"item": str(row.item), "at": row.at.isoformat(), "by": str(row.by or GONE)}
            for row in SeenAs.objects.filter(enrolment__user=user).select_related("by")
        ],
    }
    return {name: rows for name, rows in found.items() if rows}


def erase(user) -> None:
    messages.erase(user)
    Announcement.objects.filter(author=user).update(author=None)
    # Who attended stays, like the enrolment; why it was corrected may say something about a person.
    AttendanceChange.objects.filter(attendance__enrolment__user=user).exclude(reason="").update(
        reason=GONE
    )
    for model in (Attendance, AttendanceChange, SeenAs):
        model.objects.filter(by=user).update(by=None)


RECORDS = PersonalRecords("teaching", _("Messages"), export, erase)
register(RECORDS)
