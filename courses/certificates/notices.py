"""What people are told about certificates."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activities.core.notices import Notice, notify, register

from .models import Certificate

ISSUED = Notice(
    "certificate",
    _("My certificates"),
    _("Your certificate for “%(course)s” is ready."),
    subject="grades",
)
REVOKED = Notice(
    "certificate_revoked",
    _("A certificate of mine was revoked"),
    _("Your certificate for “%(course)s” was revoked. You will find the reason there."),
    urgent=True,
    subject="grades",
)

REISSUED = Notice(
    "certificate_reissued",
    _("A certificate of mine was issued again"),
    _(
        "Your certificate for “%(course)s” was issued again. The new one takes the place of the old."
    ),
    subject="grades",
)

register(ISSUED, REVOKED, REISSUED)


def issued(certificate: Certificate) -> None:
    """In the site only: the certificate has a message of its own."""
    tell(certificate, ISSUED, mailed=True)


def revoked(certificate: Certificate) -> None:
    tell(certificate, REVOKED)


def reissued(certificate: Certificate) -> None:
    tell(certificate, REISSUED)


def tell(certificate: Certificate, notice: Notice, *, mailed: bool = False) -> None:
    notify(
        certificate.enrolment.user_id,
        notice.name,
        key=f"{notice.name}-{certificate.code}",
        params={"course": certificate.titles},
        url=reverse("certificate_verify", args=[certificate.code]),
        mailed=mailed,
    )
