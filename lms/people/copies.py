"""A person's own copy of what the site knows about them: one zip with JSON for machines and a page
to read."""

import io
import json
import logging
import zipfile
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from activities.core import privacy
from activities.core.errors import Refused
from activities.core.notices import Notice, notify
from activities.core.notices import register as register_notice

from .models import PersonalExport

logger = logging.getLogger("sala.privacy")

KEPT = timedelta(days=7)
# A worker that died left its copy waiting; after this time another may be asked for.
GIVEN_UP = timedelta(hours=1)

READY = Notice(
    "own_copy",
    gettext_lazy("A copy of my data is ready"),
    gettext_lazy("The copy of your data is ready. You can download it for 7 days."),
)
register_notice(READY)

# What the fields of the records are called on the page. A field without a name here is shown with
# its own.
FIELD_NAMES = {
    "activities": gettext_noop("Activities"),
    "agency": gettext_noop("Agency"),
    "at": gettext_noop("Time"),
    "colours": gettext_noop("Colours"),
    "completed_at": gettext_noop("Completed"),
    "course": gettext_noop("Course"),
    "decisions": gettext_noop("Decisions of instructors"),
    "drafts": gettext_noop("Drafts"),
    "email": gettext_noop("E-mail"),
    "enrolled_at": gettext_noop("Enrolled"),
    "first_name": gettext_noop("First name"),
    "first_name_en": gettext_noop("First name in English"),
    "holder": gettext_noop("Holder"),
    "issued_at": gettext_noop("Issued"),
    "items": gettext_noop("Items"),
    "joined_at": gettext_noop("Account since"),
    "kind": gettext_noop("Kind"),
    "language": gettext_noop("Language"),
    "last_name": gettext_noop("Last name"),
    "last_name_en": gettext_noop("Last name in English"),
    "last_seen_at": gettext_noop("Last seen"),
    "last_sign_in": gettext_noop("Last sign-in"),
    "measured_minutes": gettext_noop("Minutes measured"),
    "minutes": gettext_noop("Minutes"),
    "number": gettext_noop("Number"),
    "percent": gettext_noop("Per cent"),
    "position": gettext_noop("Position"),
    "posts": gettext_noop("Posts"),
    "query": gettext_noop("Searched for"),
    "read_at": gettext_noop("Read"),
    "reason": gettext_noop("Reason"),
    "received": gettext_noop("Received"),
    "role": gettext_noop("Role"),
    "roles": gettext_noop("Roles"),
    "run": gettext_noop("Run"),
    "score": gettext_noop("Score"),
    "since": gettext_noop("Since"),
    "started_at": gettext_noop("Started"),
    "state": gettext_noop("State"),
    "taken": gettext_noop("Courses taken"),
    "target_group": gettext_noop("Target group"),
    "taught": gettext_noop("Courses taught"),
    "text": gettext_noop("Text"),
    "text_size": gettext_noop("Text size"),
    "title": gettext_noop("Title"),
    "until": gettext_noop("Until"),
}


def ask(user) -> PersonalExport:
    """Have a copy made. Raises `Refused` while one is being made."""
    from .tasks import make_copy

    now = timezone.now()
    PersonalExport.objects.filter(
        user=user, state=PersonalExport.State.WAITING, created_at__lt=now - GIVEN_UP
    ).update(state=PersonalExport.State.FAILED)
    try:
        with transaction.atomic():
            wanted = PersonalExport.objects.create(user=user, expires_at=now + KEPT)
            transaction.on_commit(lambda: make_copy.delay(str(wanted.pk)))
    except IntegrityError as error:
        raise Refused(
            _("A copy is being made already. You will be told when it is ready."),
            code="copy_is_being_made",
            status=409,
        ) from error
    return wanted


def make(pk) -> None:
    """Make the copy that was asked for, and tell the person. Doing it again changes nothing."""
    wanted = (
        PersonalExport.objects.select_related("user")
        .filter(pk=pk, state=PersonalExport.State.WAITING, user__is_active=True)
        .first()
    )
    if wanted is None:
        return
    try:
        content = packed(wanted.user)
    except Exception:
        logger.exception("Could not make the copy %s", pk)
        PersonalExport.objects.filter(pk=pk).update(state=PersonalExport.State.FAILED)
        raise
    now = timezone.now()
    with transaction.atomic():
        done = PersonalExport.objects.filter(pk=pk, state=PersonalExport.State.WAITING).update(
            state=PersonalExport.State.READY,
            content=content,
            size=len(content),
            expires_at=now + KEPT,
        )
        if done:
            # One copy is enough: an older one is a second thing to lose.
            PersonalExport.objects.filter(user=wanted.user).exclude(pk=pk).delete()
            notify(wanted.user, READY.name, key=f"own-copy-{pk}", url=reverse("own_data"))


def packed(user) -> bytes:
    with translation.override(user.preferred_language):
        parts = [
            (records.name, str(records.label), data)
            for records in privacy.all_records()
            if (data := records.export(user))
        ]
        made = timezone.localtime()
        page = render_to_string(
            "people/copy.html",
            {
                "person": user,
                "made_at": made,
                "language": user.preferred_language,
                "parts": [
                    {"name": name, "label": label, "value": readable(data)}
                    for name, label, data in parts
                ],
            },
        )
    document = {"made_at": made.isoformat(timespec="seconds")}
    document |= {name: data for name, _label, data in parts}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(document, ensure_ascii=False, indent=2))
        archive.writestr("data.html", page)
    return target.getvalue()


def readable(value) -> dict:
    """A value for the page: {"fields": [(name, value)]}, {"rows": [value]} or {"text": text}."""
    if isinstance(value, dict):
        shown = [(field_name(name), readable(part)) for name, part in value.items() if filled(part)]
        return {"fields": shown}
    if isinstance(value, list | tuple | set | frozenset):
        return {"rows": [readable(part) for part in value]}
    if isinstance(value, bool):
        return {"text": _("yes") if value else _("no")}
    return {"text": str(value)}


def filled(value) -> bool:
    return value is not None and value != "" and value != [] and value != {}


def field_name(name) -> str:
    known = FIELD_NAMES.get(str(name))
    return translation.gettext(known) if known else str(name).replace("_", " ")
