"""The formula: weights, categories, what is dropped, what is missing, and rounding."""

import random
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from courses.grades.reckon import Score, five_places, letter, mark, passed, reckon, shown
from courses.grades.scheme import (
    DEFAULT,
    CategoryRule,
    ItemRule,
    Scheme,
    eases,
    from_json,
    to_json,
)

D = Decimal


def scores(**values) -> dict:
    return {key: Score(D(str(value))) for key, value in values.items()}


def test_every_scored_item_counts_equally_by_default():
    found = reckon(DEFAULT, ["a", "b", "c"], scores(a=80, b=90, c=100))
    assert (found.value, found.pending) == (D("90.00000"), 0)


def test_weights():
    scheme = Scheme(items={"a": ItemRule(D(3)), "b": ItemRule(D(1)), "c": ItemRule(D(0))})
    found = reckon(scheme, ["a", "b", "c"], scores(a=80, b=100, c=1))
    assert found.value == D(85)
    assert found.parts == {"a": "counted", "b": "counted", "c": "left_out"}


def test_what_has_no_score_yet_is_left_out():
    found = reckon(DEFAULT, ["a", "b"], scores(a=60))
    assert (found.value, found.pending, found.parts["b"]) == (D(60), 1, "pending")


def test_nothing_has_no_grade():
    assert reckon(DEFAULT, ["a"], {}).value is None
    assert reckon(DEFAULT, [], {}).value is None


def test_what_is_missing_counts_as_nothing_once_it_is_closed_and_only_then():
    scheme = Scheme(missing="zero")
    assert reckon(scheme, ["a", "b"], scores(a=60)).value == D(60)
    found = reckon(scheme, ["a", "b"], scores(a=60), closed={"b"})
    assert (found.value, found.pending, found.parts["b"]) == (D(30), 0, "closed")
    assert reckon(DEFAULT, ["a", "b"], scores(a=60), closed={"b"}).value == D(60)


def test_who_is_excused_is_reckoned_without_the_item():
    found = reckon(
        Scheme(missing="zero", items={"b": ItemRule(D(9))}),
        ["a", "b"],
        {**scores(a=70), "b": Score(excused=True)},
        closed={"b"},
    )
    assert (found.value, found.pending, found.parts["b"]) == (D(70), 0, "excused")


def test_a_category_drops_its_lowest_but_never_its_last():
    scheme = Scheme(
        categories=(CategoryRule("c", {"en": "Talk"}, D(40), drop=2),),
        items={k: ItemRule(D(1), "c") for k in "abc"} | {"z": ItemRule(D(60))},
    )
    found = reckon(scheme, ["a", "b", "c", "z"], scores(a=10, b=20, c=90, z=50))
    assert found.value == D(66)  # (40 × 90 + 60 × 50) / 100
    assert [found.parts[k] for k in "abc"] == ["dropped", "dropped", "counted"]
    only = reckon(scheme, ["a", "b", "c", "z"], scores(a=10))
    assert (only.value, only.parts["a"]) == (D(10), "counted")


def test_a_category_without_scores_gives_its_weight_to_the_others():
    scheme = Scheme(
        categories=(CategoryRule("c", {}, D(40)), CategoryRule("d", {}, D(60))),
        items={"a": ItemRule(D(1), "c"), "b": ItemRule(D(1), "d")},
    )
    assert reckon(scheme, ["a", "b"], scores(a=55)).value == D(55)


def test_rounded_once_half_up_and_exactly():
    assert reckon(DEFAULT, ["a", "b", "c"], scores(a=0, b=0, c=1)).value == D("0.33333")
    assert reckon(DEFAULT, ["a", "b", "c"], scores(a=0, b=1, c=1)).value == D("0.66667")
    assert five_places(Fraction(1, 200_000)) == D("0.00001")


def test_the_same_as_a_plain_reckoning_for_many_random_courses():
    chance = random.Random(6)
    for _n in range(300):
        names = [str(n) for n in range(chance.randint(1, 8))]
        weights = {n: D(chance.randint(1, 300)) / 10 for n in names}
        values = {n: D(chance.randint(0, 10_000_000)) / 100_000 for n in names}
        scheme = Scheme(items={n: ItemRule(weights[n]) for n in names})
        exact = sum(Fraction(weights[n]) * Fraction(values[n]) for n in names) / sum(
            Fraction(w) for w in weights.values()
        )
        expected = (D(exact.numerator) / D(exact.denominator)).quantize(
            D("0.00001"), rounding=ROUND_HALF_UP
        )
        found = reckon(scheme, names, {n: Score(v) for n, v in values.items()}).value
        assert abs(found - expected) <= D("0.00001")
        assert 0 <= found <= 100


@pytest.mark.parametrize(
    "value, expected",
    [("59.99999", "59.99"), ("60", "60"), ("100", "100"), ("7.5", "7.5"), ("0", "0")],
)
def test_a_grade_below_the_mark_never_looks_like_a_pass(value, expected):
    assert shown(D(value)) == expected
    assert passed(Scheme(pass_mark=D(60)), D(value)) is (D(value) >= 60)


def test_scales():
    assert [letter(D(n)) for n in (100, 80, 79, 70, 65, 60, 55, 50, 49, 0)] == [
        "A", "A", "B+", "B", "C+", "C", "D+", "D", "F", "F",
    ]  # fmt: skip
    assert mark(Scheme(scale="letters"), D(71)) == "B"
    assert mark(Scheme(scale="pass", pass_mark=D(60)), D("59.9")) == "fail"
    assert mark(Scheme(scale="pass", pass_mark=D(60)), D(60)) == "pass"
    assert mark(DEFAULT, D(60)) == mark(DEFAULT, None) == ""


def test_rules_survive_storage():
    scheme = Scheme(
        missing="zero",
        scale="letters",
        pass_mark=D("62.5"),
        categories=(CategoryRule("c1", {"th": "อภิปราย", "en": "Talk"}, D("33.3"), 1),),
        items={"a": ItemRule(D("0.5"), "c1", D(50)), "b": ItemRule(D(0))},
    )
    assert from_json(to_json(scheme)) == scheme
    assert from_json({}) == DEFAULT


BASE = Scheme(
    pass_mark=D(60),
    categories=(CategoryRule("c", {}, D(1), 1),),
    items={"a": ItemRule(D(2), "c", D(50))},
)


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, True),
        ({"pass_mark": D(50)}, True),
        ({"pass_mark": None}, True),
        ({"pass_mark": D(61)}, False),
        ({"missing": "zero"}, False),
        ({"items": {"a": ItemRule(D(2), "c")}}, True),
        ({"items": {"a": ItemRule(D(2), "c", D(51))}}, False),
        ({"items": {"a": ItemRule(D(1), "c", D(50))}}, False),
        ({"items": {**BASE.items, "b": ItemRule(pass_mark=D(1))}}, False),
        ({"categories": (CategoryRule("c", {}, D(1), 2),)}, True),
        ({"categories": (CategoryRule("c", {}, D(1), 0),)}, False),
        ({"categories": (CategoryRule("c", {}, D(2), 1),)}, False),
        ({"categories": ()}, False),
        ({"scale": "letters"}, True),
    ],
)
def test_what_eases(changes, expected):
    from dataclasses import replace

    assert eases(BASE, replace(BASE, **changes)) is expected
