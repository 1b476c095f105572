"""What people are told about grades."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activities.core.notices import Notice, notify, register

GRADED = Notice(
    "graded",
    _("My grades"),
    _("Your grade for “%(course)s” is there."),
    subject="grades",
)
CHANGED = Notice(
    "grade_changed",
    _("A grade of mine has changed"),
    _("Your grade for “%(course)s” has changed. You will find the reason there."),
    subject="grades",
)
register(GRADED, CHANGED)


def graded(enrolment, grade, outline: dict, *, first: bool) -> None:
    notice = GRADED if first else CHANGED
    notify(
        enrolment.user_id,
        notice.name,
        key=f"{notice.name}-{enrolment.pk}-{grade.value}-{grade.updated_at:%y%m%d%H%M%S}",
        params={"course": outline["titles"]},
        url=reverse("my_grades", args=[outline["slug"]]),
    )
