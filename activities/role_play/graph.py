"""The graph of a scenario: may it be offered, and the ruler by which every play is measured.

Everything is worked out over states (scene, points and visits that some condition asks about),
scene by scene in topological order. Without conditions a state is a scene, so the cost is linear;
with conditions the result is still exact. Figures are integers and fractions.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.core import minutes, substance

from .conditions import ConditionError, names_in
from .scenario import Choice, Node, Scenario

MOST_NODES = 200
MOST_PATHS = 10_000
MOST_STATES = 20_000
FEWEST_CHOICES, MOST_CHOICES = 2, 4
FEWEST_DECISIONS = 2
QUALITIES = ("best", "recovered", "poor")
ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


class Unplayable(ValueError):
    """The scenario cannot be played through, so nothing can be measured. `problems` says why."""

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


# -- What keeps a scenario from being offered ---------------------------------------------------


def problems(scenario: Scenario) -> list[str]:
    """Why the scenario cannot be offered, each naming the scene and the choice. [] when fine."""
    found = [
        *problems_of_setting(scenario),
        *problems_of_ids(scenario),
        *problems_of_scenes(scenario),
        *problems_of_endings(scenario),
        *problems_of_reflection(scenario),
        *problems_of_flow(scenario),
    ]
    return list(dict.fromkeys(found))


def problems_of_setting(scenario: Scenario) -> list[str]:
    found = []
    if not scenario.your_role:
        found.append(_("Say who the learner is in this scenario."))
    if not scenario.nodes:
        found.append(_("Write the first scene."))
    elif not scenario.start:
        found.append(_("Name the scene where everybody begins."))
    elif scenario.start not in scenario.by_id:
        found.append(
            _("The first scene is said to be “%(start)s”, which does not exist.")
            % {"start": scenario.start}
        )
    if len(scenario.nodes) > MOST_NODES:
        found.append(
            _("There are %(count)s scenes; at most %(most)s are possible.")
            % {"count": len(scenario.nodes), "most": MOST_NODES}
        )
    if scenario.attempts_max and scenario.attempts_max < scenario.attempts_required:
        found.append(
            _("%(required)s plays are required, but only %(most)s allowed.")
            % {"required": scenario.attempts_required, "most": scenario.attempts_max}
        )
    for key, name in scenario.dimensions:
        if not name:
            found.append(_("Dimension “%(key)s” has no name.") % {"key": key})
    return found


def problems_of_ids(scenario: Scenario) -> list[str]:
    lists = [
        (_("Scene"), [node.id for node in scenario.nodes]),
        (_("Ending"), [ending.id for ending in scenario.endings]),
        (_("Dimension"), [key for key, _name in scenario.dimensions]),
        (_("Question"), [question.key for question in scenario.reflection]),
    ]
    found = []
    for what, ids in lists:
        for place, name in enumerate(ids, start=1):
            values = {"what": what, "place": place, "name": name}
            if not ID.fullmatch(name):
                found.append(
                    _(
                        "%(what)s %(place)s: give it an id of Latin letters, digits, - or _ "
                        "(now “%(name)s”)."
                    )
                    % values
                )
            elif ids.index(name) < place - 1:
                found.append(_("%(what)s “%(name)s” is there twice.") % values)
    for name in sorted(scenario.by_id.keys() & scenario.ending_by_id.keys()):
        found.append(_("“%(name)s” is both a scene and an ending.") % {"name": name})
    return found


def problems_of_scenes(scenario: Scenario) -> list[str]:
    found = []
    for node in scenario.nodes:
        names = {"node": node.id, "count": len(node.choices)}
        if not node.text:
            found.append(_("Scene %(node)s has no text.") % names)
        if node.image and not node.alt:
            found.append(_("Scene %(node)s: describe the picture in a sentence.") % names)
        if not node.choices:
            found.append(_("Scene %(node)s is a dead end: it has no choices.") % names)
        elif not FEWEST_CHOICES <= len(node.choices) <= MOST_CHOICES:
            found.append(
                ngettext(
                    "Scene %(node)s has %(count)s choice; there must be two to four.",
                    "Scene %(node)s has %(count)s choices; there must be two to four.",
                    len(node.choices),
                )
                % names
            )
        if len(node.choices) > 1 and len({(c.to, c.effects) for c in node.choices}) == 1:
            found.append(
                _(
                    "Scene %(node)s: all choices lead to the same place with the same points, "
                    "so there is nothing to decide."
                )
                % names
            )
        found += problems_of_choices(scenario, node)
    return found


def problems_of_choices(scenario: Scenario, node: Node) -> list[str]:
    found, texts, ids = [], {}, set()
    for place, choice in enumerate(node.choices, start=1):
        names = {"node": node.id, "choice": choice.id or place, "to": choice.to}
        if not ID.fullmatch(choice.id):
            found.append(
                _(
                    "Scene %(node)s, choice %(choice)s: give it an id of Latin letters, digits, "
                    "- or _."
                )
                % names
            )
        elif choice.id in ids:
            found.append(_("Scene %(node)s, choice %(choice)s is there twice.") % names)
        ids.add(choice.id)
        text = substance.normalise(choice.text)
        if not choice.text:
            found.append(_("Scene %(node)s, choice %(choice)s has no text.") % names)
        elif text in texts:
            found.append(
                _("Scene %(node)s: choices %(other)s and %(choice)s say the same.")
                % {**names, "other": texts[text]}
            )
        texts.setdefault(text, choice.id)
        if not choice.feedback:
            found.append(_("Scene %(node)s, choice %(choice)s has no feedback.") % names)
        if not choice.to:
            found.append(_("Scene %(node)s, choice %(choice)s leads nowhere.") % names)
        elif choice.to not in scenario.by_id and choice.to not in scenario.ending_by_id:
            found.append(
                _("Scene %(node)s, choice %(choice)s leads to “%(to)s”, which does not exist.")
                % names
            )
        for dimension, _points in choice.effects:
            if dimension not in scenario.dimension_names:
                found.append(
                    _(
                        "Scene %(node)s, choice %(choice)s gives points for “%(dimension)s”, "
                        "which is not a dimension."
                    )
                    % {**names, "dimension": dimension}
                )
        found += problems_of_condition(scenario, choice, names)
    return found


def problems_of_condition(scenario: Scenario, choice: Choice, names: dict) -> list[str]:
    try:
        dimensions, nodes = names_in(choice.condition)
    except ConditionError as error:
        return [
            _("Scene %(node)s, choice %(choice)s: the condition cannot be read. %(reason)s")
            % {**names, "reason": error.message}
        ]
    unknown = sorted(dimensions - scenario.dimension_names.keys())
    unknown += sorted(nodes - scenario.by_id.keys())
    return [
        _(
            "Scene %(node)s, choice %(choice)s: the condition speaks of “%(name)s”, which does not exist."
        )
        % {**names, "name": name}
        for name in unknown
    ]


def problems_of_endings(scenario: Scenario) -> list[str]:
    found = []
    for ending in scenario.endings:
        names = {"ending": ending.id}
        if not ending.text:
            found.append(_("Ending %(ending)s has no text.") % names)
        if not ending.lesson:
            found.append(_("Ending %(ending)s has no lesson.") % names)
        if ending.quality not in QUALITIES:
            found.append(_("Ending %(ending)s: choose its quality.") % names)
    if len({ending.quality for ending in scenario.endings}) < 2:
        found.append(_("Write at least two endings of different quality."))
    return found


def problems_of_reflection(scenario: Scenario) -> list[str]:
    if not scenario.reflection:
        return [_("Ask at least one question to reflect on.")]
    found = []
    for question in scenario.reflection:
        if not question.text:
            found.append(_("Question %(key)s has no text.") % {"key": question.key})
        if question.min_chars < 1:
            found.append(
                _("Question %(key)s: say how many characters an answer must have.")
                % {"key": question.key}
            )
    return found


def problems_of_flow(scenario: Scenario) -> list[str]:
    """What only shows when one walks through: circles, islands, dead ends, short ways."""
    if scenario.start not in scenario.by_id:
        return []
    there = reached(scenario)
    found = [
        _("Scene %(node)s cannot be reached.") % {"node": node_id}
        for node_id in scenario.by_id
        if node_id not in there
    ]
    found += [
        _("Ending %(ending)s cannot be reached.") % {"ending": ending_id}
        for ending_id in scenario.ending_by_id
        if ending_id not in there
    ]
    circle = cycle_in(scenario)
    if circle:
        found.append(
            _("The scenes go round in a circle: %(circle)s. Every play must come to an end.")
            % {"circle": " → ".join([*circle, circle[0]])}
        )
    try:
        exploration = explore(scenario)
    except Unplayable as error:
        if error.code == "too_many_cases":
            found.append(_("The conditions make too many cases to check. Use fewer of them."))
        return found
    found += problems_of_states(scenario, exploration, there)
    if not exploration.stuck:
        found += problems_of_length(scenario)
    return found


def problems_of_states(scenario: Scenario, exploration: Exploration, there: set[str]) -> list[str]:
    found = [
        _("Scene %(node)s: on some paths the conditions leave no choice at all.")
        % {"node": node_id}
        for node_id in exploration.stuck
    ]
    for node_id in scenario.by_id:
        if node_id in there and node_id not in exploration.moves:
            found.append(
                _("Scene %(node)s cannot be reached: its conditions are never met.")
                % {"node": node_id}
            )
            continue
        for choice in scenario.by_id[node_id].choices:
            if node_id in there and (node_id, choice.id) not in exploration.taken:
                found.append(
                    _(
                        "Scene %(node)s, choice %(choice)s is never offered: its condition is never met."
                    )
                    % {"node": node_id, "choice": choice.id}
                )
    return found


def problems_of_length(scenario: Scenario) -> list[str]:
    measures = measure(scenario)
    found = []
    if measures.decisions[0] < FEWEST_DECISIONS:
        found.append(
            ngettext(
                "The shortest path has %(count)s decision; at least two are needed.",
                "The shortest path has %(count)s decisions; at least two are needed.",
                measures.decisions[0],
            )
            % {"count": measures.decisions[0]}
        )
    qualities = {scenario.ending_by_id[ending].quality for ending in measures.endings}
    if len(qualities) < 2:
        found.append(_("All paths end equally well: let some choices lead to another quality."))
    return found
