"""Courses that have to be completed before another one."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities.core.errors import Refused
from courses.releases.delivery import in_language, offered

from .models import Enrolment


def missing(user, outline: dict, language: str | None = None) -> list[dict]:
    """The courses that somebody has yet to complete: [{title, slug}]; slug is "" when not on offer.

    No query for a course that requires none.
    """
    wanted = outline.get("prerequisites", [])
    if not wanted:
        return []
    language = (language or get_language() or "th")[:2]
    done = set()
    if user.is_authenticated:
        done = {
            str(course)
            for course in Enrolment.objects.filter(
                user=user,
                completed_at__isnull=False,
                run__course__in=[row["course"] for row in wanted],
            ).values_list("run__course", flat=True)
        }
    left = [row for row in wanted if row["course"] not in done]
    if not left:
        return []
    states = {
        str(state.course): state
        for state in offered().filter(course__in=[row["course"] for row in left])
    }
    return [
        {
            "title": in_language(
                states[row["course"]].current.outline["titles"]
                if row["course"] in states
                else row["titles"],
                language,
            ),
            "slug": states[row["course"]].slug if row["course"] in states else "",
        }
        for row in left
    ]


def check(user, outline: dict) -> None:
    """Raises `Refused` 409 that names what has to be completed first."""
    left = missing(user, outline)
    if left:
        raise Refused(
            _("Complete first: %(courses)s. Then come back and enrol here.")
            % {"courses": ", ".join(f"“{row['title']}”" for row in left)},
            code="prerequisites",
            status=409,
        )
