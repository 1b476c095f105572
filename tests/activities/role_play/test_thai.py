"""The sentences in which a learner or an author is refused, in Thai."""

import pytest
from django.utils import translation

from activities.core.errors import Refused
from activities.role_play.plays import Phase

from .playing import (
    ANSWERS,
    begin,
    choose,
    course_item,
    kind,
    learner_in,
    look,
    page_of,
    play,
    refusal,
    send,
)

pytestmark = pytest.mark.django_db


def test_a_choice_that_leads_nowhere_is_named_with_scene_and_choice():
    item = course_item()
    item["nodes"][3]["choices"][1]["to"] = "n9"
    with translation.override("th"):
        found = kind.problems(page_of(item=item))
    assert "จุด n4 ทางเลือก b ชี้ไปยัง «n9» ซึ่งไม่มีอยู่" in found


def test_an_answer_that_is_too_short_says_how_long_it_is_now():
    learner = learner_in()
    play(learner, "n1b n3a")
    play(learner, "n1b n3b", 2)
    fields = ANSWERS | {"answer-q1": "ก ข ค ง" * 10, "answer-q2": ""}
    error, html = refusal(learner, "reflect", "reflection", **fields)
    assert error.message == "มีคำตอบ 2 ข้อที่ต้องปรับแก้"
    assert error.fields == {
        "answer-q1": "ต้องมีเนื้อหาอย่างน้อย 250 ตัวอักษร (ขณะนี้ 40)",
        "answer-q2": "กรุณาพิมพ์ข้อความก่อนส่ง",
    }
    assert all(message in html for message in error.fields.values())


def test_a_transition_that_is_not_allowed_names_both_states():
    with pytest.raises(Refused) as caught:
        send(learner_in(), "to_reflection")
    assert caught.value.message == (
        f"ไม่สามารถเปลี่ยนสถานะจาก «{translated(Phase.NOT_STARTED)}» "
        f"เป็น «{translated(Phase.REFLECTING)}» ได้"
    )


def translated(phase) -> str:
    with translation.override("th"):
        return str(phase.label)


def test_what_is_out_of_date_or_not_offered_is_said_politely():
    learner = learner_in()
    begin(learner)
    choose(learner, "n1", "b")
    stale, _html = refusal(learner, "choose", attempt="1", node="n1", choice="b", step="0")
    assert "ขณะนี้ท่านอยู่ที่ฉากนี้" in stale.message
    wrong, _html = refusal(learner, "choose", attempt="1", node="n3", choice="z", step="1")
    assert wrong.fields == {"choice": "กรุณาเลือกหนึ่งทางเลือก"}


def test_a_learner_reads_scene_play_and_path_in_thai():
    learner = learner_in()
    begin(learner)
    choose(learner, "n1", "b")
    html = look(learner)
    assert "ฉากที่ 2" in html and "ครั้งที่ 1 จาก 2" in html and "บันทึกแล้ว" in html
    assert "ท่านจะทำอย่างไร" in html
    choose(learner, "n3", "a", step=1)
    html = look(learner)
    assert "ท่านเลือก “โทรศัพท์ไปที่หน้าห้อง" in html and "ผลคือ ดีมาก" in html
    assert "ยังมีอีก 3 ทางเลือกที่ไม่ได้ลอง" in html
