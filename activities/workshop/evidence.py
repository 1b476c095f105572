"""The most minutes that a workshop's requirements account for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from django.utils.translation import gettext as _

from activities.core.advice import general_advice, least_count, least_length, reasonable
from activities.core.minutes import (
    FILE_MINUTES,
    REVIEW_BASE_MINUTES,
    REVIEW_MINUTES_PER_CRITERION,
    SLACK,
    whole,
    writing,
)

from .content import Workshop

LONGEST_FIELD = 5000
MOST_REVIEWS = 5


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


def ceiling_of(content: Workshop) -> int:
    return ceiling(
        [field.min_chars for field in content.text_fields if field.required],
        files=sum(1 for field in content.file_fields if field.required),
        session_minutes=content.session_minutes,
        reviews=content.reviews_per_learner,
        criteria=len(content.criteria),
        min_chars_comment=content.min_chars_comment,
        examples=len(content.examples),
        self_assessment=content.self_assessment,
    )


def advice(content: Workshop, declared: int) -> str:
    """Which setting, and at which value, makes a workshop account for `declared` minutes."""
    now = ceiling_of(content)
    required = [field for field in content.text_fields if field.required]
    if not now or not required:
        return general_advice(now)
    longest = max(required, key=lambda field: field.min_chars)

    def with_longest(chars: int) -> int:
        longer = replace(longest, min_chars=chars)
        fields = tuple(longer if field is longest else field for field in content.fields)
        return ceiling_of(replace(content, fields=fields))

    def with_reviews(count: int) -> int:
        return ceiling_of(replace(content, reviews_per_learner=count))

    near = min(LONGEST_FIELD, reasonable(longest.min_chars))
    chars = least_length(longest.min_chars, near, with_longest, declared)
    reviews = None
    if chars is None and content.criteria:
        reviews = least_count(content.reviews_per_learner, MOST_REVIEWS, with_reviews, declared)
    if chars is None and reviews is None:
        chars = least_length(longest.min_chars, LONGEST_FIELD, with_longest, declared)
    if chars is not None:
        return _(
            "Raise the least characters of “%(field)s” to %(chars)s, or declare %(ceiling)s minutes."
        ) % {"field": longest.label, "chars": chars, "ceiling": now}
    if reviews is not None:
        return _("Ask for %(reviews)s reviews by each learner, or declare %(ceiling)s minutes.") % {
            "reviews": reviews,
            "ceiling": now,
        }
    return general_advice(now)
