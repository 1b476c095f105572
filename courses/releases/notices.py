"""What authors and reviewers are told when the clock meets the rule."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activities.core.notices import Notice, notify, register

# The group that reviews courses; `courses.enrolment.rules` gives it its other rights.
REVIEWERS = "Course managers"

SCHEDULE_REFUSED = Notice(
    "schedule_refused",
    _("A page of mine could not go live as scheduled"),
    _(
        "“%(page)s” did not go live as scheduled: its course would break the rule. It stays scheduled; change it, then it goes live."
    ),
    urgent=True,
    subject="teaching",
)
SCHEDULE_FAILED = Notice(
    "schedule_failed",
    _("Something scheduled went wrong"),
    _("What was scheduled for “%(page)s” could not be done. Please open the page and look at it."),
    urgent=True,
    subject="teaching",
)
SCHEDULE_KIND_GONE = Notice(
    "schedule_kind_gone",
    _("A page cannot expire because its kind is not installed"),
    _(
        "“%(page)s” could not expire as scheduled: its activity kind is not installed. It expires by itself once the kind is installed again."
    ),
    subject="teaching",
)
WITHDRAWN = Notice(
    "course_withdrawn",
    _("A course of mine went off offer"),
    _(
        "“%(course)s” is no longer on offer: something that it needs was taken back. Nobody can enrol; "
        "those who are enrolled go on with the last release."
    ),
    urgent=True,
    subject="teaching",
)
HELD = Notice(
    "course_held",
    _("Changes of a course are held back"),
    _("A change of “%(course)s” is held back; learners keep the release that they have."),
    subject="teaching",
)
MEASURED = Notice(
    "measured_short",
    _("An activity of mine takes learners far less than it declares"),
    _(
        "“%(item)s” declares %(declared)s minutes, but half of those who completed it took %(median)s "
        "or less. From the next release on it counts %(minutes)s minutes. Ask more of learners, or "
        "declare less."
    ),
    subject="teaching",
)

register(SCHEDULE_REFUSED, SCHEDULE_FAILED, SCHEDULE_KIND_GONE, WITHDRAWN, HELD, MEASURED)


def reviewers() -> set[int]:
    """Who reviews courses: the course managers of the site."""
    people = get_user_model().objects.filter(groups__name=REVIEWERS, is_active=True)
    return set(people.values_list("pk", flat=True))


def about_page(notice: Notice, page, key: str, people: Iterable[int | None]) -> None:
    wanted = {pk for pk in people if pk is not None} | reviewers()
    notify(
        wanted,
        notice.name,
        key=key,
        params={"page": page.title},
        url=reverse("wagtailadmin_pages:edit", args=[page.pk]),
    )


def about_course(notice: Notice, page, key: str) -> None:
    wanted = {pk for pk in (page.owner_id, last_author(page)) if pk is not None} | reviewers()
    notify(
        wanted,
        notice.name,
        key=key,
        params={"course": page.title},
        url=reverse("wagtailadmin_pages:edit", args=[page.pk]),
    )


def about_measured(page, cap) -> None:
    """Tell the authors of an activity and the course managers what its learners took."""
    wanted = {pk for pk in (page.owner_id, last_author(page)) if pk is not None} | reviewers()
    notify(
        wanted,
        MEASURED.name,
        key=f"measured-{cap.item}-{cap.since:%Y%m%d%H%M%S}",
        params={
            "item": page.title,
            "declared": cap.declared,
            "median": cap.median_minutes,
            "minutes": cap.minutes,
        },
        url=reverse("wagtailadmin_pages:edit", args=[page.pk]),
    )


def last_author(page) -> int | None:
    revision = page.latest_revision
    return revision.user_id if revision else None
