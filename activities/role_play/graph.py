"""The graph of a scenario: the ways through it, and the ruler by which every play is measured.

Everything is worked out over states (scene, points and visits that some condition asks about),
scene by scene in topological order. Without conditions a state is a scene, so the cost is linear;
with conditions the result is still exact. Figures are integers and fractions.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from activities.core import minutes

from .conditions import ConditionError, names_in
from .scenario import Choice, Node, Scenario

MOST_NODES = 200
MOST_PATHS = 10_000
MOST_STATES = 20_000
FEWEST_DECISIONS = 2


class Unplayable(ValueError):
    """The scenario cannot be played through, so nothing can be measured. `faults` says why."""

    def __init__(self, message: str, code: str = "unplayable"):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Measures:
    """What all complete paths of a scenario have in common.

    `ranges` holds (least, most) points per dimension in the scenario's order, `minutes` is the
    time of a path on which every offered choice is equally likely, `scenes` and `decisions` are
    (fewest, most) on a path; a decision is a scene where at least two choices are offered.
    """

    worst: int
    best: int
    ranges: tuple[tuple[int, int], ...]
    minutes: Fraction
    paths: int
    scenes: tuple[int, int]
    decisions: tuple[int, int]
    endings: frozenset[str]


@dataclass(frozen=True)
class Path:
    """One complete way through a scenario."""

    steps: tuple[tuple[str, str], ...]
    ending: str
    total: int
    score: Fraction | None

    def __str__(self):
        return ">".join([*(node + choice for node, choice in self.steps), self.ending])


@dataclass
class Exploration:
    """Every state in which a play can be. `moves[node][state]` lists (choice, next state)."""

    order: list[str]
    moves: dict[str, dict[tuple, list[tuple[Choice, tuple]]]]
    stuck: list[str]
    taken: set[tuple[str, str]]


# -- The ruler ----------------------------------------------------------------------------------


def score_of(total: int, worst: int, best: int) -> Fraction | None:
    """0 for the worst complete path, 100 for the best; None when all paths are worth the same."""
    if best == worst:
        return None
    return Fraction(100 * (total - worst), best - worst)


def totals_after(scenario: Scenario, steps) -> dict[str, int]:
    """Points per dimension after the (node, choice) steps of a play."""
    totals = {key: 0 for key, _name in scenario.dimensions}
    for node_id, choice_id in steps:
        for dimension, points in scenario.by_id[node_id].choice(choice_id).effects:
            totals[dimension] = totals.get(dimension, 0) + points
    return totals


def measure(scenario: Scenario) -> Measures:
    """The scenario's ruler, by dynamic programming. Raises `Unplayable`."""
    exploration = explore(scenario)
    if exploration.stuck:
        raise Unplayable("A scene offers no choice.")
    dimensions = [key for key, _name in scenario.dimensions]
    found: dict[tuple[str, tuple], Measures] = {}

    def beyond(target: str, state: tuple) -> Measures:
        if target in scenario.by_id:
            return found[target, state]
        ending = scenario.ending_by_id[target]
        return Measures(
            worst=0,
            best=0,
            ranges=((0, 0),) * len(dimensions),
            minutes=minutes.reading(len(ending.text)),
            paths=1,
            scenes=(0, 0),
            decisions=(0, 0),
            endings=frozenset([target]),
        )

    for node_id in reversed(exploration.order):
        node = scenario.by_id[node_id]
        for state, moves in exploration.moves[node_id].items():
            ahead = [(choice, beyond(choice.to, after)) for choice, after in moves]
            found[node_id, state] = joined(node, ahead, dimensions)
    return found[scenario.start, next(iter(exploration.moves[scenario.start]))]


def joined(node: Node, ahead: list[tuple[Choice, Measures]], dimensions: list[str]) -> Measures:
    """The measures of a scene from those of what its offered choices lead to."""
    decision = 1 if len(ahead) > 1 else 0
    ranges = []
    for place, dimension in enumerate(dimensions):
        gains = [
            sum(points for key, points in choice.effects if key == dimension)
            for choice, _rest in ahead
        ]
        ranges.append(
            (
                min(g + rest.ranges[place][0] for g, (_c, rest) in zip(gains, ahead, strict=True)),
                max(g + rest.ranges[place][1] for g, (_c, rest) in zip(gains, ahead, strict=True)),
            )
        )
    own = (
        minutes.reading(len(node.text))
        + minutes.reading(sum(len(choice.text) for choice, _rest in ahead))
        + minutes.MINUTES_PER_DECISION * decision
    )
    onward = [minutes.reading(len(choice.feedback)) + rest.minutes for choice, rest in ahead]
    return Measures(
        worst=min(choice.points + rest.worst for choice, rest in ahead),
        best=max(choice.points + rest.best for choice, rest in ahead),
        ranges=tuple(ranges),
        minutes=own + sum(onward) / len(onward),
        paths=sum(rest.paths for _choice, rest in ahead),
        scenes=(
            1 + min(rest.scenes[0] for _choice, rest in ahead),
            1 + max(rest.scenes[1] for _choice, rest in ahead),
        ),
        decisions=(
            decision + min(rest.decisions[0] for _choice, rest in ahead),
            decision + max(rest.decisions[1] for _choice, rest in ahead),
        ),
        endings=frozenset().union(*(rest.endings for _choice, rest in ahead)),
    )


