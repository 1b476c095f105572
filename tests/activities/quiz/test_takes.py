"""Taking a quiz: all questions on one page, nothing given away before handing in."""

import json
from decimal import Decimal
from html import unescape

import pytest
from django.test import RequestFactory
from django.utils import translation

from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Attempt, Draft, Participation
from activities.core.record import save_draft
from activities.quiz import takes
from tests.factories.items import version_of, visit_of
from tests.factories.people import UserFactory

from .taking import (
    course_item,
    fresh,
    hand_in,
    kind,
    learner_in,
    look,
    page_of,
    refusal,
    right_answers,
    wrong_answers,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner():
    return learner_in()


# -- Before handing in --------------------------------------------------------------------------


def test_all_questions_are_fieldsets_of_one_form(learner):
    html = look(learner)
    assert html.count("<form") == 1
    assert html.count("<fieldset") == html.count("<legend") == 10
    assert html.count('type="radio"') == 31 and html.count('type="checkbox"') == 8
    assert 'name="draft_form" value="attempt-1"' in html


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_html_before_handing_in_is_the_same_whichever_answers_are_right(learner, language):
    turned = course_item()
    for question in turned["questions"]:
        flags = [choice["correct"] for choice in question["choices"]]
        for choice, flag in zip(question["choices"], flags[1:] + flags[:1], strict=True):
            choice["correct"] = flag
    other = learner_in(version_of(page_of(item=turned), en=page_of("en", item=turned)))
    assert right_answers(turned) != right_answers()
    html = look(learner, language=language)
    assert html == look(other, language=language)
    assert "correct" not in html
    for question in course_item()["questions"]:
        assert question["explanation"][language] not in unescape(html)


def test_looking_writes_nothing(learner):
    look(learner)
    look(learner, "try")
    assert not Attempt.objects.exists()


def test_what_was_chosen_is_kept_as_a_draft(learner):
    save_draft(fresh(learner), "attempt-1", {"question-q1": "c", "question-q5": ["a", "d"]})
    html = look(learner, language="en")
    assert html.count(" checked") == 3
    assert "Your answers so far are kept" in html
    hand_in(learner, right_answers())
    assert not Draft.objects.exists()
    assert " checked" not in look(learner, "try")


def test_a_text_that_is_missing_in_the_translation_is_told_in_the_source_language():
    english = page_of("en")
    english.questions = []
    learner = learner_in(version_of(page_of(), en=english))
    assert course_item()["questions"][0]["text"]["th"] in unescape(look(learner, language="en"))


# -- Handing in ---------------------------------------------------------------------------------


def test_all_right_is_100_and_completes(learner):
    outcome = hand_in(learner, right_answers())
    found = fresh(learner)
    assert outcome.step == "attempt-1"
    assert found.score == Decimal(100)
    assert found.state == State.COMPLETED and found.progress == 100
    html = look(learner, "attempt-1", language="en")
    assert "Passed" in html and "100 of 100" in html
    assert kind.next_step(found) is None


def test_the_server_scores_exactly(learner):
    answers = right_answers() | {"question-q5": ["a"], "question-q8": ["a", "b"]}
    hand_in(learner, answers)
    # 8 points, one third for q5, (1 − 1)/3 for q8: 83.3333… of 100.
    assert fresh(learner).score == Decimal("83.33333")
    attempt = Attempt.objects.get()
    assert attempt.data["points"]["q5"] == "1/3" and attempt.data["points"]["q8"] == "0"


def test_not_passing_says_what_to_read_again_and_offers_another_try(learner):
    hand_in(learner, wrong_answers())
    found = fresh(learner)
    assert found.state == State.IN_PROGRESS and not found.completed
    assert found.score == 0
    html = unescape(look(learner, language="en"))
    assert "Not passed yet" in html and "Worth reading again" in html
    assert 'href="#question-1">Question 1</a>' in html and 'id="question-1"' in html
    assert course_item()["questions"][0]["explanation"]["en"] in html
    assert 'href="/th/learn/course/item/try/"' in html
    with translation.override("en"):
        assert kind.next_step(found).label == "Take the quiz again"


def test_a_score_just_below_the_pass_mark_is_not_shown_as_the_pass_mark():
    item = course_item()
    item["questions"] = item["questions"][:3] + item["questions"][4:5]
    learner = learner_in(
        version_of(page_of(item=item, pass_mark=34), en=page_of("en", item=item, pass_mark=34))
    )
    wrong = wrong_answers(item)
    hand_in(learner, wrong | {"question-q1": ["c"], "question-q5": ["a"]})
    html = look(learner, language="en")
    assert "33.33 of 100" in html and "Not passed yet" in html


def test_the_right_answers_are_named_only_once_the_quiz_is_passed(learner):
    answers = right_answers() | {"question-q1": ["a"]}
    right = course_item()["questions"][0]["choices"][2]["text"]["en"]
    hand_in(learner, wrong_answers())
    assert right not in unescape(look(learner, language="en"))
    hand_in(learner, answers, 2)
    assert right in unescape(look(learner, language="en"))


def test_a_topic_of_the_author_is_named_instead_of_the_question():
    item = course_item()
    item["questions"][0]["topic"] = {"th": "บทที่ 1", "en": "Lesson 1: why digital"}
    learner = learner_in(version_of(page_of(item=item), en=page_of("en", item=item)))
    hand_in(learner, right_answers() | {"question-q1": ["a"]})
    assert "<li>Lesson 1: why digital</li>" in look(learner, language="en")


def test_the_best_attempt_counts_and_completion_stays(learner):
    hand_in(learner, right_answers())
    first = fresh(learner).completed_at
    hand_in(learner, wrong_answers(), 2)
    found = fresh(learner)
    assert found.score == Decimal(100)
    assert found.completed_at == first and found.state == State.COMPLETED
    html = look(learner, language="en")
    assert "Not passed this time; your best attempt counts" in html
    assert "Attempt 1: 100 of 100" in html


# -- Refusals -----------------------------------------------------------------------------------


def test_questions_left_open_are_listed_once_and_nothing_is_lost(learner):
    answers = right_answers()
    del answers["question-q3"], answers["question-q8"]
    error, html = refusal(learner, answers)
    assert (error.status, error.code) == (422, "unanswered")
    assert "2 questions have no answer yet" in html
    assert 'href="#question-q3"' in html and "Question 8 has no answer yet" in html
    assert html.count(" checked") == 10
    assert 'name="confirm" value="1"' in html
    assert not Attempt.objects.exists()
    hand_in(learner, answers, confirm=True)
    assert fresh(learner).score == Decimal(80)


def test_the_button_to_hand_in_all_the_same_is_not_there_before(learner):
    assert 'name="confirm"' not in look(learner)


def test_one_open_question_is_spoken_of_in_the_singular(learner):
    answers = right_answers()
    del answers["question-q3"]
    error, _html = refusal(learner, answers)
    assert error.message.startswith("1 question has no answer yet. Answer it")
    assert set(error.fields) == {"question-q3"}


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"question-q1": ["z"]}, "Choose from the answers shown."),
        ({"question-q1": ["c", "a"]}, "Choose one answer only."),
        ({"question-q5": ["a", "<b>"]}, "Choose from the answers shown."),
    ],
)
def test_an_answer_that_is_not_possible_is_refused(learner, answers, message):
    error, html = refusal(learner, right_answers() | answers)
    assert error.status == 422
    assert list(error.fields.values()) == [message]
    assert message in html and "<b>" not in html
    assert not Attempt.objects.exists()


