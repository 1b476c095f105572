from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_noop

from activities.core.mailing import send
from courses.releases.delivery import in_language

SUBJECT = gettext_noop("Your certificate: %(course_title)s")


@shared_task
def send_certificate(certificate_id: int) -> None:
    """Tell somebody that the certificate is there."""
    from .models import Certificate

    certificate = (
        Certificate.objects.select_related("enrolment__user").filter(pk=certificate_id).first()
    )
    if certificate is None:
        return
    user = certificate.enrolment.user
    with translation.override(user.preferred_language):
        path = reverse("certificate_verify", args=[certificate.code])
    send(
        user,
        SUBJECT,
        "certificate",
        {
            "course_title": in_language(certificate.titles, user.preferred_language),
            "url": settings.SITE_URL + path,
            "number": certificate.number,
            "total_minutes": certificate.total_minutes,
            "active_minutes": certificate.active_minutes,
        },
    )
