"""What the assumptions about time come to, beside what learners took.

Medians only, and only where enough people were measured not to name one of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from django.core.cache import cache
from django.db.models import QuerySet

from activities.core import registry
from activities.core.enums import Category
from courses.enrolment.time_audit import times_taken
from courses.releases.delivery import in_language
from courses.releases.models import CourseState, ReleaseItem

LEAST_PEOPLE = 5
# Medians over all activities read a long table: once an hour is enough.
COUNT_EVERY_SECONDS = 3600
AT_ONCE = 200


@dataclass
class Row:
    """An activity on offer. `median` is in whole minutes; None when too few were measured."""

    item: UUID
    kind: str
    title: str
    course: str
    code: str
    declared: int
    credited: int
    people: int = 0
    median: int | None = None

    @property
    def percent(self) -> int | None:
        return None if self.median is None else round(100 * self.median / self.declared)


@dataclass
class KindRow:
    """All activities of a kind: how many, how many were measured, and the median of their shares of
    the declared minutes, in per cent."""

    label: str
    items: int
    measured: int
    percent: int | None


def activities() -> QuerySet[ReleaseItem]:
    """What counts as doing in the courses on offer, course by course."""
    on_offer = CourseState.objects.filter(current__isnull=False)
    return (
        ReleaseItem.objects.filter(
            release__in=on_offer.values("current"),
            version__category=Category.ACTIVE,
            version__required=True,
            version__declared__gt=0,
        )
        .select_related("version")
        .defer("version__texts")
        .order_by("release", "position")
    )


def medians(items: Iterable[UUID]) -> dict[str, tuple[int, int | None]]:
    """{item: (people measured, median minutes or None)}"""
    return {
        key: (len(taken), int(median(taken)) // 60 if len(taken) >= LEAST_PEOPLE else None)
        for key, taken in times_taken([str(item) for item in items], {}).items()
    }


def rows(found: Iterable[ReleaseItem]) -> list[Row]:
    found = list(found)
    states = {
        state.current_id: state
        for state in CourseState.objects.filter(current__in={item.release_id for item in found})
        .select_related("current")
        .defer("current__texts")
    }
    taken = medians(item.version.item for item in found)
    made = []
    for item in found:
        outline = states[item.release_id].current.outline
        entry = next(e for e in outline["items"] if e["key"] == str(item.version.item))
        people, middle = taken.get(str(item.version.item), (0, None))
        made.append(
            Row(
                item=item.version.item,
                kind=item.version.kind,
                title=in_language(entry["titles"]),
                course=in_language(outline["titles"]),
                code=outline["code"],
                declared=item.version.declared,
                credited=item.version.minutes,
                people=people,
                median=middle,
            )
        )
    return made


def kinds() -> list[KindRow]:
    """One row for each kind, at most an hour old."""
    counted = cache.get_or_set("times-of-kinds", count_kinds, COUNT_EVERY_SECONDS)
    made = []
    for name, (items, shares) in sorted(counted.items()):
        kind = registry.find(name)
        label = str(kind.label) if kind else name
        made.append(KindRow(label, items, len(shares), round(median(shares)) if shares else None))
    return made


def count_kinds() -> dict[str, tuple[int, list[int]]]:
    """{kind: (activities on offer, [per cent of the declared minutes that each took])}"""
    listed = (
        activities().order_by().values_list("version__kind", "version__item", "version__declared")
    )
    everything = list(listed)
    counted: dict[str, tuple[int, list[int]]] = {}
    for begin in range(0, len(everything), AT_ONCE):
        some = everything[begin : begin + AT_ONCE]
        taken = medians(item for _kind, item, _declared in some)
        for kind, item, declared in some:
            n, shares = counted.get(kind, (0, []))
            _people, middle = taken.get(str(item), (0, None))
            if middle is not None:
                shares.append(round(100 * middle / declared))
            counted[kind] = (n + 1, shares)
    return counted
