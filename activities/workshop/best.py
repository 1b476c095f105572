"""How close each review is to the best one: Moodle's evaluation “comparison with the best”.

The best review is the one nearest to the weighted mean of all; the others lose by the cube of
their distance to it, measured in the variance of each criterion (`mod/workshop/eval/best/lib.php`).
Moodle rounds on the way (shares and means to 5 decimals, distances to 4), and so does this.

With two reviews both are equally near to their mean, and only the rounding decides whose accuracy
is 0: so below three reviews nothing is said here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

LEAST_LIVE_REVIEWS = 3
LEAST_VARIANCE = Decimal("0.01")
FIVE = Decimal("0.00001")
FOUR = Decimal("0.0001")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Dimension:
    """A criterion: its least and most points and its weight."""

    least: Decimal
    most: Decimal
    weight: Decimal


@dataclass(frozen=True)
class Assessment:
    """A review: its weight, and points by criterion."""

    id: int
    weight: int
    grades: Mapping


def accuracies(
    dimensions: Mapping[object, Dimension], assessments: Sequence[Assessment], comparison: int = 5
) -> dict[int, Decimal | None]:
    """Accuracy by review, 0 to 100, None where it cannot be told.

    `comparison` is 1 (very strict) to 9 (very lax). Of fewer than three reviews that have a weight
    nobody's accuracy is told.
    """
    if sum(1 for assessment in assessments if assessment.weight) < LEAST_LIVE_REVIEWS:
        return {assessment.id: None for assessment in assessments}
    return as_moodle(dimensions, assessments, comparison)


def as_moodle(dimensions, assessments, comparison: int = 5) -> dict[int, Decimal | None]:
    """The same without the least number of reviews."""
    total = sum(assessment.weight for assessment in assessments)
    if not total:
        return {assessment.id: None for assessment in assessments}
    shares = {a.id: {d: share(a.grades[d], dimensions[d]) for d in dimensions} for a in assessments}
    average, scale = {}, {}
    for d in dimensions:
        pairs = [(a.weight, shares[a.id][d]) for a in assessments if a.weight]
        mean = sum(weight * value for weight, value in pairs) / total
        average[d] = mean.quantize(FIVE, ROUND_HALF_UP)
        scale[d] = comparison * variance(pairs, mean, total)
    weights = {d: dimensions[d].weight for d in dimensions}
    to_average = {a.id: distance(shares[a.id], average, scale, weights) for a in assessments}
    known = [value for value in to_average.values() if value is not None]
    if not known:
        return {assessment.id: None for assessment in assessments}
    nearest = min(known)
    best = {tuple(shares[id].items()) for id, value in to_average.items() if value == nearest}
    found = {}
    for id, values in shares.items():
        off = min(distance(values, dict(one), scale, weights) for one in best)
        found[id] = min(HUNDRED, max(Decimal(0), HUNDRED - off))
    return found


def share(grade, dimension: Dimension) -> Decimal:
    """Points as per cent of the range."""
    if dimension.most == dimension.least:
        return Decimal(dimension.most)
    value = HUNDRED * (Decimal(grade) - dimension.least) / (dimension.most - dimension.least)
    return value.quantize(FIVE, ROUND_HALF_UP)


def variance(pairs: Sequence[tuple[int, Decimal]], mean: Decimal, total: int) -> Decimal:
    """The weighted variance of (weight, value), never so small that a hair's breadth counts."""
    if len(pairs) < 2:
        return LEAST_VARIANCE
    return max(LEAST_VARIANCE, sum(weight * (value - mean) ** 2 for weight, value in pairs) / total)


def distance(one: Mapping, other: Mapping, scale: Mapping, weights: Mapping) -> Decimal | None:
    """How far two reviews are apart; None when no criterion has a weight."""
    total = sum(weights.values())
    if not total:
        return None
    off = sum(
        (
            weights[d] * abs(one[d] - other[d]) ** 3 / scale[d]
            for d in weights
            if one[d] != other[d]
        ),
        Decimal(0),
    )
    return (off / total).quantize(FOUR, ROUND_HALF_UP)
