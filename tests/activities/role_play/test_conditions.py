import pytest
from django.utils import translation

from activities.role_play.conditions import ConditionError, names_in, parse


@pytest.mark.parametrize(
    ("text", "totals", "visited", "holds"),
    [
        ("care >= 2", {"care": 2}, (), True),
        ("care >= 2", {"care": 1}, (), False),
        ("care ≥ -1", {"care": -1}, (), True),
        ("care>=2", {"care": 3}, (), True),
        ("unknown >= 0", {}, (), True),
        ("visited:n1", {}, ("n1",), True),
        ("visited : n1", {}, ("n2",), False),
        ("not visited:n1", {}, ("n2",), True),
        ("not not visited:n1", {}, ("n1",), True),
        # `and` binds before `or`, `not` before both.
        ("visited:a or visited:b and visited:c", {}, ("a",), True),
        ("(visited:a or visited:b) and visited:c", {}, ("a",), False),
        ("not visited:a and visited:b", {}, ("b",), True),
        ("not (visited:a and visited:b)", {}, ("b",), True),
        ("visited:n-1 and care_2 >= 1", {"care_2": 1}, ("n-1",), True),
    ],
)
def test_a_condition_holds_or_not(text, totals, visited, holds):
    assert parse(text).holds(totals, visited) is holds


def test_an_empty_condition_is_none():
    assert parse("") is None
    assert parse("   ") is None


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("care > 2", 6),
        ("care >= ", 8),
        ("care >= two", 9),
        ("care", 5),
        (">= 2", 1),
        ("care >= 2 care >= 3", 11),
        ("(care >= 2", 11),
        ("care >= 2)", 10),
        ("visited n1", 9),
        ("visited:", 9),
        ("visited:and", 9),
        ("care >= 2 and", 14),
        ("or care >= 2", 1),
        ("__import__('os')", 12),
        ("care >= 2; care", 10),
        ("ความใส่ใจ >= 2", 1),
    ],
)
def test_a_condition_that_cannot_be_read_names_the_position(text, position):
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert caught.value.position == position
    with translation.override("en"), pytest.raises(ConditionError) as caught:
        parse(text)
    assert f"At character {position}" in caught.value.message


def test_a_condition_that_is_too_long_is_refused():
    with pytest.raises(ConditionError):
        parse("(" * 301)


def test_deep_parentheses_are_read():
    assert parse("(" * 100 + "care >= 1" + ")" * 100).holds({"care": 1}, ())


def test_a_condition_knows_what_it_speaks_of():
    assert names_in(parse("a >= 1 and not (visited:n or b >= 2)")) == ({"a", "b"}, {"n"})
    assert names_in(None) == (set(), set())
