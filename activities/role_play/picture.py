"""The graph of a scenario as a picture: boxes for scenes and endings, arrows for choices.

Drawn for any scenario, however unfinished: what leads nowhere leads to a box that says so, what
cannot be reached stands apart, a circle shows the arrow that closes it.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .faults import Fault
from .graph import reached
from .layout import draw
from .scenario import Scenario

BOX = (192, 60)
GAP = (28, 64)
MARGIN = 14
LABEL = 26


@dataclass(frozen=True)
class Box:
    """`kind` is scene, ending or missing; x, y the upper left corner; `lines` what stands in it;
    `said` is the same and the faults, for those who hear it.
    """

    id: str
    kind: str
    x: int
    y: int
    lines: tuple[str, str]
    said: str
    faulty: bool = False
    apart: bool = False
    field: str = ""
    entry: int | None = None


@dataclass(frozen=True)
class Arrow:
    """`line` is the `d` of an SVG path; the label (id of the choice) is centred at x, y."""

    line: str
    label: str
    x: int
    y: int
    faulty: bool
    back: bool


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    box_width: int = BOX[0]
    box_height: int = BOX[1]


def picture(scenario: Scenario, faults: list[Fault], quality_word) -> Picture:
    """`quality_word(quality)` says how an ending is called."""
    edges = [(node.id, to(choice.to), choice) for node in scenario.nodes for choice in node.choices]
    ids = dict.fromkeys([scenario.start] if scenario.start in scenario.by_id else [])
    ids |= dict.fromkeys(node.id for node in scenario.nodes)
    ids |= dict.fromkeys(ending.id for ending in scenario.endings)
    ids |= dict.fromkeys(target for _source, target, _choice in edges)
    drawing = draw(list(ids), [(a, b) for a, b, _choice in edges], BOX, GAP)
    there = reached(scenario)
    boxes = [
        box(scenario, vertex, at, faults, there, quality_word) for vertex, at in drawing.at.items()
    ]
    places = [(n, c) for n, node in enumerate(scenario.nodes) for c in range(len(node.choices))]
    wrong = {(fault.entry, fault.choice) for fault in faults if fault.field == "nodes"}
    arrows, slots = [], {}
    for n, (source, target, choice) in enumerate(edges):
        slot = slots[source, target] = slots.get((source, target), -1) + 1
        arrows.append(
            arrow(drawing.routes[n], slot, choice.id, places[n] in wrong, n in drawing.turned)
        )
    return Picture(
        width=round(drawing.width) + 2 * MARGIN,
        height=round(drawing.height) + 2 * MARGIN,
        boxes=tuple(boxes),
        arrows=tuple(arrows),
    )


def to(target: str) -> str:
    return target or "?"


def box(scenario: Scenario, vertex: str, at, faults, there, quality_word) -> Box:
    kind, field, entry, words, label = "missing", "", None, _("does not exist"), vertex
    if vertex in scenario.by_id:
        kind, field = "scene", "nodes"
        entry = next(n for n, node in enumerate(scenario.nodes) if node.id == vertex)
        words = scenario.nodes[entry].text
        label = _("%(id)s · start") % {"id": vertex} if vertex == scenario.start else vertex
    elif vertex in scenario.ending_by_id:
        kind, field = "ending", "endings"
        entry = next(n for n, ending in enumerate(scenario.endings) if ending.id == vertex)
        words = scenario.endings[entry].text
        label = f"{vertex} · {quality_word(scenario.endings[entry].quality)}"
    said = [fault.text for fault in faults if entry is not None and fault.field == field and fault.entry == entry]  # fmt: skip
    return Box(
        id=vertex,
        kind=kind,
        x=round(at[0] - BOX[0] / 2) + MARGIN,
        y=round(at[1] - BOX[1] / 2) + MARGIN,
        lines=(label, shortened(words)),
        said=" ".join([label, shortened(words), *said]),
        faulty=bool(said) or kind == "missing",
        apart=vertex not in there,
        field=field,
        entry=entry,
    )


def shortened(text: str, most: int = LABEL) -> str:
    """The beginning of a text in one line, never ending before a Thai mark of the last letter."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    end = most - 1
    while end < len(line) and is_mark(line[end]):
        end += 1
    return line[:end].rstrip() + "…"


def is_mark(letter: str) -> bool:
    """Thai vowels and tones that stand above, below or behind the letter they belong to."""
    return letter in "ะัาำิีึืฺุูๅ็่้๊๋์ํ๎"


def arrow(route, slot: int, label: str, faulty: bool, back: bool) -> Arrow:
    """A curve along a route; `slot` tells parallel arrows apart."""
    shift = 34 * ((slot + 1) // 2) * (1 if slot % 2 else -1)
    points = [(x + MARGIN, y + MARGIN) for x, y in route]
    down = points[-1][1] >= points[0][1]
    side = BOX[1] / 2 if down else -BOX[1] / 2
    points[0] = (points[0][0] + shift / 2, points[0][1] + side)
    points[-1] = (points[-1][0] + shift / 2, points[-1][1] - side - (4 if down else -4))
    if len(route) == 2 and route[0] == route[1]:
        x, y = route[0][0] + MARGIN + BOX[0] / 2, route[0][1] + MARGIN
        line = f"M{x:.0f} {y - 10:.0f} C{x + 30:.0f} {y - 24:.0f} {x + 30:.0f} {y + 24:.0f} {x:.0f} {y + 10:.0f}"
        return Arrow(line, label, round(x + 12), round(y - 20), True, True)
    line = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        middle = (y0 + y1) / 2
        line += f" C{x0:.0f} {middle:.0f} {x1:.0f} {middle:.0f} {x1:.0f} {y1:.0f}"
    (x0, y0), (x1, y1) = points[0], points[1]
    # The label keeps near the scene that it is a choice of, where arrows are still apart.
    share = 0.5 if len(points) == 2 else 0.35
    return Arrow(
        line, label, round(x0 + (x1 - x0) * share), round(y0 + (y1 - y0) * share), faulty, back
    )
