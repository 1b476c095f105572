"""The arithmetic of grades, 0 to 100. Exact (`Fraction`) inside, five decimals half up outside.

The strategies give what Moodle's workshop gives for the same forms. Figures come in as whole
numbers, `Decimal` or `Fraction`, never as binary floats.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

HUNDRED = 100
# A reviewer who has reviewed everything earns so much of the grade; accuracy decides the rest.
FOR_COMPLETION = 60
MINUTES_PER_DAY = 1440


class OutOfScale(ValueError):
    """A grade outside its scale, or a negative weight."""

    code = "out_of_scale"


def rounded(value: Fraction | Decimal | int | None) -> Decimal | None:
    """Five decimals, half up (away from zero below it)."""
    if value is None:
        return None
    value = Fraction(value) * 10**5
    sign = -1 if value < 0 else 1
    whole = (2 * abs(value).numerator + value.denominator) // (2 * value.denominator)
    return Decimal(sign * whole).scaleb(-5)


# -- one review ---------------------------------------------------------------------------------


def of_maximum(grade, maximum) -> Fraction | None:
    """A number of points as a share of the most there are; None where there are none to get."""
    return Fraction(grade) / Fraction(maximum) if maximum > 0 else None


def of_scale(item: int, items: int) -> Fraction | None:
    """The place of an item (from 1) in a scale, 0 to 1. Raises `OutOfScale`."""
    if not 1 <= item <= items:
        raise OutOfScale(f"item {item} of {items}")
    return Fraction(item - 1, items - 1) if items > 1 else None


def weighted(shares: Sequence[tuple[Fraction | None, Fraction | int]]) -> Fraction | None:
    """100 × the weighted mean of (share, weight); those without share or weight are left out.

    Raises `OutOfScale` for a negative weight.
    """
    if any(weight < 0 for _share, weight in shares):
        raise OutOfScale("a weight below 0")
    counted = [(share, weight) for share, weight in shares if share is not None and weight > 0]
    total = sum(weight for _share, weight in counted)
    if not total:
        return None
    return HUNDRED * sum((share * weight for share, weight in counted), Fraction(0)) / total


def rubric(levels: Sequence[Sequence[int]], chosen: Sequence[int]) -> Fraction | None:
    """The chosen levels' points above the least possible, in per cent of the range."""
    least = sum(min(points) for points in levels)
    most = sum(max(points) for points in levels)
    if most == least:
        return None
    return Fraction(HUNDRED * (sum(chosen) - least), most - least)


def number_of_errors(
    weights: Sequence[int], passed: Sequence[bool], table: Mapping[int, int]
) -> Fraction:
    """The table's grade at the largest number of errors that was reached, else 100."""
    errors = sum(weight for weight, right in zip(weights, passed, strict=True) if not right)
    reached = [count for count in table if count <= errors]
    return Fraction(table[max(reached)] if reached else HUNDRED)


# -- all reviews of one piece of work -----------------------------------------------------------


def weighted_mean(grades: Sequence[tuple[int, Decimal | Fraction | None]]) -> Fraction | None:
    """The mean of (weight, grade); without weight or grade a review does not count."""
    counted = [
        (weight, Fraction(grade)) for weight, grade in grades if weight and grade is not None
    ]
    total = sum(weight for weight, _grade in counted)
    return (
        sum((weight * grade for weight, grade in counted), Fraction(0)) / total if total else None
    )


def median(values: Sequence[Fraction]) -> Fraction | None:
    """The middle value; of an even number the mean of the two in the middle."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return Fraction(ordered[middle])
    return Fraction(ordered[middle - 1] + ordered[middle]) / 2


def median_per_criterion(
    reviews: Sequence[Mapping[str, Fraction]], weights: Mapping[str, Fraction | int]
) -> Fraction | None:
    """First the median of each criterion's shares (0 to 1), then the weights of the criteria."""
    return weighted(
        [
            (median([review[key] for review in reviews if key in review]), weight)
            for key, weight in weights.items()
        ]
    )


# -- reviewers ----------------------------------------------------------------------------------


def calibration(scores: Sequence[tuple[int, int, int, int]]) -> Fraction | None:
    """How close (given, reference) points are, each with its (least, most); 100 is the same."""
    distances = [
        Fraction(abs(given - reference), most - least)
        for given, reference, least, most in scores
        if most > least
    ]
    if not distances:
        return None
    return HUNDRED - HUNDRED * sum(distances, Fraction(0)) / len(distances)


def mean_accuracy(grades: Sequence[Decimal | Fraction | None]) -> Fraction | None:
    """The plain mean; unknown ones are left out."""
    known = [Fraction(grade) for grade in grades if grade is not None]
    return sum(known, Fraction(0)) / len(known) if known else None


def reviewer_grade(done: int, required: int, accuracy=None) -> Fraction:
    """The grade for reviewing. `required` is what was asked and possible; 0 means nothing was."""
    completion = min(Fraction(1), Fraction(done, required)) if required else Fraction(1)
    if accuracy is None:
        return HUNDRED * completion
    return completion * (
        FOR_COMPLETION + Fraction(HUNDRED - FOR_COMPLETION, HUNDRED) * Fraction(accuracy)
    )


# -- the whole ----------------------------------------------------------------------------------


def late(grade, points_per_day, minutes: int, cap) -> Fraction:
    """A grade less the points for each day begun after the deadline, at most `cap` of them."""
    days = -(-max(0, minutes) // MINUTES_PER_DAY)
    return max(Fraction(0), Fraction(grade) - min(Fraction(cap), Fraction(points_per_day) * days))


def final(submission, reviewer, most_submission: int = 80, most_reviewer: int = 20):
    """The work's and the reviewer's grade together; unknown while the work's is unknown."""
    if submission is None:
        return None
    total = most_submission + most_reviewer
    if not total:
        return None
    return (Fraction(submission) * most_submission + Fraction(reviewer) * most_reviewer) / total
