"""Who learns together: the app that knows it stands above the activities and says so here."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID


class CohortMember(NamedTuple):
    """Somebody who learns in a cohort now, whether or not they have opened the item."""

    user: int
    seat: UUID


def _nobody(cohort: UUID) -> list[CohortMember]:
    return []


_members: Callable[[UUID], list[CohortMember]] = _nobody


def register(function: Callable[[UUID], list[CohortMember]]) -> None:
    """`function(cohort)` gives the people of a cohort who learn in it now, in one query."""
    global _members
    _members = function


def members(cohort: UUID) -> list[CohortMember]:
    """Everybody who learns in a cohort now; empty where nobody knows."""
    return _members(cohort)
