"""The only door to course content for learners, embeds, search and the API.

What is on offer now is for everybody; what is served is for those who are enrolled, who go on with
the last release when a course has been withdrawn.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, F, Max, QuerySet
from django.utils.translation import get_language

from activities.core.models import ItemVersion

from .models import CourseRelease, CourseState, ReleaseItem

# Courses that had the same address one after the other.
MOST = 10


def offered() -> QuerySet[CourseState]:
    """The states of the courses on offer, with their releases."""
    return CourseState.objects.filter(current__isnull=False).select_related("current")


def state_by_slug(slug: str) -> CourseState | None:
    return offered().filter(slug=slug).first()


def state_of(course: UUID) -> CourseState | None:
    return offered().filter(course=course).first()


def current_release(course: UUID) -> CourseRelease | None:
    state = state_of(course)
    return state.current if state else None


def served() -> QuerySet[CourseState]:
    """The states of the courses that people who are enrolled can learn in, with their releases."""
    return CourseState.objects.filter(served__isnull=False).select_related("served")


class Served:
    """What is served of several courses, each asked for once: for pages that need it twice."""

    def __init__(self):
        self.known: dict[UUID, CourseState | None] = {}

    def of(self, courses: Iterable[UUID]) -> dict[UUID, CourseState]:
        """{course: state}, without courses that nobody can learn in."""
        wanted = set(courses)
        if missing := wanted - set(self.known):
            self.known |= dict.fromkeys(missing)
            self.known |= {s.course: s for s in served().filter(course__in=missing)}
        return {course: self.known[course] for course in wanted if self.known[course]}


def served_state(course: UUID) -> CourseState | None:
    return served().filter(course=course).first()


def served_by_slug(slug: str) -> list[CourseState]:
    """The courses that an address may mean: the one on offer first, then withdrawn ones, newest
    first. A withdrawn course is there for nobody who is not enrolled in it."""
    return list(
        served().filter(slug=slug).order_by(F("current").desc(nulls_last=True), "-served")[:MOST]
    )


def served_release(course: UUID) -> CourseRelease | None:
    """The release that an enrolled person is served: the one on offer, else the last one."""
    state = served_state(course)
    return state.served if state else None


def current_version(release: CourseRelease, item: UUID | str) -> ItemVersion | None:
    """The version of an item in a release, or None."""
    entry = (
        ReleaseItem.objects.filter(release=release, version__item=item)
        .select_related("version")
        .first()
    )
    return entry.version if entry else None


def catalogue_stamp() -> tuple:
    """Changes whenever the set of offered courses changes: a key for what is kept in memory."""
    row = CourseState.objects.filter(current__isnull=False).aggregate(
        count=Count("pk"), newest=Max("current_id"), settled=Max("settled_at")
    )
    return row["count"], row["newest"], row["settled"]


def in_language(texts: dict, language: str | None = None):
    """The entry of {language: value} for the wanted (or current) language, else the first."""
    language = (language or get_language() or "th")[:2]
    if language in texts:
        return texts[language]
    return texts.get("th") or next(iter(texts.values()))
