"""When a text counts: vectors computed independently, in Thai."""

import json
from pathlib import Path

import pytest

from activities.core.substance import containment, copied_from, length, normalise

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["substantive"], ids=lambda case: case["text"][:20])
def test_what_counts_of_a_text(case):
    assert normalise(case["text"]) == case["normalised"]
    assert length(case["text"]) == case["length"]


@pytest.mark.parametrize("case", VECTORS["substantive_copy"], ids=lambda case: case["a"][:20])
def test_what_is_a_copy(case):
    assert containment(case["a"], case["b"]) == pytest.approx(case["containment"], abs=1e-5)
    assert copied_from(case["a"], [case["b"]]) is case["copied"]


def test_one_of_several_sources_is_enough_and_none_is_none():
    text = VECTORS["substantive_copy"][0]["b"]
    assert copied_from(text, ["อย่างอื่น", text])
    assert not copied_from(text, [])
    assert not copied_from("", [text])
    assert not copied_from("สั้น", ["สั้น"])


def test_the_same_letters_written_in_two_ways_count_the_same():
    assert normalise("cafe\u0301") == normalise("caf\u00e9")
    assert length("<b>กขค</b> <script>") == 3
