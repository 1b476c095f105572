"""Trying a scenario out: the odds of its endings, and walks left to chance."""

from dataclasses import replace
from fractions import Fraction

import pytest

from activities.role_play import graph
from activities.role_play.scenario import Ending
from activities.role_play.simulation import listed, odds, walk

from .playing import kind, page_of
from .test_graph import choice, scenario


@pytest.fixture
def demo(db):
    return kind.content(page_of())


def test_the_odds_are_those_of_equal_choices(demo):
    rows = odds(demo)
    assert sum(row.chance for row in rows) == 1
    assert sum(row.paths for row in rows) == demo.measures.paths == 8
    by_hand = {e.id: Fraction(0) for e in demo.endings}
    for path in graph.paths(demo):
        share = Fraction(1)
        for node, _choice in path.steps:
            share /= len(demo.by_id[node].choices)
        by_hand[path.ending] += share
    assert {row.ending: row.chance for row in rows} == by_hand


def test_an_ending_that_nothing_leads_to_has_no_chance():
    base = scenario()
    found = replace(base, endings=(*base.endings, Ending("e3", "recovered", "จบ", "บทเรียน")))
    assert [(row.paths, row.chance) for row in odds(found)][2] == (0, 0)


def test_conditions_hide_choices_from_paths_and_walks():
    base = scenario()
    last = replace(
        base.nodes[1], choices=(choice("a", "e1", 1, "care >= 1"), choice("b", "e2", -1))
    )
    found = replace(base, nodes=(base.nodes[0], last))
    assert [str(path) for path in listed(found)] == ["n1a>n2a>e1", "n1a>n2b>e2", "n1b>n2b>e2"]
    assert {row.ending: row.chance for row in odds(found)} == {
        "e1": Fraction(1, 4),
        "e2": Fraction(3, 4),
    }
    ends = {walk(found, seed).ending for seed in range(1, 40)}
    assert ends == {"e1", "e2"}


def test_a_walk_is_one_of_the_paths_and_the_same_each_time(demo):
    known = {(path.steps, path.ending, path.score) for path in graph.paths(demo)}
    for seed in range(1, 20):
        taken = walk(demo, seed)
        steps = tuple((step.node.id, step.taken.id) for step in taken.steps)
        assert (steps, taken.ending, taken.score) in known
        assert walk(demo, seed) == taken


def test_listing_can_be_kept_to_one_ending(demo):
    ending = demo.endings[0].id
    assert {path.ending for path in listed(demo, ending)} == {ending}
