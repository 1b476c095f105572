"""Issuing and revoking certificates."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from activities.core import errands
from courses.enrolment.models import Enrolment
from courses.enrolment.progress import segments
from courses.releases.delivery import served_release

from . import notices
from .models import Certificate
from .tasks import send_certificate


def minutes_by_method(outline: dict) -> dict[str, int]:
    """{field of Certificate: minutes} of a release's outline.

    A kind that is none of the three named methods (a plugin's) counts with the method it is most
    like: role-play, the only one without a product of its own.
    """
    sums = dict.fromkeys(("lecture", "workshop", "discussion", "role_play", "neutral"), 0)
    for item in outline["items"]:
        sums["lecture"] += item["lecture"]
        sums["neutral"] += item["neutral"]
        method = item["kind"] if item["kind"] in ("workshop", "discussion") else "role_play"
        sums[method] += item["active"]
    return {f"{name}_minutes": value for name, value in sums.items()}


@transaction.atomic
def issue(enrolment: Enrolment) -> Certificate | None:
    """The certificate of a completed enrolment; issued once, however often this is called."""
    existing = Certificate.objects.filter(enrolment=enrolment).first()
    release = served_release(enrolment.run.course)
    if existing or release is None or enrolment.completed_at is None:
        return existing
    certificate = Certificate.objects.create(
        enrolment=enrolment,
        release=release,
        holder=enrolment.user.get_full_name() or enrolment.user.email,
        course_code=release.outline["code"],
        titles=release.outline["titles"],
        segments=segments(release.outline),
        completed_at=enrolment.completed_at,
        **minutes_by_method(release.outline),
    )
    notices.issued(certificate)
    errands.post(send_certificate, certificate.pk)
    return certificate


def revoke(certificate: Certificate, *, by, reason: str) -> None:
    """Take a certificate back. It stays known, and says that it was revoked and why."""
    if not reason.strip():
        raise ValueError("A certificate is revoked for a reason.")
    changed = Certificate.objects.filter(pk=certificate.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now(), revoked_by=by, revoke_reason=reason.strip()
    )
    certificate.refresh_from_db()
    if changed:
        notices.revoked(certificate)


def url_of(enrolment: Enrolment) -> str | None:
    """Where the certificate of an enrolment is, or None."""
    code = (
        Certificate.objects.filter(enrolment=enrolment, revoked_at__isnull=True)
        .values_list("code", flat=True)
        .first()
    )
    return reverse("certificate_verify", args=[code]) if code else None


def certificates_of(user) -> list[dict]:
    """Somebody's certificates for the dashboard, newest first."""
    return [
        {
            "title": certificate.course_title_th,
            "titles": certificate.titles,
            "issued_at": certificate.issued_at,
            "url": reverse("certificate_verify", args=[certificate.code]),
            "pdf_url": reverse("certificate_pdf", args=[certificate.code]),
            "lecture_minutes": certificate.lecture_minutes,
            "active_minutes": certificate.active_minutes,
            "total_minutes": certificate.total_minutes,
            "revoked": certificate.revoked_at is not None,
        }
        for certificate in Certificate.objects.filter(enrolment__user=user).defer("segments")[:20]
    ]
