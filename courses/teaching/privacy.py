"""What this app knows about a person."""

from django.utils.translation import gettext_lazy as _

from activities.core.privacy import PersonalRecords, register

from . import messages
from .models import Announcement, Attendance, AttendanceChange, SeenAs


def export(user) -> dict:
    found = {
        "messages": messages.export(user),
        "announcements": [
            {"run": row.run_id, "title": row.title, "text": row.body}
            for row in Announcement.objects.filter(author=user)
        ],
    }
    found["meetings"] = [
        {
            "meeting": row.meeting.title,
            "begins": row.meeting.starts_at.isoformat(),
            "noted": row.state,
            "minutes_late": row.late_minutes,
            "minutes": row.minutes,
        }
        for row in Attendance.objects.filter(enrolment__user=user).select_related("meeting")
    ]
    found["looked_at_as_you_see_it"] = [
        {"item": str(row.item), "at": row.at.isoformat()}
        for row in SeenAs.objects.filter(enrolment__user=user)
    ]
    return {name: rows for name, rows in found.items() if rows}


def erase(user) -> None:
    messages.erase(user)
    Announcement.objects.filter(author=user).update(author=None)
    # What was noted of others stays theirs; who noted it is forgotten.
    for model in (Attendance, AttendanceChange, SeenAs):
        model.objects.filter(by=user).update(by=None)
    # The reason of a correction may tell about the person; that there was one stays.
    AttendanceChange.objects.filter(attendance__enrolment__user=user).exclude(reason="").update(
        reason="–"
    )


RECORDS = PersonalRecords("teaching", _("Messages"), export, erase)
register(RECORDS)
