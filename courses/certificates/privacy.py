"""What certificates know about a person."""

from django.utils.translation import gettext_lazy as _

from activities.core.privacy import ERASED_NAME, PersonalRecords, register

from .models import Certificate, Transcript

ERASED_REASON = "–"


def export(user) -> dict:
    """Certificates in all their versions, and printed transcripts."""
    certificates = Certificate.objects.filter(enrolment__user=user).order_by("pk")
    transcripts = Transcript.objects.filter(user=user).order_by("pk")
    found = {}
    if certificates:
        found["certificates"] = [
            {
                "number": c.number,
                "version": c.version,
                "holder": c.holder,
                "course": c.titles,
                "issued_at": c.issued_at.isoformat(),
                "state": c.state,
                "issue_reason": c.issue_reason,
                "revoke_reason": c.revoke_reason,
                "minutes": c.total_minutes,
            }
            for c in certificates
        ]
    if transcripts:
        found["transcripts"] = [
            {"number": t.number, "holder": t.holder, "issued_at": t.issued_at.isoformat()}
            for t in transcripts
        ]
    return found


def erase(user) -> None:
    """The certificate stays a training record, under no name; what was written about the person and
    what they had printed goes."""
    mine = Certificate.objects.filter(enrolment__user=user)
    mine.update(holder=ERASED_NAME)
    mine.exclude(issue_reason="").update(issue_reason=ERASED_REASON)
    mine.exclude(revoke_reason="").update(revoke_reason=ERASED_REASON)
    Transcript.objects.filter(user=user).delete()


RECORDS = PersonalRecords("certificates", _("Certificates"), export, erase)
register(RECORDS)