def evidence(scenario: Scenario) -> int:
    """The most minutes that the scenario's requirements account for, rounded down.

    Zero for fewer than two decisions on the shortest path, fewer than two endings, or no
    reflection; zero too while the scenario cannot be played.
    """
    try:
        measures = scenario.measures
    except Unplayable:
        return 0
    if measures.decisions[0] < FEWEST_DECISIONS or len(measures.endings) < 2:
        return 0
    if not scenario.reflection:
        return 0
    plays = min(2, scenario.attempts_required) * measures.minutes
    written = minutes.writing(sum(question.min_chars for question in scenario.reflection))
    return minutes.whole(plays + minutes.SLACK * written)


def paths(scenario: Scenario, most: int = MOST_PATHS) -> Iterator[Path]:
    """The complete paths in document order, `most` at the utmost. Raises `Unplayable`."""
    measures = scenario.measures
    waiting = [(scenario.start, ())]
    given = 0
    while waiting and given < most:
        place, steps = waiting.pop()
        if place in scenario.ending_by_id and place not in scenario.by_id:
            total = sum(scenario.by_id[n].choice(c).points for n, c in steps)
            yield Path(steps, place, total, score_of(total, measures.worst, measures.best))
            given += 1
            continue
        visited = {node for node, _choice in steps} | {place}
        offered = scenario.by_id[place].offered(totals_after(scenario, steps), visited)
        waiting += [(choice.to, (*steps, (place, choice.id))) for choice in reversed(offered)]


# -- States -------------------------------------------------------------------------------------


def explore(scenario: Scenario) -> Exploration:
    """Every state that a play can reach. Raises `Unplayable`."""
    check_playable(scenario)
    order = topological(scenario)
    dimensions, nodes = watched(scenario)
    first = (tuple(0 for _d in dimensions), frozenset({scenario.start} & nodes))
    moves: dict[str, dict] = defaultdict(dict)
    moves[scenario.start][first] = []
    count, stuck, taken = 1, [], set()
    for node_id in order:
        node = scenario.by_id[node_id]
        for state in moves[node_id]:
            totals, seen = state
            offered = node.offered(dict(zip(dimensions, totals, strict=True)), seen)
            if not offered and node_id not in stuck:
                stuck.append(node_id)
            for choice in offered:
                taken.add((node_id, choice.id))
                gained = defaultdict(int)
                for key, points in choice.effects:
                    gained[key] += points
                after = (
                    tuple(t + gained[d] for d, t in zip(dimensions, totals, strict=True)),
                    seen | ({choice.to} & nodes),
                )
                moves[node_id][state].append((choice, after))
                if choice.to in scenario.by_id and after not in moves[choice.to]:
                    moves[choice.to][after] = []
                    count += 1
                    if count > MOST_STATES:
                        raise Unplayable("The conditions make too many cases.", "too_many_cases")
    return Exploration([n for n in order if n in moves], dict(moves), stuck, taken)


def watched(scenario: Scenario) -> tuple[list[str], frozenset[str]]:
    """The dimensions and the nodes that some condition speaks of."""
    dimensions, nodes = set(), set()
    for node in scenario.nodes:
        for choice in node.choices:
            of_choice = names_in(choice.condition)
            dimensions |= of_choice[0]
            nodes |= of_choice[1]
    return sorted(dimensions), frozenset(nodes)


def check_playable(scenario: Scenario) -> None:
    if len(scenario.nodes) > MOST_NODES or scenario.start not in scenario.by_id:
        raise Unplayable("There is no first scene, or there are too many scenes.")
    for node in scenario.nodes:
        if not node.choices:
            raise Unplayable("A scene has no choices.")
        for choice in node.choices:
            if choice.to not in scenario.by_id and choice.to not in scenario.ending_by_id:
                raise Unplayable("A choice leads nowhere.")
            try:
                _parsed = choice.condition
            except ConditionError as error:
                raise Unplayable(error.message) from error
    if cycle_in(scenario):
        raise Unplayable("The scenes go round in a circle.")


def successors(scenario: Scenario, node: Node) -> list[str]:
    return [choice.to for choice in node.choices if choice.to in scenario.by_id]


def topological(scenario: Scenario) -> list[str]:
    """The scenes such that choices lead forwards only (Kahn). Scenes on a circle are left out."""
    incoming = dict.fromkeys(scenario.by_id, 0)
    for node in scenario.by_id.values():
        for to in successors(scenario, node):
            incoming[to] += 1
    ready = [node_id for node_id, count in incoming.items() if count == 0]
    order = []
    while ready:
        node_id = ready.pop()
        order.append(node_id)
        for to in successors(scenario, scenario.by_id[node_id]):
            incoming[to] -= 1
            if incoming[to] == 0:
                ready.append(to)
    return order


def cycle_in(scenario: Scenario) -> list[str]:
    """The scenes of one circle in the order of play, or an empty list."""
    left = set(scenario.by_id) - set(topological(scenario))
    if not left:
        return []
    # What is downstream of a circle is left too: drop whatever leads out of the rest.
    while True:
        ends = {n for n in left if not left & set(successors(scenario, scenario.by_id[n]))}
        if not ends:
            break
        left -= ends
    walk = [next(node_id for node_id in scenario.by_id if node_id in left)]
    while True:
        onward = successors(scenario, scenario.by_id[walk[-1]])
        to = next(node_id for node_id in onward if node_id in left)
        if to in walk:
            return walk[walk.index(to) :]
        walk.append(to)


def reached(scenario: Scenario) -> set[str]:
    """Scenes and endings that some choices lead to from the start, conditions left aside."""
    found, waiting = set(), [scenario.start]
    while waiting:
        place = waiting.pop()
        if place in found:
            continue
        found.add(place)
        if place in scenario.by_id:
            waiting += [choice.to for choice in scenario.by_id[place].choices]
    return found
