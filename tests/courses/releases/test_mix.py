"""The rule in integers, against vectors computed independently."""

import json
from pathlib import Path

import pytest
from django.utils.translation import override

from courses.releases.messages import blocked_message
from courses.releases.mix import Mix

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["ratio_gate"], ids=str)
def test_the_rule_and_the_shortest_fix(case):
    mix, expected = Mix(case["lecture"], case["active"], case["neutral"]), case["expected"]
    assert (mix.total, mix.passes) == (expected["total"], expected["passes"])
    if expected.get("reason") == "empty":
        return
    assert float(mix.lecture_percent) == expected["lecture_percent"]
    assert float(mix.active_percent) == expected["active_percent"]
    assert (mix.lecture_ok, mix.active_ok) == (expected["lecture_ok"], expected["active_ok"])
    assert mix.add_active == expected["add_active_minutes"]
    assert mix.cut_lecture == expected["or_cut_lecture_minutes"]


@pytest.mark.parametrize("case", VECTORS["course_gate"], ids=lambda case: case["course"])
def test_whole_courses(case):
    expected = case["expected"]
    mix = Mix(*(expected[f"{name}_minutes"] for name in ("lecture", "active", "neutral")))
    assert mix.total == expected["total_minutes"]
    assert float(mix.lecture_percent) == expected["lecture_percent"]
    assert float(mix.active_percent) == expected["active_percent"]
    assert mix.passes == expected["passes"]


def test_every_mix_passes_after_either_fix_and_not_with_a_minute_less():
    for lecture in range(0, 60, 7):
        for active in range(0, 60, 7):
            for neutral in range(0, 30, 6):
                mix = Mix(lecture, active, neutral)
                if mix.total == 0 or mix.passes:
                    continue
                assert Mix(lecture, active + mix.add_active, neutral).passes
                assert not Mix(lecture, active + mix.add_active - 1, neutral).passes
                # Cutting all of the lecture may not be enough where tests outweigh doing.
                if mix.cut_lecture <= lecture and lecture - mix.cut_lecture + active + neutral:
                    assert Mix(lecture - mix.cut_lecture, active, neutral).passes
                    assert not Mix(lecture - mix.cut_lecture + 1, active, neutral).passes


def test_a_site_may_raise_the_bar_and_never_lower_it(settings):
    settings.LMS_ACTIVE_SHARE_PERCENT = 50
    assert not Mix(60, 40).passes
    assert Mix(50, 50).passes
    settings.LMS_ACTIVE_SHARE_PERCENT = 10
    assert not Mix(61, 39).passes


def test_the_message_names_the_numbers_and_the_way_out():
    with override("en"):
        text = blocked_message(Mix(181, 120))
    for part in ("181", "60.13", "120", "39.87", "301", "at least 1 minutes of activity"):
        assert part in text
    assert text.endswith("Your draft has been saved.")
    with override("th"):
        assert "181" in blocked_message(Mix(181, 120))
        assert "Cannot publish" not in blocked_message(Mix(181, 120))
