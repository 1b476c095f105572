"""The most minutes that a workshop's requirements account for."""

from collections.abc import Sequence
from typing import NamedTuple

from activities.core.minutes import (
    FILE_MINUTES,
    REVIEW_BASE_MINUTES,
    REVIEW_MINUTES_PER_CRITERION,
    SLACK,
    whole,
    writing,
)


def ceiling(
    field_chars: Sequence[int],
    *,
    files: int = 0,
    session_minutes: int = 0,
    reviews: int = 0,
    criteria: int = 0,
    min_chars_comment: int = 0,
    examples: int = 0,
    self_assessment: bool = False,
) -> int:
    """Whole minutes, rounded down; 0 without a product and without a session.

    `field_chars` are the least characters of each required field; `session_minutes` those that are
    spent doing (exercise, share, debrief), never those that are explained.
    """
    if not field_chars and not files and not session_minutes:
        return 0
    one_review = REVIEW_BASE_MINUTES + REVIEW_MINUTES_PER_CRITERION * criteria
    minutes = session_minutes + SLACK * writing(sum(field_chars)) + FILE_MINUTES * files
    minutes += reviews * (one_review + writing(min_chars_comment))
    minutes += examples * one_review
    if self_assessment:
        minutes += REVIEW_MINUTES_PER_CRITERION * criteria
    return whole(minutes)


class Split(NamedTuple):
    """How a workshop with explained parts counts."""

    lecture: int
    active: int
    over_ceiling: bool


def split(declared: int, explained: int, ceiling: int) -> Split:
    """What is explained is a lecture, wherever it is held; the rest is doing, up to the ceiling."""
    doing = max(0, declared - explained)
    return Split(min(declared, explained), min(doing, ceiling), doing > ceiling)
