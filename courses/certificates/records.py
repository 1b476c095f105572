"""What certificates know about a person: for the person's export and erasure."""

from django.utils.translation import gettext_lazy as _

from activities.core.privacy import ERASED_NAME, PersonalRecords
from activities.core.privacy import register as add

from .models import Certificate


def register() -> None:
    add(PersonalRecords("certificates", _("Certificates"), export, erase))


def export(user) -> list[dict]:
    return [
        {
            "number": row.number,
            "holder": row.holder,
            "title": row.course_title_th,
            "course": row.course_code,
            "minutes": row.total_minutes,
            "completed_at": row.completed_at.isoformat(timespec="seconds"),
            "issued_at": row.issued_at.isoformat(timespec="seconds"),
            "revoked_at": row.revoked_at and row.revoked_at.isoformat(timespec="seconds"),
            "revoke_reason": row.revoke_reason,
        }
        for row in Certificate.objects.filter(enrolment__user=user).defer("segments")
    ]


def erase(user) -> None:
    """The record of the training stays, with its number and minutes; the name on it goes."""
    mine = Certificate.objects.filter(enrolment__user=user)
    mine.update(holder=ERASED_NAME)
    mine.exclude(revoke_reason="").update(revoke_reason="—")
