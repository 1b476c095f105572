"""The score: points for the answer, for each reply, for the conclusion; or by criteria, by hand."""

from collections.abc import Collection
from decimal import Decimal

from activities.core.record import rounded

from .enums import Grading

FULL = Decimal(1)
HUNDRED = Decimal(100)


def counted_replies(authors: Collection, required: int, distinct: int) -> int:
    """How many replies count, given whom each one was written to.

    At least `distinct` different people must be among the `required`: the second reply to the same
    person does not stand in for one to somebody else.
    """
    missing = max(0, min(distinct, required) - len(set(authors)))
    return max(0, min(len(authors), required - missing))


def score(
    points: tuple[int, int, int],
    *,
    initial: Decimal,
    replies: int,
    required: int,
    synthesis: bool,
    synthesis_asked: bool = True,
    late_initial: Decimal = FULL,
    late_replies: Decimal = FULL,
) -> Decimal:
    """Points out of 100 with partial credit.

    `points` for the answer, the replies, the conclusion. `initial` is the share of the prompts that
    were answered, 0 to 1. Points for what is not asked go to the answer. The late factors (0 to 1)
    weigh what came after its date.
    """
    for_initial, for_replies, for_synthesis = (Decimal(p) for p in points)
    if not required:
        for_initial, for_replies = for_initial + for_replies, Decimal(0)
    if not synthesis_asked:
        for_initial, for_synthesis = for_initial + for_synthesis, Decimal(0)
    total = for_initial * late_initial * initial
    if required:
        total += for_replies * late_replies * min(replies, required) / required
    if synthesis:
        total += for_synthesis
    return total


def late_factor(on_time: int, late: int, percent: int) -> Decimal:
    """What so many contributions are worth together when a late one is worth `percent`, 0 to 1."""
    if not on_time + late:
        return FULL
    return (on_time + late * Decimal(percent) / 100) / (on_time + late)


def rubric_score(rubric, levels: dict) -> Decimal | None:
    """The sum of weight × level / highest level, as a share of all weights, 0 to 100; None while a
    criterion with a weight is not judged."""
    total = sum(criterion.weight for criterion in rubric)
    if not total:
        return None
    score = Decimal(0)
    for criterion in rubric:
        if not criterion.weight:
            continue
        if criterion.key not in levels:
            return None
        most = max(level.points for level in criterion.levels)
        if most:
            score += Decimal(criterion.weight) * levels[criterion.key] / most
    return rounded(score * HUNDRED / total)


def combined(rules, points: Decimal, complete: bool, by_hand: Decimal | None) -> Decimal | None:
    """The score of an item, by what its author chose; None while nobody can know it."""
    if rules.grading == Grading.COMPLETION:
        return HUNDRED if complete else None
    if rules.grading == Grading.CHECKPOINTS:
        return points
    if by_hand is None:
        return None
    if rules.grading == Grading.RUBRIC:
        return by_hand
    share = Decimal(rules.rubric_percent) / 100
    return points * (1 - share) + by_hand * share
