"""A scenario tried out before anybody plays it: all its paths, the odds of its endings, a walk."""

import random
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from .graph import MOST_PATHS, Path, explore, paths, score_of, totals_after
from .scenario import Choice, Node, Scenario


@dataclass(frozen=True)
class Odds:
    """How likely an ending is if every offered choice is equally likely, and on how many paths."""

    ending: str
    paths: int
    chance: Fraction


@dataclass(frozen=True)
class Step:
    """A scene of a walk: what was offered, what was taken, the points after it per dimension."""

    node: Node
    offered: tuple[Choice, ...]
    taken: Choice
    totals: dict[str, int]


@dataclass(frozen=True)
class Walk:
    steps: tuple[Step, ...]
    ending: str
    total: int
    score: Fraction | None


def odds(scenario: Scenario) -> list[Odds]:
    """One line an ending in document order, exact; those never reached have 0 and 0.

    Raises `Unplayable`.
    """
    exploration = explore(scenario)
    first = next(iter(exploration.moves[scenario.start]))
    chance: dict[tuple, Fraction] = defaultdict(Fraction, {(scenario.start, first): Fraction(1)})
    ways: dict[tuple, int] = defaultdict(int, {(scenario.start, first): 1})
    at_end, ends = defaultdict(Fraction), defaultdict(int)
    for node_id in exploration.order:
        for state, moves in exploration.moves[node_id].items():
            for choice, after in moves:
                share, count = chance[node_id, state] / len(moves), ways[node_id, state]
                if choice.to in scenario.by_id:
                    chance[choice.to, after] += share
                    ways[choice.to, after] += count
                else:
                    at_end[choice.to] += share
                    ends[choice.to] += count
    return [Odds(e.id, ends[e.id], at_end[e.id]) for e in scenario.endings]


def listed(scenario: Scenario, ending: str = "") -> list[Path]:
    """The complete paths in document order, `MOST_PATHS` at the utmost; those of one ending only
    if it is given. Raises `Unplayable`.
    """
    return [path for path in paths(scenario, MOST_PATHS) if ending in ("", path.ending)]


def walk(scenario: Scenario, seed: int) -> Walk:
    """A walk that takes any offered choice with equal chance; the same for the same seed.

    Raises `Unplayable`.
    """
    measures = scenario.measures
    dice = random.Random(seed)  # noqa: S311 - nothing secret hangs on it
    steps, place = [], scenario.start
    while place in scenario.by_id:
        node = scenario.by_id[place]
        so_far = [(step.node.id, step.taken.id) for step in steps]
        visited = {step.node.id for step in steps} | {place}
        offered = node.offered(totals_after(scenario, so_far), visited)
        taken = dice.choice(offered)
        totals = totals_after(scenario, [*so_far, (place, taken.id)])
        steps.append(Step(node, tuple(offered), taken, totals))
        place = taken.to
    total = sum(steps[-1].totals.values())
    return Walk(tuple(steps), place, total, score_of(total, measures.worst, measures.best))
