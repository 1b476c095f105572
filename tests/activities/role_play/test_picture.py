"""The drawing of a graph: boxes apart, arrows downwards, circles and loose ends shown."""

from dataclasses import replace

import pytest

from activities.role_play.faults import faults
from activities.role_play.graph import MOST_NODES
from activities.role_play.layout import draw
from activities.role_play.picture import is_mark, picture, shortened
from activities.role_play.scenario import Node

from .test_graph import choice, scenario

SIZE, GAP = (100, 40), (20, 50)


def drawn(found):
    return picture(found, faults(found), str)


def apart(at) -> bool:
    places = list(at.values())
    return all(
        abs(ax - bx) >= SIZE[0] or abs(ay - by) >= SIZE[1]
        for n, (ax, ay) in enumerate(places)
        for bx, by in places[:n]
    )


def test_choices_lead_downwards_and_boxes_do_not_overlap():
    edges = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("a", "d"), ("d", "e"), ("a", "e")]
    drawing = draw(list("abcde"), edges, SIZE, GAP)
    assert all(drawing.at[upper][1] < drawing.at[lower][1] for upper, lower in edges)
    assert apart(drawing.at)
    assert [(route[0], route[-1]) for route in drawing.routes] == [
        (drawing.at[a], drawing.at[b]) for a, b in edges
    ]


def test_an_edge_over_several_layers_goes_around_the_boxes_between():
    drawing = draw(list("abc"), [("a", "b"), ("b", "c"), ("a", "c")], SIZE, GAP)
    (bend,) = drawing.routes[2][1:-1]
    assert bend[1] == drawing.at["b"][1]
    assert abs(bend[0] - drawing.at["b"][0]) > SIZE[0] / 2


@pytest.mark.parametrize(
    "edges", [[("a", "b"), ("b", "c"), ("c", "a")], [("a", "a"), ("a", "b"), ("b", "c")]]
)
def test_the_edge_that_closes_a_circle_is_known(edges):
    drawing = draw(list("abc"), edges, SIZE, GAP)
    (closing,) = drawing.turned
    source, target = edges[closing]
    assert drawing.at[source][1] >= drawing.at[target][1]
    assert drawing.routes[closing][0] == drawing.at[source]


def test_a_large_graph_is_drawn_without_overlaps_within_its_bounds():
    names = [str(n) for n in range(MOST_NODES)]
    edges = [
        (str(n), str(to))
        for n in range(MOST_NODES)
        for to in (n + 1, n + 2, n * 2 % 190 + 5)
        if n < to < MOST_NODES
    ]
    drawing = draw(names, edges, SIZE, GAP)
    assert apart(drawing.at)
    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in drawing.at.values())


def test_nothing_gives_an_empty_picture():
    assert draw([], [], SIZE, GAP).at == {}


def test_what_leads_nowhere_leads_to_a_box_that_says_so():
    base = scenario()
    first = replace(base.nodes[0], choices=(choice("a", "gone", 1), choice("b", "n2", -1)))
    shown = drawn(replace(base, nodes=(first, base.nodes[1])))
    (missing,) = [box for box in shown.boxes if box.kind == "missing"]
    assert missing.id == "gone" and missing.faulty
    assert [arrow.label for arrow in shown.arrows if arrow.faulty] == ["a"]


def test_an_island_and_a_circle_are_marked():
    base = scenario()
    island = Node("n3", "เกาะ", (choice("a", "n3", 1), choice("b", "e1", -1)))
    shown = drawn(replace(base, nodes=(*base.nodes, island)))
    assert [box.id for box in shown.boxes if box.apart] == ["n3"]
    assert sum(arrow.back for arrow in shown.arrows) == 1


def test_parallel_choices_have_arrows_of_their_own():
    lines = [arrow.line for arrow in drawn(scenario()).arrows if arrow.label in "ab"]
    assert len(set(lines)) == len(lines)


def test_thai_is_never_cut_inside_a_letter():
    text = "ผู้บริหารที่น้ำใจดีกว่าเดิมมาก"
    for most in range(2, len(text)):
        cut = shortened(text, most)
        rest = text[len(cut.removesuffix("…")) :]
        assert cut == text or not is_mark(rest[0])