def test_the_same_form_sent_twice_counts_once(learner):
    hand_in(learner, wrong_answers())
    error, html = refusal(learner, right_answers(), 1)
    assert (error.status, error.code) == (409, "stale")
    assert "handed in already" in html
    assert fresh(learner).attempts.count() == 1
    assert html.count(" checked") == 14  # what was chosen is still there


def test_the_same_answers_sent_twice_lead_to_their_result(learner):
    first = hand_in(learner, wrong_answers())
    again = hand_in(learner, wrong_answers())
    assert first == again
    assert again.step == "attempt-1"
    assert fresh(learner).attempts.count() == 1


def test_what_another_window_left_of_an_attempt_goes_with_the_next(learner):
    hand_in(learner, wrong_answers())
    save_draft(fresh(learner), "attempt-1", right_answers())
    hand_in(learner, right_answers(), 2)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "0", "7"])
def test_a_form_of_another_attempt_is_refused(learner, number):
    error, _html = refusal(learner, right_answers(), number)
    assert error.status == 409


def test_an_unknown_action_is_refused(learner):
    error, _html = refusal(learner, {}, action="peek")
    assert error.status == 400


@pytest.mark.parametrize("step", ["attempt-1", "attempt-0", "answers"])
def test_a_step_that_is_not_there_is_404(learner, step):
    with pytest.raises(Refused) as caught:
        look(learner, step)
    assert caught.value.status == 404


