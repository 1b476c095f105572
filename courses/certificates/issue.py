"""Issuing certificates, issuing them again, and revoking them."""

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core import errands, holding
from activities.core.decisions import reason_of
from activities.core.errors import Refused
from courses.enrolment.models import Enrolment
from courses.enrolment.progress import segments
from courses.grades.models import Grade
from courses.releases.delivery import in_language, served_release

from . import notices
from .models import Certificate
from .tasks import send_certificate

VALID = Q(revoked_at__isnull=True, superseded_at__isnull=True)
LONGEST_HOLDER = 310


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
    existing = newest(enrolment)
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
        grade=Grade.objects.filter(enrolment=enrolment).values_list("value", flat=True).first(),
        **minutes_by_method(release.outline),
    )
    notices.issued(certificate)
    errands.post(send_certificate, certificate.pk)
    return certificate


def newest(enrolment: Enrolment) -> Certificate | None:
    return Certificate.objects.filter(enrolment=enrolment).order_by("-version").first()


@holding.once_more
@transaction.atomic
def reissue(certificate: Certificate, *, holder: str, by, reason: str) -> Certificate:
    """A new certificate of the same enrolment in the place of this one, under the name given. What it
    says of the course is what the first one said; the grade is today's. Also after a revocation.

    Raises `Refused`: no reason, no name, or it is not the newest any more (two people at once).
    """
    reason = reason_of(reason)
    holder = " ".join(holder.split())
    if not holder or len(holder) > LONGEST_HOLDER:
        message = _("Write the name as it should stand on the certificate, up to 310 characters.")
        raise Refused(message, code="no_holder", fields={"holder": message})
    holding.hold_person(certificate.enrolment.user_id)
    # The enrolment is the lock: no two people can make the next version.
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("run", "user")
        .get(pk=certificate.enrolment_id)
    )
    old = newest(enrolment)
    if old.pk != certificate.pk:
        raise Refused(
            _("This certificate was replaced already. Look at the newest one."),
            code="superseded",
            status=409,
        )
    now = timezone.now()
    Certificate.objects.filter(pk=old.pk).update(superseded_at=now)
    made = Certificate.objects.create(
        enrolment=enrolment,
        version=old.version + 1,
        supersedes=old,
        issued_by=by,
        issue_reason=reason,
        issued_at=now,
        holder=holder,
        release=old.release,
        course_code=old.course_code,
        titles=old.titles,
        segments=old.segments,
        completed_at=old.completed_at,
        grade=Grade.objects.filter(enrolment=enrolment).values_list("value", flat=True).first(),
        **{
            f"{name}_minutes": getattr(old, f"{name}_minutes")
            for name in ("lecture", "workshop", "discussion", "role_play", "neutral")
        },
    )
    notices.reissued(made)
    certificate.refresh_from_db()
    return made


@holding.once_more
@transaction.atomic
def revoke(certificate: Certificate, *, by, reason: str) -> None:
    """Take a certificate back. It stays known, and says that it was revoked and why: also that of
    somebody who has erased the account, since it still verifies."""
    if not reason.strip():
        raise ValueError("A certificate is revoked for a reason.")
    holding.hold([certificate.enrolment.user_id])
    changed = Certificate.objects.filter(VALID, pk=certificate.pk).update(
        revoked_at=timezone.now(), revoked_by=by, revoke_reason=reason.strip()
    )
    certificate.refresh_from_db()
    if changed:
        notices.revoked(certificate)


def url_of(enrolment: Enrolment) -> str | None:
    """Where the certificate of an enrolment is, or None."""
    code = Certificate.objects.filter(VALID, enrolment=enrolment).values_list("code", flat=True)
    code = code.first()
    return reverse("certificate_verify", args=[code]) if code else None


def certificates_of(user) -> list[dict]:
    """Somebody's certificates for the dashboard, newest first; replaced ones are left out."""
    return [
        {
            "enrolment": certificate.enrolment_id,
            "title": in_language(certificate.titles),
            "issued_at": certificate.issued_at,
            "url": reverse("certificate_verify", args=[certificate.code]),
            "pdf_url": reverse("certificate_pdf", args=[certificate.code]),
            "lecture_minutes": certificate.lecture_minutes,
            "workshop_minutes": certificate.workshop_minutes,
            "discussion_minutes": certificate.discussion_minutes,
            "role_play_minutes": certificate.role_play_minutes,
            "neutral_minutes": certificate.neutral_minutes,
            "active_minutes": certificate.active_minutes,
            "total_minutes": certificate.total_minutes,
            "revoked": certificate.revoked_at is not None,
        }
        for certificate in Certificate.objects.filter(
            enrolment__user=user, superseded_at__isnull=True
        ).defer("segments")[:20]
    ]
