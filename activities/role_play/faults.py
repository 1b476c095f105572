"""What keeps a scenario from being offered: each fault in words, and the place to put it right."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.core import substance

from .conditions import ConditionError, names_in
from .graph import (
    FEWEST_DECISIONS,
    MOST_NODES,
    Exploration,
    Unplayable,
    cycle_in,
    explore,
    measure,
    reached,
)
from .scenario import Choice, Node, Scenario

FEWEST_CHOICES, MOST_CHOICES = 2, 4
QUALITIES = ("best", "recovered", "poor")
ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Fault:
    """A fault in words. `field` is the page's field, `entry` the place in it from 0, `choice` the
    place of a choice in a scene from 0, `part` the field of that entry or choice.
    """

    text: str
    field: str
    entry: int | None = None
    choice: int | None = None
    part: str = ""


def problems(scenario: Scenario) -> list[str]:
    """Why the scenario cannot be offered, each naming the scene and the choice. [] when fine."""
    return list(dict.fromkeys(fault.text for fault in faults(scenario)))


def faults(scenario: Scenario) -> list[Fault]:
    """Every fault with its place, in the order in which they are best put right."""
    found = [
        *faults_of_setting(scenario),
        *faults_of_ids(scenario),
        *faults_of_scenes(scenario),
        *faults_of_endings(scenario),
        *faults_of_reflection(scenario),
        *faults_of_flow(scenario),
    ]
    return list(dict.fromkeys(found))


def faults_of_setting(scenario: Scenario) -> Iterator[Fault]:
    if not scenario.your_role:
        yield Fault(_("Say who the learner is in this scenario."), "your_role")
    if not scenario.nodes:
        yield Fault(_("Write the first scene."), "nodes")
    elif not scenario.start:
        yield Fault(_("Name the scene where everybody begins."), "start")
    elif scenario.start not in scenario.by_id:
        text = _("The first scene is said to be “%(start)s”, which does not exist.")
        yield Fault(text % {"start": scenario.start}, "start")
    if len(scenario.nodes) > MOST_NODES:
        text = _("There are %(count)s scenes; at most %(most)s are possible.")
        yield Fault(text % {"count": len(scenario.nodes), "most": MOST_NODES}, "nodes")
    if scenario.attempts_max and scenario.attempts_max < scenario.attempts_required:
        text = _("%(required)s plays are required, but only %(most)s allowed.")
        values = {"required": scenario.attempts_required, "most": scenario.attempts_max}
        yield Fault(text % values, "attempts_max")
    for entry, (key, name) in enumerate(scenario.dimensions):
        if not name:
            text = _("Dimension “%(key)s” has no name.") % {"key": key}
            yield Fault(text, "dimensions", entry, part="name")


def faults_of_ids(scenario: Scenario) -> Iterator[Fault]:
    lists = [
        (_("Scene"), "nodes", "id", [node.id for node in scenario.nodes]),
        (_("Ending"), "endings", "id", [ending.id for ending in scenario.endings]),
        (_("Dimension"), "dimensions", "key", [key for key, _name in scenario.dimensions]),
        (_("Question"), "reflection", "key", [question.key for question in scenario.reflection]),
    ]
    for what, field, part, ids in lists:
        for entry, name in enumerate(ids):
            values = {"what": what, "place": entry + 1, "name": name}
            if not ID.fullmatch(name):
                text = _(
                    "%(what)s %(place)s: give it an id of Latin letters, digits, - or _ "
                    "(now “%(name)s”)."
                )
                yield Fault(text % values, field, entry, part=part)
            elif ids.index(name) < entry:
                text = _("%(what)s “%(name)s” is there twice.")
                yield Fault(text % values, field, entry, part=part)
    for entry, ending in enumerate(scenario.endings):
        if ending.id in scenario.by_id:
            text = _("“%(name)s” is both a scene and an ending.") % {"name": ending.id}
            yield Fault(text, "endings", entry, part="id")


def faults_of_scenes(scenario: Scenario) -> Iterator[Fault]:
    for entry, node in enumerate(scenario.nodes):
        names = {"node": node.id, "count": len(node.choices)}
        if not node.text:
            yield Fault(_("Scene %(node)s has no text.") % names, "nodes", entry, part="text")
        if node.image and not node.alt:
            text = _("Scene %(node)s: describe the picture in a sentence.") % names
            yield Fault(text, "nodes", entry, part="alt")
        if not node.choices:
            text = _("Scene %(node)s is a dead end: it has no choices.") % names
            yield Fault(text, "nodes", entry, part="choices")
        elif not FEWEST_CHOICES <= len(node.choices) <= MOST_CHOICES:
            text = ngettext(
                "Scene %(node)s has %(count)s choice; there must be two to four.",
                "Scene %(node)s has %(count)s choices; there must be two to four.",
                len(node.choices),
            )
            yield Fault(text % names, "nodes", entry, part="choices")
        if len(node.choices) > 1 and len({(c.to, c.effects) for c in node.choices}) == 1:
            text = _(
                "Scene %(node)s: all choices lead to the same place with the same points, "
                "so there is nothing to decide."
            )
            yield Fault(text % names, "nodes", entry, part="choices")
        yield from faults_of_choices(scenario, entry, node)


def faults_of_choices(scenario: Scenario, entry: int, node: Node) -> Iterator[Fault]:
    texts, ids = {}, set()
    for place, choice in enumerate(node.choices):
        names = {"node": node.id, "choice": choice.id or place + 1, "to": choice.to}
        for part, text in said_of_choice(scenario, choice, names, texts, ids):
            yield Fault(text, "nodes", entry, place, part)
        ids.add(choice.id)
        texts.setdefault(substance.normalise(choice.text), choice.id)


def said_of_choice(scenario, choice: Choice, names, texts, ids) -> Iterator[tuple[str, str]]:
    """(field of the choice, fault); `texts` and `ids` are those of the choices before it."""
    if not ID.fullmatch(choice.id):
        text = _(
            "Scene %(node)s, choice %(choice)s: give it an id of Latin letters, digits, - or _."
        )
        yield "id", text % names
    elif choice.id in ids:
        yield "id", _("Scene %(node)s, choice %(choice)s is there twice.") % names
    same = texts.get(substance.normalise(choice.text))
    if not choice.text:
        yield "text", _("Scene %(node)s, choice %(choice)s has no text.") % names
    elif same is not None:
        text = _("Scene %(node)s: choices %(other)s and %(choice)s say the same.")
        yield "text", text % {**names, "other": same}
    if not choice.feedback:
        yield "feedback", _("Scene %(node)s, choice %(choice)s has no feedback.") % names
    if not choice.to:
        yield "to", _("Scene %(node)s, choice %(choice)s leads nowhere.") % names
    elif choice.to not in scenario.by_id and choice.to not in scenario.ending_by_id:
        text = _("Scene %(node)s, choice %(choice)s leads to “%(to)s”, which does not exist.")
        yield "to", text % names
    for dimension, _points in choice.effects:
        if dimension not in scenario.dimension_names:
            text = _(
                "Scene %(node)s, choice %(choice)s gives points for “%(dimension)s”, "
                "which is not a dimension."
            )
            yield "effects", text % {**names, "dimension": dimension}
    for text in said_of_condition(scenario, choice, names):
        yield "condition", text


def said_of_condition(scenario: Scenario, choice: Choice, names: dict) -> list[str]:
    try:
        dimensions, nodes = names_in(choice.condition)
    except ConditionError as error:
        text = _("Scene %(node)s, choice %(choice)s: the condition cannot be read. %(reason)s")
        return [text % {**names, "reason": error.message}]
    unknown = sorted(dimensions - scenario.dimension_names.keys())
    unknown += sorted(nodes - scenario.by_id.keys())
    text = _(
        "Scene %(node)s, choice %(choice)s: the condition speaks of “%(name)s”, which does not exist."
    )
    return [text % {**names, "name": name} for name in unknown]


def faults_of_endings(scenario: Scenario) -> Iterator[Fault]:
    for entry, ending in enumerate(scenario.endings):
        names = {"ending": ending.id}
        if not ending.text:
            text = _("Ending %(ending)s has no text.") % names
            yield Fault(text, "endings", entry, part="text")
        if not ending.lesson:
            text = _("Ending %(ending)s has no lesson.") % names
            yield Fault(text, "endings", entry, part="lesson")
        if ending.quality not in QUALITIES:
            text = _("Ending %(ending)s: choose its quality.") % names
            yield Fault(text, "endings", entry, part="quality")
    if len({ending.quality for ending in scenario.endings}) < 2:
        yield Fault(_("Write at least two endings of different quality."), "endings")


def faults_of_reflection(scenario: Scenario) -> Iterator[Fault]:
    if not scenario.reflection:
        yield Fault(_("Ask at least one question to reflect on."), "reflection")
    for entry, question in enumerate(scenario.reflection):
        names = {"key": question.key}
        if not question.text:
            text = _("Question %(key)s has no text.") % names
            yield Fault(text, "reflection", entry, part="text")
        if question.min_chars < 1:
            text = _("Question %(key)s: say how many characters an answer must have.") % names
            yield Fault(text, "reflection", entry, part="min_chars")


def faults_of_flow(scenario: Scenario) -> Iterator[Fault]:
    """What only shows when one walks through: circles, islands, dead ends, short ways."""
    if scenario.start not in scenario.by_id:
        return
    there = reached(scenario)
    for entry, node in enumerate(scenario.nodes):
        if node.id not in there:
            text = _("Scene %(node)s cannot be reached.") % {"node": node.id}
            yield Fault(text, "nodes", entry)
    for entry, ending in enumerate(scenario.endings):
        if ending.id not in there:
            text = _("Ending %(ending)s cannot be reached.") % {"ending": ending.id}
            yield Fault(text, "endings", entry)
    circle = cycle_in(scenario)
    if circle:
        text = _("The scenes go round in a circle: %(circle)s. Every play must come to an end.")
        last = scenario.nodes.index(scenario.by_id[circle[-1]])
        names = {"circle": " → ".join([*circle, circle[0]])}
        yield Fault(text % names, "nodes", last, part="choices")
    try:
        exploration = explore(scenario)
    except Unplayable as error:
        if error.code == "too_many_cases":
            text = _("The conditions make too many cases to check. Use fewer of them.")
            yield Fault(text, "nodes")
        return
    yield from faults_of_states(scenario, exploration, there)
    if not exploration.stuck:
        yield from faults_of_length(scenario, there)


def faults_of_states(scenario: Scenario, exploration: Exploration, there) -> Iterator[Fault]:
    places = {node.id: entry for entry, node in enumerate(scenario.nodes)}
    for node_id in exploration.stuck:
        text = _("Scene %(node)s: on some paths the conditions leave no choice at all.")
        yield Fault(text % {"node": node_id}, "nodes", places[node_id], part="choices")
    for node_id, node in scenario.by_id.items():
        if node_id not in there:
            continue
        if node_id not in exploration.moves:
            text = _("Scene %(node)s cannot be reached: its conditions are never met.")
            yield Fault(text % {"node": node_id}, "nodes", places[node_id])
            continue
        for place, choice in enumerate(node.choices):
            if (node_id, choice.id) not in exploration.taken:
                text = _(
                    "Scene %(node)s, choice %(choice)s is never offered: its condition is never met."
                )
                names = {"node": node_id, "choice": choice.id}
                yield Fault(text % names, "nodes", places[node_id], place, "condition")


def faults_of_length(scenario: Scenario, there) -> Iterator[Fault]:
    measures = measure(scenario)
    for entry, ending in enumerate(scenario.endings):
        if ending.id in there and ending.id not in measures.endings:
            text = _("Ending %(ending)s cannot be reached: the conditions that lead to it are never met.")  # fmt: skip
            yield Fault(text % {"ending": ending.id}, "endings", entry)
    if measures.decisions[0] < FEWEST_DECISIONS:
        text = ngettext(
            "The shortest path has %(count)s decision; at least two are needed.",
            "The shortest path has %(count)s decisions; at least two are needed.",
            measures.decisions[0],
        )
        yield Fault(text % {"count": measures.decisions[0]}, "nodes")
    qualities = {scenario.ending_by_id[ending].quality for ending in measures.endings}
    if len(qualities) < 2:
        text = _("All paths end equally well: let some choices lead to another quality.")
        yield Fault(text, "nodes")
