"""Points of answers, and what keeps a quiz from being offered."""

from dataclasses import replace
from fractions import Fraction

import pytest
from django.utils import translation

from activities.core.course_file import CourseFileError
from activities.quiz import questions
from activities.quiz.course_file import from_course_file
from activities.quiz.questions import Answer, Question, Quiz, in_order

from .taking import course_item, kind, page_of


def question(right="ab", of="abcd", kind="multiple", **changes) -> Question:
    answers = tuple(Answer(key, f"คำตอบ {key}", key in right) for key in of)
    return replace(Question("q1", kind, "ข้อใด", answers, "เพราะ"), **changes)


@pytest.mark.parametrize(
    ("chosen", "points"),
    [("a", 1), ("b", 0), ("", 0), ("ab", 0)],
)
def test_one_right_answer_is_worth_a_point(chosen, points):
    assert question("a", kind="single").points(chosen) == points


@pytest.mark.parametrize(
    ("chosen", "points"),
    [
        ("ab", Fraction(1)),
        ("a", Fraction(1, 2)),
        ("ac", Fraction(0)),
        ("abc", Fraction(1, 2)),
        ("abcd", Fraction(0)),
        ("cd", Fraction(0)),
        ("", Fraction(0)),
    ],
)
def test_several_answers_are_worth_right_minus_wrong_and_never_less_than_nothing(chosen, points):
    assert question().points(chosen) == points


def test_thirds_add_up_exactly():
    q = question("abc")
    quiz = Quiz("", tuple(replace(q, key=f"q{n}") for n in range(3)), 100)
    score = quiz.score({"q0": ["a"], "q1": ["a"], "q2": ["a"]})
    assert score == Fraction(100, 3)
    assert quiz.score({f"q{n}": list("abc") for n in range(3)}) == 100


def test_the_pass_mark_itself_passes():
    quiz = Quiz("", tuple(question("a", kind="single", key=f"q{n}") for n in range(5)), 60)
    three = quiz.score({f"q{n}": ["a"] for n in range(3)})
    assert three == 60 and quiz.passes(three)
    assert not quiz.passes(quiz.score({"q0": ["a"], "q1": ["a"]}))


def test_shuffling_is_the_same_each_time_one_looks_and_differs_between_attempts():
    quiz = Quiz("", (question(of="abcdefgh"),), 60, shuffle_choices=True)
    orders = [[a.key for a in in_order(quiz.questions[0], quiz, f"seat-{n}")] for n in range(5)]
    again = [[a.key for a in in_order(quiz.questions[0], quiz, f"seat-{n}")] for n in range(5)]
    assert orders == again
    assert len({tuple(order) for order in orders}) > 1
    assert all(sorted(order) == list("abcdefgh") for order in orders)
    plain = replace(quiz, shuffle_choices=False)
    assert [a.key for a in in_order(quiz.questions[0], plain, "x")] == list("abcdefgh")


def quiz(*found, **changes) -> Quiz:
    return replace(Quiz("", found or (question(),), 60), **changes)


PROBLEMS = {
    "no questions": (Quiz("", (), 60), "Write at least one question"),
    "pass mark": (quiz(pass_mark=0), "between 1 and 100"),
    "pass mark above": (quiz(pass_mark=101), "between 1 and 100"),
    "twice": (quiz(question(), question()), "Question key “q1” is there twice"),
    "key": (quiz(question(key="คำถาม")), "Question 1: give it a key"),
    "text": (quiz(question(text="")), "Question 1 has no text"),
    "one answer": (quiz(question("a", "a")), "Question 1 needs at least two answers"),
    "nine answers": (quiz(question("a", "abcdefghi")), "more than eight"),
    "two right": (quiz(question("ab", kind="single")), "mark exactly one answer"),
    "none right": (quiz(question("")), "mark at least one answer"),
    "explanation": (quiz(question(explanation="")), "Question 1 has no explanation"),
    "answer key": (
        quiz(question(answers=(Answer("", "หนึ่ง", True), Answer("b", "สอง", False)))),
        "Question 1, answer 1: give it a key",
    ),
    "answer key twice": (
        quiz(question(answers=(Answer("a", "หนึ่ง", True), Answer("a", "สอง", False)))),
        "answer “a” is there twice",
    ),
    "answer text": (
        quiz(question(answers=(Answer("a", "", True), Answer("b", "สอง", False)))),
        "Question 1, answer 1 has no text",
    ),
    "same answers": (
        quiz(question(answers=(Answer("a", "สอง", True), Answer("b", "สอง", False)))),
        "two answers say the same",
    ),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_what_is_wrong_is_said_with_the_question(case):
    found, expected = PROBLEMS[case]
    with translation.override("en"):
        messages = questions.problems(found)
    assert any(expected in message for message in messages), messages
    with translation.override("th"):
        assert len(questions.problems(found)) == len(messages)


def test_the_demo_quiz_is_fine_and_counts_as_neither_listening_nor_doing(db):
    page = page_of()
    assert kind.problems(page) == []
    assert kind.minutes(page) == (0, 0, 15)


def test_an_empty_page_is_a_list_of_problems_and_never_an_error(db):
    assert kind.problems(page_of(questions=[]))


def test_a_quiz_of_the_course_file_keeps_its_limit_of_attempts():
    assert from_course_file(course_item(), "th")["attempts_max"] == 3
    item = course_item()
    del item["attempts_max"]
    assert from_course_file(item, "th")["attempts_max"] == 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda i: i.pop("questions"), ["questions"]),
        (lambda i: i.update(questions=[]), ["questions"]),
        (lambda i: i.update(questions={"q1": {}}), ["questions"]),
        (lambda i: i["questions"].append("q"), ["questions", 10]),
        (lambda i: i["questions"][0].update(kind="essay"), ["questions", 0, "kind"]),
        (lambda i: i["questions"][0]["text"].pop("en"), ["questions", 0, "text", "en"]),
        (lambda i: i["questions"][0].pop("explanation"), ["questions", 0, "explanation"]),
        (lambda i: i["questions"][0].pop("key"), ["questions", 0, "key"]),
        (
            lambda i: i["questions"][0]["choices"][1].update(correct="yes"),
            ["questions", 0, "choices", 1, "correct"],
        ),
        (
            lambda i: i["questions"][0]["choices"][1].update(correct=True),
            ["questions", 0, "choices"],
        ),
        (
            lambda i: [c.update(correct=False) for c in i["questions"][4]["choices"]],
            ["questions", 4, "choices"],
        ),
        (
            lambda i: i["questions"][0].update(choices=i["questions"][0]["choices"][2:3]),
            ["questions", 0, "choices"],
        ),
        (lambda i: i.update(pass_mark=101), ["pass_mark"]),
        (lambda i: i.update(attempts_max=-1), ["attempts_max"]),
        (lambda i: i.update(shuffle_choices="no"), ["shuffle_choices"]),
    ],
)
def test_what_is_wrong_in_a_course_file_is_named_by_its_path(change, path):
    item = course_item()
    change(item)
    with pytest.raises(CourseFileError) as caught:
        from_course_file(item, "en")
    assert caught.value.path == path
