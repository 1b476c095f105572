"""What waits for an instructor: each kind counts its own, the desk shows it with links."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from .enums import State
from .models import Participation


@dataclass(frozen=True)
class Need:
    """`count` things wait for an instructor at `step` of an item's desk. `text` names them in the
    plural and in the current language ("Posts to check"); what is about one person says no name."""

    cohort: UUID
    item: UUID
    text: str
    count: int
    step: str = ""


class Cohorts(list):
    """The keys of cohorts that are known: as good as a query of keys, and quicker when they are few."""


def stuck(kind: str, cohorts, text: str, step: str = "") -> list[Need]:
    """Learners who can go no further in a kind's items without somebody. One query for all kinds that
    are asked about the same `cohorts`."""
    if not hasattr(cohorts, "_stuck"):
        cohorts._stuck = list(
            Participation.objects.filter(cohort__in=cohorts, state=State.NEEDS_ATTENTION)
            .order_by()
            .values_list("version__kind", "cohort", "item")
            .annotate(n=Count("pk"))
        )
    return [
        Need(cohort, item, text, n, step)
        for of_kind, cohort, item, n in cohorts._stuck
        if of_kind == kind
    ]


def counted(rows, columns: list[tuple[int, str, str]]) -> list[Need]:
    """Needs from rows of (cohort, item, number, number, …): `columns` is [(place, text, step)]."""
    return [
        Need(row[0], row[1], text, row[place], step)
        for row in rows
        for place, text, step in columns
        if row[place]
    ]
