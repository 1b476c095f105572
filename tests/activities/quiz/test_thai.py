"""The sentences in which a learner is refused, in Thai."""

import pytest

from .taking import hand_in, learner_in, look, refusal, right_answers, wrong_answers

pytestmark = pytest.mark.django_db


def test_open_questions_are_listed():
    answers = right_answers()
    del answers["question-q3"], answers["question-q4"]
    error, html = refusal(learner_in(), answers, language="th")
    assert error.message == "ยังไม่ได้ตอบ 2 ข้อ ท่านจะกลับไปตอบ หรือส่งทั้งที่ยังไม่ครบก็ได้"
    assert "ข้อที่ 3 ยังไม่มีคำตอบ" in html


def test_impossible_answers_are_refused_at_the_question():
    answers = right_answers() | {"question-q1": ["c", "a"], "question-q2": ["z"]}
    error, _html = refusal(learner_in(), answers, language="th")
    assert error.fields == {
        "question-q1": "กรุณาเลือกเพียงข้อเดียว",
        "question-q2": "กรุณาเลือกจากคำตอบที่แสดงไว้",
    }


def test_handing_in_twice_and_running_out_of_attempts():
    learner = learner_in(attempts_max=1)
    hand_in(learner, wrong_answers())
    twice, _html = refusal(learner, right_answers(), 1, language="th")
    assert "ส่งไปแล้ว" in twice.message
    out, _html = refusal(learner, right_answers(), 2, language="th")
    assert out.message == "ท่านใช้สิทธิ์ทำแบบทดสอบครบแล้ว ผู้สอนให้สิทธิ์เพิ่มแก่ท่านได้"
    html = look(learner)
    assert "ยังไม่ผ่าน" in html and "หัวข้อที่ควรทบทวน" in html
