"""Whether lessons are of use: one opinion per person and version of a lesson, told without names."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from activities.core.models import ItemVersion
from courses.enrolment.models import Enrolment

from .models import LessonFeedback

# Shares of fewer people would tell who said what.
LEAST_PEOPLE = 5
COMMENTS_PER_PAGE = 20


def give(enrolment: Enrolment, version: ItemVersion, *, useful: bool, why: str) -> LessonFeedback:
    """Say what one thinks of a lesson, or change it."""
    row, _created = LessonFeedback.objects.update_or_create(
        user=enrolment.user,
        version=version,
        defaults={
            "course": enrolment.run.course,
            "item": version.item,
            "useful": useful,
            "why": why.strip(),
            "at": timezone.now(),
        },
    )
    return row


def given(user, version: ItemVersion) -> LessonFeedback | None:
    return LessonFeedback.objects.filter(user=user, version=version).first()


@dataclass(frozen=True)
class Told:
    """What was said about a lesson. `useful` is unknown (None) while too few have said anything."""

    item: UUID
    people: int
    useful: int | None = None
    percent: int | None = None
    comments: int = 0
    titles: dict = field(default_factory=dict)

    @property
    def not_useful(self) -> int | None:
        return None if self.useful is None else self.people - self.useful


def summary(course: UUID, titles: dict[str, dict] | None = None) -> list[Told]:
    """What was said about each lesson of a course, the least useful first. One query.

    All versions of a lesson together; a person who spoke about two of them counts once for each.
    `titles` are {item key: {language: title}} of the outline.
    """
    rows = (
        LessonFeedback.objects.filter(course=course)
        .values("item")
        .annotate(
            people=Count("pk"),
            good=Count("pk", filter=Q(useful=True)),
            comments=Count("pk", filter=~Q(why="")),
        )
        .order_by("item")
    )
    found = []
    for row in rows:
        enough = row["people"] >= LEAST_PEOPLE
        found.append(
            Told(
                item=row["item"],
                people=row["people"],
                useful=row["good"] if enough else None,
                percent=row["good"] * 100 // row["people"] if enough else None,
                comments=row["comments"],
                titles=(titles or {}).get(str(row["item"]), {}),
            )
        )
    return sorted(found, key=lambda told: (told.percent is None, told.percent or 0, -told.people))


def comments(course: UUID, item: UUID | None = None):
    """What was written, in an order that does not tell when: a query to page."""
    rows = LessonFeedback.objects.filter(course=course).exclude(why="")
    if item is not None:
        rows = rows.filter(item=item)
    return rows.order_by("why", "pk").values_list("item", "why")
