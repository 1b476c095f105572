"""What the page of a person in a run says beside their items: messages, and the record about them."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.enrolment.models import Enrolment, PlaceEvent
from courses.releases.delivery import in_language

from .models import Message, SeenAs

MOST_MESSAGES = 5
MOST_RECORDED = 20


def written(enrolment: Enrolment, outline: dict, language: str) -> dict:
    """The latest of what was written to and by this person. One query."""
    rows = Message.objects.filter(run=enrolment.run_id, learner=enrolment.user_id)
    return {
        "template": "teach/messages_panel.html",
        "messages": [
            {"at": row.sent_at, "by_staff": row.by_staff, "text": row.body, "read": row.read_at}
            for row in rows.order_by("-sent_at", "-pk")[:MOST_MESSAGES]
        ],
        "url": reverse("teach_conversation", args=[enrolment.run_id, enrolment.pk]),
    }


def recorded(enrolment: Enrolment, outline: dict, language: str) -> dict:
    """What happened to this person's place, and who looked at the course as they see it, the latest
    first. Two queries."""
    titles = {entry["key"]: entry["titles"] for entry in outline["items"]}
    events = PlaceEvent.objects.filter(run=enrolment.run_id, user=enrolment.user_id)
    rows = [
        {"at": row.at, "what": row.get_kind_display(), "note": row.note, "by": row.by}
        for row in events.select_related("by")[:MOST_RECORDED]
    ]
    looks = SeenAs.objects.filter(enrolment=enrolment).select_related("by")[:MOST_RECORDED]
    for row in looks:
        title = titles.get(str(row.item))
        rows.append(
            {
                "at": row.at,
                "what": pgettext("record", "Looked at as this person sees it"),
                "note": in_language(title, language) if title else _("an item"),
                "by": row.by,
            }
        )
    rows.sort(key=lambda row: row["at"], reverse=True)
    return {"template": "teach/record_panel.html", "rows": rows[:MOST_RECORDED]}
