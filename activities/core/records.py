"""What activities know about a person, of whatever kind: for the person's export and erasure."""

import logging

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from . import privacy, registry
from .models import Attempt, Decision, Draft, Event, NoticePreference, Notification, Participation
from .notices import sentence

logger = logging.getLogger("sala.privacy")

# A decision has a reason; whoever is erased has none that names them.
ERASED_REASON = "—"
MOST_EVENTS = 20_000


def register() -> None:
    privacy.register(
        privacy.PersonalRecords("activities", _("Activities"), export_activities, erase_activities)
    )
    privacy.register(
        privacy.PersonalRecords(
            "notifications", _("Notifications"), export_notifications, erase_notifications
        )
    )


def export_activities(user) -> dict:
    """Participations, drafts and decisions, then what each kind adds; a kind that fails is named and
    does not keep the person from the rest."""
    mine = Participation.objects.filter(user=user).select_related("version").order_by("pk")
    seats = {p.seat for p in mine}
    found = {
        "items": [
            {
                "title": p.version.title(),
                "kind": p.version.kind,
                "state": p.state,
                "percent": p.progress,
                "score": None if p.score is None else str(p.score.normalize()),
                "started_at": stamp(p.started_at),
                "completed_at": stamp(p.completed_at),
            }
            for p in mine
        ],
        "drafts": [
            {"form": draft.form, "text": draft.data, "saved_at": stamp(draft.saved_at)}
            for draft in Draft.objects.filter(user=user).order_by("pk")
        ],
        "decisions": [
            {
                "kind": row.kind,
                "reason": row.reason,
                "until": stamp(row.until),
                "score": None if row.score is None else str(row.score.normalize()),
                "decided_at": stamp(row.created_at),
            }
            for row in Decision.objects.filter(seat__in=seats).order_by("pk")
        ],
        "events": [
            {"kind": kind, "at": stamp(at)}
            for kind, at in Event.objects.filter(actor=user)
            .order_by("pk")
            .values_list("kind", "created_at")[:MOST_EVENTS]
        ],
    }
    for kind in registry.all_kinds():
        try:
            data = kind.personal_data(user)
        except Exception:  # a plugin's mistake must not keep the rest from the person
            logger.exception("Kind %s cannot say what it knows about person %s", kind.name, user.pk)
            data = {"unavailable": True}
        if data:
            found[kind.name] = data
    return {name: data for name, data in found.items() if data}


def erase_activities(user) -> None:
    """Texts, drafts and answers go; that something was done, and its score, stays on record.

    A plugin that fails to forget stops the erasure: half an erasure would be taken for a whole one.
    """
    known = set()
    for kind in registry.all_kinds():
        known.add(kind.name)
        kind.erase(user)
    mine = Participation.objects.filter(user=user)
    gone = mine.exclude(version__kind__in=known)
    Attempt.objects.filter(participation__in=gone).update(data={})
    gone.update(data={})
    Draft.objects.filter(user=user).delete()
    Decision.objects.filter(seat__in=mine.values("seat")).update(reason=ERASED_REASON)
    Event.objects.filter(actor=user).update(payload={}, actor=None)


def export_notifications(user) -> dict:
    rows = Notification.objects.filter(user=user)
    preference = NoticePreference.objects.filter(user=user).first()
    found = {
        "received": [
            {"text": text, "at": stamp(row.created_at), "read_at": stamp(row.read_at)}
            for row in rows
            if (text := sentence(row))
        ]
    }
    if preference:
        found["preferences"] = {"email": preference.email, "muted": preference.muted}
    return {name: data for name, data in found.items() if data}


@transaction.atomic
def erase_notifications(user) -> None:
    """The person's own, and the person's name in what others were told."""
    Notification.objects.filter(user=user).delete()
    NoticePreference.objects.filter(user=user).delete()
    names = {name for name in (user.get_full_name(), user.email) if name}
    if not names:
        return
    for row in Notification.objects.exclude(params={}).only("pk", "params").iterator(1000):
        cleaned = without(row.params, names)
        if cleaned != row.params:
            Notification.objects.filter(pk=row.pk).update(params=cleaned)


def without(value, names: set[str]):
    """JSON in which these names are replaced."""
    if isinstance(value, dict):
        return {key: without(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [without(part, names) for part in value]
    if isinstance(value, str):
        for name in names:
            value = value.replace(name, privacy.ERASED_NAME)
    return value


def stamp(at) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
