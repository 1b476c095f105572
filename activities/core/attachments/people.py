"""What attachments know about a person, and how they are forgotten."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.core.models import Attachment
from activities.core.privacy import PersonalRecords, register

from . import store


def export(user) -> list[dict]:
    return [
        {
            "name": one.name,
            "purpose": one.purpose,
            "description": one.alt,
            "type": one.stored.media_type,
            "bytes": one.stored.size,
            "sha256": one.stored.digest,
            "sent_at": one.created_at.isoformat(),
            "taken_off_at": one.detached_at.isoformat() if one.detached_at else None,
        }
        for one in Attachment.objects.filter(owner__user=user).select_related("stored")
    ]


def erase(user) -> None:
    """The rows go at once; the files follow when nobody refers to them any more."""
    Attachment.objects.filter(owner__user=user).delete()
    store.drop_orphans(timezone.now() + store.ORPHANS_STAY)


def register_records() -> None:
    register(PersonalRecords("attachments", _("Files I attached"), export, erase))
