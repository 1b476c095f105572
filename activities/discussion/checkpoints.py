"""The score: points for the answer, for each reply, for the conclusion."""

from collections.abc import Collection
from decimal import Decimal

FULL = Decimal(1)


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
