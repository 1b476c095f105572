from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_noop

from activities.core.mailing import send
from courses.releases.delivery import in_language, served_release

from . import time_audit
from .models import Enrolment

WELCOME_SUBJECT = gettext_noop("You are enrolled: %(course_title)s")


@shared_task
def audit_measured() -> None:
    """Nightly: whether activities take learners the minutes that they declare."""
    time_audit.audit()


@shared_task
def send_welcome(enrolment_id: int) -> None:
    """Tell somebody that they are enrolled, with a link to the first step."""
    enrolment = Enrolment.objects.select_related("user", "run").filter(pk=enrolment_id).first()
    if enrolment is None:
        return
    release = served_release(enrolment.run.course)
    if release is None:
        return
    language = enrolment.user.preferred_language
    with translation.override(language):
        url = settings.SITE_URL + reverse("course_resume", args=[release.outline["slug"]])
    send(
        enrolment.user,
        WELCOME_SUBJECT,
        "welcome",
        {
            "course_title": in_language(release.outline["titles"], language),
            "course_code": release.outline["code"],
            "url": url,
            "total_minutes": release.mix.total,
            "active_minutes": release.mix.active,
        },
    )


@shared_task
def send_invitation(enrolment_id: int) -> None:
    """Tell somebody who has just got an account what it is for."""
    from .invite import send_invitation as tell

    tell(enrolment_id)


@shared_task
def remind() -> None:
    """Tell people that their run begins, or that access to it ends soon."""
    from .reminders import remind as tell

    tell()


@shared_task
def work_on_import(import_id: str) -> None:
    """Check, enrol or undo a list of people, from where it stands."""
    from .imports import work

    work(import_id)