# -- A limit of attempts ------------------------------------------------------------------------


@pytest.fixture
def used_up():
    learner = learner_in(attempts_max=2)
    hand_in(learner, wrong_answers())
    hand_in(learner, wrong_answers(), 2)
    return learner


def test_the_attempts_that_are_left_are_told():
    learner = learner_in(attempts_max=2)
    assert "You have 2 attempts left" in look(learner, language="en")
    hand_in(learner, wrong_answers())
    assert "This is your last attempt" in look(learner, "try", language="en")


def test_whoever_has_used_all_attempts_is_told_what_happens_next(used_up):
    found = fresh(used_up)
    assert found.state == State.NEEDS_ATTENTION
    for step in ("", "try"):
        html = look(used_up, step, language="en")
        assert "Your instructor can grant you another one" in html
        assert "<form" not in html
    error, html = refusal(used_up, right_answers(), 3)
    assert (error.status, error.code) == (409, "no_attempts_left")
    with translation.override("en"):
        assert "Ask your instructor" in kind.next_step(found).label


def test_passing_with_the_last_attempt_completes():
    learner = learner_in(attempts_max=1)
    hand_in(learner, right_answers())
    assert fresh(learner).state == State.COMPLETED
    assert "try/" not in look(learner)


def test_without_a_limit_one_may_try_as_often_as_one_needs(learner):
    for number in range(1, 8):
        hand_in(learner, wrong_answers(), number)
    assert fresh(learner).state == State.IN_PROGRESS
    hand_in(learner, right_answers(), 8)
    assert fresh(learner).completed


def test_a_granted_attempt_can_be_taken_and_passed(used_up):
    takes.grant(fresh(used_up), UserFactory())
    assert fresh(used_up).state == State.IN_PROGRESS
    hand_in(used_up, right_answers(), 3)
    assert fresh(used_up).completed


# -- Version, cost, preview ---------------------------------------------------------------------


def test_a_result_is_told_by_the_version_that_was_taken(learner):
    hand_in(learner, wrong_answers())
    changed = course_item()
    changed["questions"][0]["text"]["th"] = "คำถามที่แก้ภายหลัง"
    newer = version_of(page_of(item=changed))
    Participation.objects.filter(pk=learner.pk).update(version=newer)
    assert "คำถามที่แก้ภายหลัง" not in look(learner, "attempt-1")


def test_a_result_costs_one_query_however_many_attempts(learner, django_assert_num_queries):
    for number in range(1, 6):
        hand_in(learner, wrong_answers(), number)
    look(learner)
    visit = visit_of(fresh(learner))
    with django_assert_num_queries(1):
        kind.screen(visit, "")


@pytest.mark.parametrize("changes", [{}, {"questions": []}])
def test_the_preview_shows_the_form_and_what_is_missing(changes):
    request = RequestFactory().get("/")
    request.user = UserFactory()
    with translation.override("en"):
        html = kind.preview(page_of("en", **changes), request).content.decode()
    assert "<form" in html
    assert ("Before this can be offered" in html) is bool(changes)
    assert not Participation.objects.exists()


# -- People -------------------------------------------------------------------------------------


def test_an_export_holds_the_answers(learner):
    hand_in(learner, right_answers())
    [found] = kind.personal_data(learner.user)["quizzes"]
    assert found["attempts"][0]["answers"]["q1"] == ["c"]
    assert json.dumps(found)
    assert kind.personal_data(UserFactory()) == {}


def test_erasing_forgets_the_answers_and_keeps_that_it_was_passed(learner):
    hand_in(learner, right_answers())
    save_draft(fresh(learner), "attempt-2", {"question-q1": "a"})
    other = learner_in(learner.version)
    hand_in(other, wrong_answers())
    kind.erase(learner.user)
    found = fresh(learner)
    assert found.completed and found.data == {}
    assert found.attempts.count() == 0 and not Draft.objects.exists()
    assert fresh(other).attempts.count() == 1
    assert look(learner)
