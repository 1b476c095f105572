"""The ruler of a scenario, and what keeps one from being offered."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from django.utils import translation

from activities.role_play import faults, graph
from activities.role_play.scenario import Choice, Ending, Node, Question, Scenario

from .playing import course_item, kind, page_of

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


def choice(name, to, points=0, condition="", dimension="care"):
    return Choice(
        id=name,
        text=f"ทำอย่าง {name}",
        to=to,
        effects=((dimension, points),) if points else (),
        feedback="ผลที่ตามมา",
        condition_text=condition,
    )


def scenario(**changes) -> Scenario:
    """Two decisions in a row, two endings: nothing wrong with it."""
    base = Scenario(
        your_role="ท่านคือเจ้าหน้าที่",
        dimensions=(("care", "ความใส่ใจ"),),
        start="n1",
        nodes=(
            Node("n1", "ฉากแรก", (choice("a", "n2", 1), choice("b", "n2", -1))),
            Node("n2", "ฉากที่สอง", (choice("a", "e1", 1), choice("b", "e2", -1))),
        ),
        endings=(
            Ending("e1", "best", "จบดี", "บทเรียน"),
            Ending("e2", "poor", "จบไม่ดี", "บทเรียน"),
        ),
        reflection=(Question("q1", "ได้เรียนรู้อะไร", 100),),
        attempts_required=2,
    )
    return replace(base, **changes)


def problems(found: Scenario, language="th") -> list[str]:
    with translation.override(language):
        return faults.problems(found)


@pytest.fixture
def demo(db) -> Scenario:
    return kind.content(page_of())


# -- The ruler ----------------------------------------------------------------------------------


def test_every_complete_path_of_the_demo_scenario_has_the_expected_score(demo):
    found = {str(path): path.score for path in graph.paths(demo)}
    expected = VECTORS["solo_branching"]["paths"]
    assert found.keys() == expected.keys()
    for path, score in expected.items():
        assert round(float(found[path]), 5) == pytest.approx(score, abs=6e-6), path


def test_worst_and_best_totals_are_those_of_all_complete_paths(demo):
    vector = VECTORS["solo_branching"]
    assert demo.measures.worst == vector["worst_total"]
    assert demo.measures.best == vector["best_total"]
    assert demo.measures.paths == 8


def test_the_expected_minutes_are_exact(demo):
    minutes = demo.measures.minutes
    assert isinstance(minutes, Fraction)
    assert round(float(minutes), 3) == 3.374


def test_the_demo_scenario_accounts_for_22_minutes_and_is_credited_20(db):
    vector = VECTORS["evidence_ceiling"][0]
    page = page_of()
    assert kind.ceiling(page) == vector["expected_ceiling"] == 22
    assert kind.minutes(page).active == vector["expected_credited"]


def test_dynamic_programming_agrees_with_walking_every_path(demo):
    walked = list(graph.paths(demo))
    assert demo.measures.worst == min(path.total for path in walked)
    assert demo.measures.best == max(path.total for path in walked)
    lengths = {len(path.steps) for path in walked}
    assert demo.measures.scenes == (min(lengths), max(lengths))
    for place, (key, _name) in enumerate(demo.dimensions):
        totals = [graph.totals_after(demo, path.steps)[key] for path in walked]
        assert demo.measures.ranges[place] == (min(totals), max(totals))


def test_dynamic_programming_agrees_with_walking_where_choices_have_conditions():
    nodes = (
        Node("n1", "หนึ่ง", (choice("a", "n2", 3), choice("b", "n3", -1))),
        Node("n2", "สอง", (choice("a", "n3", 1), choice("b", "n3", -2))),
        Node(
            "n3",
            "สาม",
            (
                choice("a", "e1", 5, "care >= 4 and visited:n2"),
                choice("b", "e2", 1),
                choice("c", "e2", -4, "not visited:n2 or care >= 1"),
            ),
        ),
    )
    found = scenario(nodes=nodes)
    walked = list(graph.paths(found))
    assert {str(p) for p in walked} == {
        "n1a>n2a>n3a>e1", "n1a>n2a>n3b>e2", "n1a>n2a>n3c>e2",
        "n1a>n2b>n3b>e2", "n1a>n2b>n3c>e2", "n1b>n3b>e2", "n1b>n3c>e2",
    }  # fmt: skip
    assert found.measures.paths == len(walked)
    assert (found.measures.worst, found.measures.best) == (
        min(p.total for p in walked), max(p.total for p in walked),
    )  # fmt: skip
    assert problems(found) == []


def test_a_short_bad_path_cannot_score_100(demo):
    scores = {str(path): path.score for path in graph.paths(demo)}
    assert scores["n1a>n2a>e3"] < 5


def test_a_scenario_whose_paths_are_all_worth_the_same_has_no_score():
    assert graph.score_of(3, 3, 3) is None


def test_ten_thousand_paths_and_more_are_measured_without_walking_them():
    nodes = tuple(
        Node(f"n{i}", "ฉาก", (choice("a", f"n{i + 1}", 1), choice("b", f"n{i + 1}", -1)))
        for i in range(1, 20)
    )
    last = Node("n20", "ฉาก", (choice("a", "e1", 1), choice("b", "e2", -1)))
    found = scenario(nodes=(*nodes, last))
    assert found.measures.paths == 2**20
    assert (found.measures.worst, found.measures.best) == (-20, 20)
    assert len(list(graph.paths(found))) == graph.MOST_PATHS


def test_an_ending_reached_by_two_hundred_scenes_is_measured():
    nodes = tuple(
        Node(f"n{i}", "ฉาก", (choice("a", f"n{i + 1}", 1), choice("b", "e2", -1)))
        for i in range(1, 200)
    )
    last = Node("n200", "ฉาก", (choice("a", "e1", 1), choice("b", "e2", -1)))
    assert scenario(nodes=(*nodes, last)).measures.scenes == (1, 200)


@pytest.mark.parametrize(
    "changes",
    [
        {"reflection": ()},
        {"nodes": (Node("n1", "ฉาก", (choice("a", "e1"), choice("b", "e2"))),)},
        {"endings": (Ending("e1", "best", "จบ", "บท"),)},
        {"start": "nowhere"},
    ],
    ids=["no reflection", "one decision", "ending missing", "no start"],
)
def test_too_little_to_do_accounts_for_no_minutes(changes):
    assert graph.evidence(scenario()) > 0
    assert graph.evidence(scenario(**changes)) == 0


def test_a_scene_where_only_one_choice_is_offered_is_not_a_decision():
    nodes = (
        Node("n1", "ฉากแรก", (choice("a", "n2", 1), choice("b", "n2", -1))),
        Node(
            "n2",
            "ฉากที่สอง",
            (choice("a", "e1", 1, "care >= 0"), choice("b", "e2", -1, "not care >= 0")),
        ),
    )
    found = scenario(nodes=nodes)
    assert found.measures.decisions == (1, 1)
    assert graph.evidence(found) == 0


# -- What keeps a scenario from being offered ---------------------------------------------------


def test_the_demo_scenario_is_fine(demo):
    assert problems(demo) == []
    assert problems(demo, "en") == []


def test_a_choice_that_leads_nowhere_is_named_in_both_languages(db):
    item = course_item()
    item["nodes"][3]["choices"][1]["to"] = "n9"
    found = kind.content(page_of(item=item))
    assert "Scene n4, choice b leads to “n9”, which does not exist." in problems(found, "en")
    assert problems(found, "th") != []


def node2(**changes):
    base = {
        "id": "n2",
        "text": "ฉากที่สอง",
        "choices": (choice("a", "e1", 1), choice("b", "e2", -1)),
    }
    return Node(**base | changes)


N1 = Node("n1", "ฉากแรก", (choice("a", "n2", 1), choice("b", "n2", -1)))

REFUSED = {
    "no role": ({"your_role": ""}, "Say who the learner is"),
    "no scenes": ({"nodes": ()}, "Write the first scene"),
    "no start": ({"start": ""}, "Name the scene where everybody begins"),
    "unknown start": ({"start": "n7"}, "The first scene is said to be “n7”"),
    "too many scenes": (
        {"nodes": tuple(node2(id=f"n{i}") for i in range(1, 202))},
        "There are 201 scenes; at most 200",
    ),
    "plays": ({"attempts_max": 1}, "2 plays are required, but only 1 allowed"),
    "unnamed dimension": ({"dimensions": (("care", ""),)}, "Dimension “care” has no name"),
    "id": ({"nodes": (N1, node2(), node2(id="ฉาก"))}, "give it an id of Latin letters"),
    "same id twice": ({"nodes": (N1, node2(), node2())}, "Scene “n2” is there twice"),
    "scene and ending": (
        {"endings": (Ending("n2", "best", "จบ", "บท"), Ending("e2", "poor", "จบ", "บท"))},
        "“n2” is both a scene and an ending",
    ),
    "scene without text": ({"nodes": (N1, node2(text=""))}, "Scene n2 has no text"),
    "picture without words": (
        {"nodes": (N1, node2(image=1))},
        "Scene n2: describe the picture",
    ),
    "dead end": ({"nodes": (N1, node2(choices=()))}, "Scene n2 is a dead end"),
    "one choice": (
        {"nodes": (N1, node2(choices=(choice("a", "e1"),)))},
        "Scene n2 has 1 choice; there must be two to four",
    ),
    "five choices": (
        {"nodes": (N1, node2(choices=tuple(choice(c, "e1", i) for i, c in enumerate("abcde"))))},
        "Scene n2 has 5 choices",
    ),
    "nothing to decide": (
        {"nodes": (N1, node2(choices=(choice("a", "e1"), choice("b", "e1"))))},
        "Scene n2: all choices lead to the same place",
    ),
    "same choice twice": (
        {"nodes": (N1, node2(choices=(choice("a", "e1"), choice("a", "e2"))))},
        "Scene n2, choice a is there twice",
    ),
    "same words": (
        {
            "nodes": (
                N1,
                node2(choices=(choice("a", "e1"), replace(choice("b", "e2"), text="ทำอย่าง  a!"))),
            )
        },
        "Scene n2: choices a and b say the same",
    ),
    "choice without id": (
        {"nodes": (N1, node2(choices=(choice("a", "e1"), choice("", "e2"))))},
        "Scene n2, choice 2: give it an id",
    ),
    "choice without text": (
        {"nodes": (N1, node2(choices=(choice("a", "e1"), replace(choice("b", "e2"), text=""))))},
        "Scene n2, choice b has no text",
    ),
    "choice without feedback": (
        {
            "nodes": (
                N1,
                node2(choices=(choice("a", "e1"), replace(choice("b", "e2"), feedback=""))),
            )
        },
        "Scene n2, choice b has no feedback",
    ),
    "choice without target": (
        {"nodes": (N1, node2(choices=(choice("a", "e1"), choice("b", ""))))},
        "Scene n2, choice b leads nowhere",
    ),
    "unknown dimension": (
        {
            "nodes": (
                N1,
                node2(choices=(choice("a", "e1"), choice("b", "e2", 1, dimension="speed"))),
            )
        },
        "Scene n2, choice b gives points for “speed”",
    ),
    "unreadable condition": (
        {"nodes": (N1, node2(choices=(choice("a", "e1"), choice("b", "e2", 0, "care > 2"))))},
        "Scene n2, choice b: the condition cannot be read. At character 6",
    ),
    "condition on an unknown dimension": (
        {
            "nodes": (
                N1,
                node2(choices=(choice("a", "e1"), choice("b", "e2", 0, "speed >= 0 or care >= 0"))),
            )
        },
        "Scene n2, choice b: the condition speaks of “speed”",
    ),
    "condition on an unknown scene": (
        {
            "nodes": (
                N1,
                node2(choices=(choice("a", "e1"), choice("b", "e2", 0, "not visited:n8"))),
            )
        },
        "Scene n2, choice b: the condition speaks of “n8”",
    ),
    "no choice left": (
        {
            "nodes": (
                N1,
                node2(
                    choices=(
                        choice("a", "e1", 0, "care >= 1"),
                        choice("b", "e2", 0, "care >= 1"),
                    )
                ),
            )
        },
        "Scene n2: on some paths the conditions leave no choice",
    ),
    "never offered": (
        {"nodes": (N1, node2(choices=(*node2().choices, choice("c", "e2", 3, "care >= 9"))))},
        "Scene n2, choice c is never offered",
    ),
    "circle": (
        {"nodes": (N1, node2(choices=(choice("a", "n1"), choice("b", "e2"))))},
        "The scenes go round in a circle: n1 → n2 → n1",
    ),
    "island": (
        {"nodes": (N1, node2(), node2(id="n3"))},
        "Scene n3 cannot be reached",
    ),
    "ending never reached": (
        {"nodes": (N1, node2(choices=(choice("a", "e1"), choice("b", "e1", 2))))},
        "Ending e2 cannot be reached",
    ),
    "one decision": (
        {"nodes": (Node("n1", "ฉาก", (choice("a", "e1"), choice("b", "e2"))),)},
        "The shortest path has 1 decision; at least two",
    ),
    "equal endings": (
        {"endings": (Ending("e1", "best", "จบ", "บท"), Ending("e2", "best", "จบ", "บท"))},
        "Write at least two endings of different quality",
    ),
    "ending without text": (
        {"endings": (Ending("e1", "best", "", "บท"), Ending("e2", "poor", "จบ", "บท"))},
        "Ending e1 has no text",
    ),
    "ending without lesson": (
        {"endings": (Ending("e1", "best", "จบ", ""), Ending("e2", "poor", "จบ", "บท"))},
        "Ending e1 has no lesson",
    ),
    "ending without quality": (
        {"endings": (Ending("e1", "", "จบ", "บท"), Ending("e2", "poor", "จบ", "บท"))},
        "Ending e1: choose its quality",
    ),
    "no reflection": ({"reflection": ()}, "Ask at least one question"),
    "question without text": (
        {"reflection": (Question("q1", "", 100),)},
        "Question q1 has no text",
    ),
    "question without length": (
        {"reflection": (Question("q1", "อะไร", 0),)},
        "Question q1: say how many characters",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_together_is_said_with_the_scene_and_the_choice(case):
    changes, expected = REFUSED[case]
    found = problems(scenario(**changes), "en")
    assert any(expected in message for message in found), found
    assert len(problems(scenario(**changes), "th")) == len(found)


def test_the_plain_scenario_of_these_tests_is_fine():
    assert problems(scenario()) == []


def test_endings_of_one_quality_by_way_of_conditions_are_found():
    nodes = (N1, node2(choices=(choice("a", "e1", 1), choice("b", "e1", 2))))
    assert "All paths end equally well" in " ".join(problems(scenario(nodes=nodes), "en"))


def test_conditions_with_too_many_cases_are_refused_and_not_worked_out_for_ever():
    nodes = [
        Node(
            f"n{i}",
            "ฉาก",
            (choice("a", f"n{i + 1}", 3**i), choice("b", f"n{i + 1}", -(3**i))),
        )
        for i in range(1, 30)
    ]
    nodes.append(Node("n30", "ฉาก", (choice("a", "e1", 0, "care >= 0"), choice("b", "e2"))))
    found = scenario(nodes=tuple(nodes))
    assert "too many cases" in " ".join(problems(found, "en"))
    assert graph.evidence(found) == 0


def test_an_empty_page_is_a_list_of_problems_and_never_an_error(db):
    page = page_of(your_role="", start="", nodes=[], endings=[], reflection=[], dimensions=[])
    assert kind.problems(page)
    assert kind.ceiling(page) == 0
    assert kind.paths_table(page) == ([], 0)


def test_the_paths_table_lists_every_path_with_its_score(db):
    rows, count = kind.paths_table(page_of())
    assert count == len(rows) == 8
    assert {(tuple(row["steps"]), row["total"], row["score"]) for row in rows} >= {
        (("n1 b", "n3 a"), 11, "100.00"),
        (("n1 c", "n4 a", "n2 a"), -10, "0.00"),
    }


def test_two_scenarios_of_the_same_scenes_are_the_same_task(db):
    one, other = page_of(), page_of(attempts_max=9)
    assert kind.fingerprint(one) == kind.fingerprint(other) != ""
    other.your_role = "ท่านคือผู้อื่น"
    assert kind.fingerprint(one) != kind.fingerprint(other)
