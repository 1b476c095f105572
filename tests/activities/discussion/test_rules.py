"""Numbers: ceilings, groups, points, what counts as substance, what looks personal."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from activities.core import substance
from activities.core.personal import is_thai_id, seems_personal
from activities.discussion.checkpoints import counted_replies, score
from activities.discussion.enums import Stage
from activities.discussion.evidence import ceiling
from activities.discussion.groups import group_sizes
from activities.discussion.machine import TRANSITIONS, path

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS["substantive"], ids=lambda v: v["text"][:15])
def test_only_letters_marks_and_digits_count(vector):
    assert substance.normalise(vector["text"]) == vector["normalised"]
    assert substance.length(vector["text"]) == vector["length"]


@pytest.mark.parametrize("vector", VECTORS["substantive_copy"], ids=lambda v: str(v["copied"]))
def test_a_copy_is_told_from_a_text_on_the_same_subject(vector):
    assert round(substance.containment(vector["a"], vector["b"]), 5) == vector["containment"]
    assert substance.copied_from(vector["a"], [vector["b"]]) is vector["copied"]


@pytest.mark.parametrize(
    "vector", VECTORS["discussion_checkpoints"], ids=lambda v: str(v["expected"])
)
def test_points_with_partial_credit(vector):
    assert score(
        tuple(vector["points"]),
        initial=Decimal(int(vector["initial"])),
        replies=vector["valid_replies"],
        required=vector["required"],
        synthesis=vector["synthesis"],
        late_initial=Decimal(str(vector["late_initial_factor"])),
        late_replies=Decimal(str(vector["late_reply_factor"])),
    ) == Decimal(str(vector["expected"]))


def test_points_for_what_is_not_asked_go_to_the_answer():
    nothing = {"replies": 0, "synthesis": False}
    assert score((50, 30, 20), initial=Decimal(1), required=0, **nothing) == 80
    assert (
        score((50, 30, 20), initial=Decimal(1), required=0, synthesis_asked=False, **nothing) == 100
    )


@pytest.mark.parametrize("vector", VECTORS["discussion_groups"], ids=lambda v: str(v["n"]))
def test_groups_differ_by_one_person_at_most(vector):
    assert group_sizes(vector["n"], vector["target"]) == vector["expected"]


def test_nobody_makes_no_group():
    assert group_sizes(0, 6) == []


@pytest.mark.parametrize("vector", VECTORS["ceilings"], ids=lambda v: v["activity"])
def test_ceilings_of_the_demo_discussions(vector):
    settings = {k: v for k, v in vector.items() if k not in ("activity", "prompts", "expected")}
    assert ceiling(vector["prompts"], **settings) == vector["expected"]


def test_nothing_verifiable_earns_no_minutes():
    asked = {
        "min_chars_initial": 600,
        "peers_to_read": 4,
        "required_replies": 2,
        "min_chars_reply": 200,
        "min_chars_synthesis": 200,
    }
    long_enough = "กขคงจฉชซฌญ" * 8
    assert ceiling([long_enough], **asked) > 0
    assert ceiling([], **asked) == 0
    assert ceiling([long_enough[:79]], **asked) == 0
    assert ceiling([long_enough[:79] + " ." * 40], **asked) == 0
    assert ceiling([long_enough, "อภิปราย"], **asked) == 0
    assert ceiling([long_enough], **{**asked, "required_replies": 0, "min_chars_synthesis": 0}) == 0


@pytest.mark.parametrize(
    ("authors", "required", "distinct", "counted"),
    [
        ("ab", 2, 2, 2),
        ("aa", 2, 2, 1),
        ("aa", 2, 1, 2),
        ("aab", 2, 2, 2),
        ("", 2, 2, 0),
        ("abc", 2, 2, 2),
        ("a", 0, 0, 0),
    ],
)
def test_a_second_reply_to_the_same_person_does_not_stand_for_another(
    authors, required, distinct, counted
):
    assert counted_replies(authors, required, distinct) == counted


@pytest.mark.parametrize("number", ["1101700230708", "3100602345679"])
def test_a_check_digit_decides_whether_thirteen_digits_are_an_identification_number(number):
    right = next(d for d in "0123456789" if is_thai_id(number[:12] + d))
    wrong = str((int(right) + 1) % 10)
    assert seems_personal(f"เลขประจำตัว {number[:12]}{right} ค่ะ")
    assert not seems_personal(f"เลขที่ใบสำคัญ {number[:12]}{wrong} ค่ะ")


@pytest.mark.parametrize(
    "text",
    [
        "โทร 081-234-5678",
        "โทร 0812345678",
        "+66 81 234 5678",
        "สำนักงาน 02-123-4567",
        "โทร ๐๘๑-๒๓๔-๕๖๗๘",
        "1-1017-00230-70-8",
    ],
)
def test_telephone_and_identification_numbers_are_noticed_however_they_are_written(text):
    assert seems_personal(text)


@pytest.mark.parametrize(
    "text",
    ["งบประมาณ 1,250,000 บาท", "ปี 2569 มี 21 จาก 60 ราย", "เลขที่หนังสือ 1234567890123456", "ร้อยละ 0.5"],
)
def test_ordinary_numbers_raise_no_warning(text):
    assert not seems_personal(text)


def test_no_way_leads_back_behind_the_wall():
    assert all(end != Stage.LOCKED for _start, end in TRANSITIONS)
    assert path(Stage.LOCKED, Stage.COMPLETE) == [Stage.POSTED, Stage.COMPLETE]
    assert path(Stage.REPLYING, Stage.REPLYING) == []
