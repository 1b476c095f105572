"""What this app knows about a person."""

from django.utils.translation import gettext_lazy as _

from activities.core.privacy import PersonalRecords, register

from . import messages
from .models import Announcement


def export(user) -> dict:
    found = {
        "messages": messages.export(user),
        "announcements": [
            {"run": row.run_id, "title": row.title, "text": row.body}
            for row in Announcement.objects.filter(author=user)
        ],
    }
    return {name: rows for name, rows in found.items() if rows}


def erase(user) -> None:
    messages.erase(user)
    Announcement.objects.filter(author=user).update(author=None)


RECORDS = PersonalRecords("teaching", _("Messages"), export, erase)
register(RECORDS)
