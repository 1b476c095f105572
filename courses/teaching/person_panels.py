"""What the page of a person in a run says beside their items: messages, and the record about them."""

from uuid import UUID

from django.db.models import CharField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.enrolment.models import Enrolment, PlaceEvent
from courses.releases.delivery import in_language

from .models import Message, SeenAs

MOST_MESSAGES = 5
MOST_RECORDED = 20
LOOKED = "looked"


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
    first. One query."""
    titles = {entry["key"]: entry["titles"] for entry in outline["items"]}
    kinds = dict(PlaceEvent.Kind.choices)
    events = PlaceEvent.objects.filter(run=enrolment.run_id, user=enrolment.user_id)
    looks = SeenAs.objects.filter(enrolment=enrolment)
    by = ("by__first_name", "by__last_name", "by__email")
    rows = (
        events.order_by()
        .values_list("at", "kind", "note", *by)
        .union(
            looks.order_by().values_list("at", Value(LOOKED), Cast("item", CharField()), *by),
            all=True,
        )
        .order_by("-at")[:MOST_RECORDED]
    )
    found = []
    for at, kind, note, first, last, email in rows:
        what = kinds.get(kind, "")
        if kind == LOOKED:
            title = titles.get(str(UUID(note)))
            what = pgettext("record", "Looked at as this person sees it")
            note = in_language(title, language) if title else _("an item")
        name = f"{first or ''} {last or ''}".strip() or email or ""
        found.append({"at": at, "what": what, "note": note, "by": name})
    return {"template": "teach/record_panel.html", "rows": found}
