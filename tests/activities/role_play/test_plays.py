"""Playing a scenario: one scene at a time, nothing twice, nothing given away."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.utils import timezone, translation

from activities.core.enums import AttemptState, State
from activities.core.errors import Refused, TransitionNotAllowed
from activities.core.models import Attempt, Draft, Event, Participation
from activities.core.record import save_draft
from activities.role_play import plays
from activities.role_play.plays import Phase
from tests.factories.items import version_of, visit_of
from tests.factories.people import UserFactory

from .playing import (
    ANSWERS,
    begin,
    choose,
    course_item,
    form,
    kind,
    learner_in,
    look,
    page_of,
    play,
    refusal,
    send,
)

pytestmark = pytest.mark.django_db
PATHS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))[
    "solo_branching"
]["paths"]


@pytest.fixture
def learner():
    return learner_in()


def fresh(participation) -> Participation:
    return Participation.objects.select_related("version").get(pk=participation.pk)


def phase(participation, now=None) -> Phase:
    found = fresh(participation)
    return plays.standing_of(found, found.version.rules, now).phase


def reflect(participation, **answers):
    return send(participation, "reflect", "reflection", **{**ANSWERS, **answers})


def done(participation):
    play(participation, "n1b n3a")
    play(participation, "n1a n2b", number=2)
    return reflect(participation)


# -- One scene at a time ------------------------------------------------------------------------


def test_before_the_first_play_the_learner_reads_the_role_and_what_is_asked(learner):
    html = look(learner, language="en")
    assert "Arunee" in html
    assert "Play the scenario twice" in html
    assert 'value="begin"' in html
    assert fresh(learner).attempts.count() == 0


def test_a_scene_shows_its_choices_in_order_as_buttons_of_one_form(learner):
    begin(learner)
    html = look(learner)
    assert html.count("<form") == 1
    places = [html.index(f'name="choice" value="{c}"') for c in "abc"]
    assert places == sorted(places)
    assert [html.index(f">{m}</span>") for m in "กขค"] == sorted(
        html.index(f">{m}</span>") for m in "กขค"
    )
    assert html.count('type="submit"') == 3


def test_the_markers_are_latin_letters_in_english(learner):
    begin(learner)
    html = look(learner, language="en")
    assert ">A</span>" in html and ">ก</span>" not in html


def texts_of(item, language="th") -> dict[str, str]:
    """Every text of the scenario by where it stands."""
    found = {}
    for node in item["nodes"]:
        found[node["id"]] = node["text"][language]
        for choice in node["choices"]:
            found[node["id"] + choice["id"]] = choice["text"][language]
            found[node["id"] + choice["id"] + "!"] = choice["feedback"][language]
    for ending in item["endings"]:
        found[ending["id"]] = ending["text"][language]
        found[ending["id"] + "!"] = ending["lesson"][language]
    return found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["th", "en"])
def test_no_text_of_a_branch_that_was_not_taken_ever_reaches_the_browser(path, language):
    learner, texts = learner_in(), texts_of(course_item(), language)
    *steps, ending = path.split(">")
    own: set[str] = set()  # choices made, and what followed from them
    only(look(learner, language=language), texts, set())
    begin(learner)
    for number, step in enumerate(steps):
        node, taken = step[:-1], step[-1]
        offered = {key for key in texts if key[:2] == node and len(key) == 3}
        html = look(learner, language=language)
        assert texts[node] in unescape(html)
        only(html, texts, own | {node} | offered)
        choose(learner, node, taken, step=number, language=language)
        own |= {step, step + "!"}
        if number + 1 < len(steps):
            only(look(learner, f"scene-{number + 1}", language=language), texts, own | {node})
    for at in ("", "play-1"):
        html = look(learner, at, language=language)
        assert all(texts[key] in unescape(html) for key in own | {ending, ending + "!"})
        only(html, texts, own | {ending, ending + "!"})


def only(html: str, texts: dict[str, str], allowed: set[str]) -> None:
    """Of the scenario's texts at most the allowed ones are in the HTML."""
    there = {key for key, text in texts.items() if text in unescape(html)}
    assert there <= allowed, there - allowed


def test_the_feedback_of_a_choice_stands_above_the_next_scene(learner):
    begin(learner)
    choose(learner, "n1", "b")
    html = look(learner)
    assert "ใช้เวลาเพียงไม่กี่นาที" in html
    assert html.index('role="status"') < html.index("scene-card")


def test_the_feedback_waits_for_the_ending_where_the_author_wants_that():
    learner = learner_in(show_feedback="end")
    begin(learner)
    choose(learner, "n1", "b")
    assert "ใช้เวลาเพียงไม่กี่นาที" not in look(learner) + look(learner, "scene-1")
    choose(learner, "n3", "a", step=1)
    assert "ใช้เวลาเพียงไม่กี่นาที" in look(learner)


def test_the_length_is_only_told_when_every_path_is_as_long(learner):
    begin(learner)
    assert "Scene 1 of" not in look(learner, language="en")
    item = course_item()
    # Without the detour by n4 every path of the scenario has two scenes.
    item["nodes"][0]["choices"].pop(2)
    item["nodes"].pop(3)
    even = learner_in(version_of(page_of(item=item), en=page_of("en", item=item)))
    begin(even)
    assert "Scene 1 of 2" in look(even, language="en")


def test_the_own_markup_of_a_scene_is_small(learner):
    begin(learner)
    choose(learner, "n1", "c")
    html = look(learner)
    texts = course_item()
    for node in texts["nodes"]:
        html = html.replace(node["text"]["th"], "")
    assert len(html.encode()) < 4_500


def test_the_english_scene_is_the_same_scene(learner):
    begin(learner)
    choose(learner, "n1", "c", language="en")
    assert "The sender answers at once" in look(learner, language="en")
    assert "ผู้ส่งตอบกลับทันที" in look(learner, language="th")


def test_a_text_that_is_missing_in_the_translation_is_told_in_the_source_language():
    item = course_item()
    english = page_of("en", item=item)
    english.nodes = []
    learner = learner_in(version_of(page_of(item=item), en=english))
    begin(learner, language="en")
    html = look(learner, language="en")
    assert "เวลา 16.10 น." in html and "ส่งไฟล์ให้ทันที" in html


# -- Compare and set ----------------------------------------------------------------------------


def test_the_same_choice_sent_twice_counts_once_and_answers_409_with_the_current_scene(learner):
    begin(learner)
    choose(learner, "n1", "b")
    error, html = refusal(learner, "choose", attempt="1", node="n1", choice="b", step="0")
    assert error.status == 409
    assert "อีก 2 กลุ่มงานก็ได้รับอีเมลแบบเดียวกัน" in html
    assert fresh(learner).attempts.get().step == 1
    assert Event.objects.filter(kind="choice_made").count() == 1


@pytest.mark.parametrize(
    "stale",
    [
        {"attempt": "2", "node": "n3", "choice": "a", "step": "1"},
        {"attempt": "1", "node": "n1", "choice": "a", "step": "1"},
        {"attempt": "1", "node": "n3", "choice": "a", "step": "0"},
        {"attempt": "1", "node": "n3", "choice": "a", "step": "2"},
        {"attempt": "", "node": "", "choice": "", "step": ""},
        {"attempt": "x", "node": "n3", "choice": "a", "step": "1"},
    ],
)
def test_a_choice_from_another_place_is_refused_and_changes_nothing(learner, stale):
    begin(learner)
    choose(learner, "n1", "b")
    error, html = refusal(learner, "choose", language="en", **stale)
    assert (error.status, error.code) == (409, "stale")
    assert "You are here now" in error.message
    assert 'name="step" value="1"' in html
    assert fresh(learner).attempts.get().data["path"][-1][:2] == ["n1", "b"]


@pytest.mark.parametrize("choice", ["", "d", "z9", "A"])
def test_a_choice_that_is_not_offered_is_refused_with_422(learner, choice):
    begin(learner)
    error, html = refusal(
        learner, "choose", language="en", attempt="1", node="n1", choice=choice, step="0"
    )
    assert error.status == 422
    assert "not offered here" in html and 'href="#choice"' in html
    assert fresh(learner).attempts.get().step == 0


def test_two_requests_that_read_the_same_step_cannot_both_write(learner):
    begin(learner)
    both = [
        plays.standing_of(fresh(learner), fresh(learner).version.rules) for _request in range(2)
    ]
    plays.choose(both[0], "1", "n1", "a", "0")
    with pytest.raises(Refused) as caught:
        plays.choose(both[1], "1", "n1", "b", "0")
    assert caught.value.status == 409
    assert fresh(learner).attempts.get().data["path"][0][:2] == ["n1", "a"]


def test_a_choice_after_the_ending_is_refused(learner):
    play(learner, "n1b n3a")
    error, html = refusal(learner, "choose", attempt="1", node="n3", choice="b", step="1")
    assert error.status == 409
    assert "ไม่มีข้อมูลรั่วไหล" in html


def test_a_play_is_begun_once_however_often_the_button_is_pressed(learner):
    begin(learner)
    error, _html = refusal(learner, "begin", attempt="1")
    assert error.status == 409
    error, _html = refusal(learner, "begin", attempt="2")
    assert error.status == 409
    assert fresh(learner).attempts.count() == 1


def test_a_condition_is_checked_on_the_server_whatever_the_browser_sends():
    item = course_item()
    item["nodes"][2]["choices"][0]["condition"] = "visited:n4"
    item["nodes"][2]["choices"].append(
        {**item["nodes"][2]["choices"][1], "id": "c", "text": {"th": "รอก่อน", "en": "Wait"}}
    )
    learner = learner_in(version_of(page_of(item=item), en=page_of("en", item=item)))
    begin(learner)
    choose(learner, "n1", "b")
    assert 'value="a"' not in look(learner)
    assert "แจ้งศูนย์เทคโนโลยีสารสนเทศตามช่องทาง" not in look(learner)
    error, _html = refusal(learner, "choose", attempt="1", node="n3", choice="a", step="1")
    assert error.status == 422
    other = learner_in(learner.version)
    begin(other)
    choose(other, "n1", "c")
    choose(other, "n4", "b", step=1)
    assert 'value="a"' in look(other)


def test_an_unknown_action_is_refused(learner):
    error, _html = refusal(learner, "undo", language="en")
    assert error.status == 400


# -- Leaving, coming back, looking back ---------------------------------------------------------


def test_a_learner_comes_back_to_the_exact_scene(learner):
    begin(learner)
    choose(learner, "n1", "c")
    choose(learner, "n4", "b", step=1)
    html = look(learner)
    assert 'name="node" value="n3"' in html and 'name="step" value="2"' in html
    found = fresh(learner)
    assert found.state == State.IN_PROGRESS
    with translation.override("en"):
        assert kind.next_step(found).label == "Go on with scene 3"


def test_a_past_scene_is_for_reading_only(learner):
    begin(learner)
    choose(learner, "n1", "c")
    html = look(learner, "scene-1", language="en")
    assert "Most urgent" in html
    assert "<button" not in html and "<form" not in html
    assert "You chose “Reply to that e-mail" in html
    assert 'href="/th/learn/course/item/"' in html


@pytest.mark.parametrize("step", ["scene-0", "scene-3", "scene-99", "play-1", "nowhere", "play-0"])
def test_a_step_that_is_not_there_is_404(learner, step):
    begin(learner)
    choose(learner, "n1", "c")
    with pytest.raises(Refused) as caught:
        look(learner, step)
    assert caught.value.status == 404


def test_after_thirty_days_the_play_is_still_there(learner):
    begin(learner)
    choose(learner, "n1", "b")
    later = timezone.now() + timedelta(days=30, minutes=1)
    assert phase(learner, later - timedelta(days=2)) == Phase.PLAYING
    assert phase(learner, later) == Phase.ABANDONED
    assert "Welcome back" in look(learner, language="en", now=later)
    choose(learner, "n3", "a", step=1, now=later)
    assert phase(learner, later) == Phase.ENDING


def test_times_of_choices_are_kept(learner):
    now = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    begin(learner, now=now)
    choose(learner, "n1", "b", now=now)
    assert datetime.fromisoformat(fresh(learner).attempts.get().data["path"][0][2]) == now


# -- The ending ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "score"), PATHS.items())
def test_the_server_scores_each_path_on_the_common_ruler(learner, path, score):
    *steps, ending = path.split(">")
    play(learner, " ".join(steps))
    attempt = fresh(learner).attempts.get()
    assert attempt.state == AttemptState.FINISHED
    assert attempt.data["ending"] == ending
    assert attempt.score == Decimal(str(score)).quantize(Decimal("0.00001"))
    assert fresh(learner).score == attempt.score


def test_the_ending_tells_lesson_path_and_scores(learner):
    play(learner, "n1b n3b")
    html = unescape(look(learner, language="en"))
    assert "Recovered in time" in html
    assert "Anyone can make a mistake" in html
    assert "You chose “Call the Deputy DG's office" in html
    assert "What followed: Good intention" in html
    assert "Score 71 of 100" in html
    # Safety reaches from −4 (n1a n2a, n4a n2a) to 4; this path has 1: 62.5, rounded half up.
    assert "Data safety" in html and ">63</meter>" in html


def test_how_many_choices_were_not_tried_is_said_and_not_which(learner):
    play(learner, "n1b n3b")
    html = look(learner, language="en")
    assert "There are 3 more choices that you have not tried" in html
    assert "ยังมีอีก" not in html


def test_the_best_play_counts(learner):
    play(learner, "n1b n3a")
    play(learner, "n1a n2a", number=2)
    assert fresh(learner).score == Decimal("100")


# -- The second play ----------------------------------------------------------------------------


def test_the_second_play_is_announced_before_it_begins(learner):
    play(learner, "n1b n3a")
    html = look(learner, language="en")
    assert "choose differently at least once" in html
    assert "You have 3 plays left" in html
    assert phase(learner) == Phase.ENDING
    assert "to_reflection" not in html


def test_an_identical_second_play_counts_as_played_but_another_is_needed(learner):
    play(learner, "n1b n3a")
    play(learner, "n1b n3a", number=2)
    html = look(learner, language="en")
    assert "exactly the same path as before" in html
    assert "You have 2 plays left" in html
    with pytest.raises(Refused) as caught:
        look(learner, "reflection", language="en")
    error = caught.value
    assert error.status == 409 and "choosing differently" in error.message
    play(learner, "n1b n3b", number=3)
    assert "to_reflection" in look(learner)


def test_one_different_choice_is_enough(learner):
    play(learner, "n1b n3a")
    play(learner, "n1b n3b", number=2)
    send(learner, "to_reflection")
    assert phase(learner) == Phase.REFLECTING


def test_whoever_used_all_plays_on_one_path_is_told_and_not_left_alone(learner):
    for number in range(1, 5):
        play(learner, "n1b n3a", number)
    found = fresh(learner)
    assert found.state == State.NEEDS_ATTENTION
    assert "Your instructor sees this" in look(learner, language="en")
    error, _html = refusal(learner, "begin", attempt="5", language="en")
    assert error.status == 409 and "Your instructor can grant" in error.message
    with translation.override("en"):
        assert "Ask your instructor" in kind.next_step(found).label


def test_without_a_limit_one_may_play_as_often_as_one_likes():
    learner = learner_in(attempts_max=0)
    for number in range(1, 7):
        play(learner, "n1b n3a", number)
    html = look(learner, language="en")
    assert 'name="attempt" value="7"' in html
    assert "left" not in html


def test_reflecting_before_both_plays_is_refused(learner):
    play(learner, "n1b n3a")
    with pytest.raises(Refused) as caught:
        send(learner, "to_reflection")
    assert caught.value.status == 409
    with pytest.raises(Refused) as caught:
        reflect(learner)
    assert caught.value.status == 409
    assert not fresh(learner).completed


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_transition_that_is_not_in_the_table_is_refused_with_the_names_of_both(learner, language):
    with pytest.raises(TransitionNotAllowed) as caught:
        send(learner, "to_reflection", language=language)
    assert caught.value.status == 409
    with translation.override(language):
        assert str(Phase.REFLECTING.label) in caught.value.message
        assert str(Phase.NOT_STARTED.label) in caught.value.message


def test_every_transition_of_the_table_starts_and_ends_in_a_phase():
    assert {phase for pair in plays.TRANSITIONS for phase in pair} == set(Phase)


# -- Reflecting, completing ---------------------------------------------------------------------


@pytest.fixture
def played(learner):
    play(learner, "n1b n3a")
    play(learner, "n1a n2b", number=2)
    return learner


def test_the_questions_stand_beside_the_own_paths(played):
    html = unescape(look(played, "reflection", language="en"))
    assert "What did you decide in your first run" in html
    assert "Call the Deputy DG's office" in html and "Send the file at once" in html
    assert 'name="draft_form" value="reflection"' in html


def test_alone_a_learner_completes_everything(learner):
    outcome = done(learner)
    found = fresh(learner)
    assert found.state == State.COMPLETED and found.progress == 100
    assert found.completed_at is not None and found.score == Decimal("100")
    assert outcome.message
    assert kind.next_step(found) is None
    html = unescape(look(learner, language="en"))
    assert "You have completed this role-play" in html
    assert ANSWERS["answer-q1"][:40] in html


REFLECTIONS = {
    "empty": ({"answer-q1": "  "}, "answer-q1", "Please write something first."),
    "short": ({"answer-q1": "ก ข ค ง" * 10}, "answer-q1", "At least 250 characters (now 40)."),
    "not filler": ({"answer-q1": "ก" * 400}, "answer-q1", "At least 250 characters (now 1)."),
    "long": (
        {"answer-q1": ANSWERS["answer-q1"] * 60},
        "answer-q1",
        "At most 10000 characters",
    ),
    "the question": (
        {"answer-q2": "ที่หน่วยงานของท่าน ช่องทางแจ้งเหตุคือช่องทางใด ถ้ายังไม่ทราบ ท่านจะหาคำตอบจากใคร " * 5},
        "answer-q2",
        "This repeats the question",
    ),
    "the question in the other language": (
        {
            "answer-q2": "What is the incident channel in your agency? If you do not know, whom will you ask? "
            * 5
        },
        "answer-q2",
        "This repeats the question",
    ),
    "the other answer": (
        {"answer-q2": ANSWERS["answer-q1"] + " ค่ะ"},
        "answer-q2",
        "This repeats your other answer",
    ),
}


@pytest.mark.parametrize("case", REFLECTIONS)
def test_an_answer_that_does_not_do_is_refused_at_its_field_and_kept(played, case):
    changed, name, message = REFLECTIONS[case]
    fields = {**ANSWERS, **changed}
    error, html = refusal(played, "reflect", "reflection", language="en", **fields)
    assert error.status == 422
    assert message in error.fields[name]
    assert set(error.fields) == {name}
    assert f'href="#{name}"' in html and f'id="{name}-error"' in html
    assert fields["answer-q1"].strip()[:60] in unescape(html)
    assert not fresh(played).completed


def test_both_answers_are_looked_at_before_refusing(played):
    error, _html = refusal(played, "reflect", "reflection", language="en", **{"answer-q1": "x"})
    assert set(error.fields) == {"answer-q1", "answer-q2"}
    assert error.message == "2 answers need more work."


def test_the_minimum_counts_characters_that_say_something(played):
    with pytest.raises(Refused):
        reflect(played, **{"answer-q1": "- . " * 400})


def test_a_draft_is_shown_again_and_gone_after_handing_in(played):
    save_draft(fresh(played), "reflection", {"answer-q1": "ร่างที่ยังเขียนไม่จบ"})
    html = look(played, "reflection", language="en")
    assert "ร่างที่ยังเขียนไม่จบ" in html and "Your draft is kept" in html
    reflect(played)
    assert not Draft.objects.exists()


def test_answers_can_be_changed_after_completion(learner):
    done(learner)
    first = fresh(learner).completed_at
    longer = ANSWERS["answer-q2"] + " ทั้งนี้จะเสนอให้หัวหน้ากลุ่มทบทวนรายชื่อผู้ติดต่อทุกไตรมาสด้วย"
    reflect(learner, **{"answer-q2": longer})
    found = fresh(learner)
    assert found.data["reflections"]["q2"] == longer
    assert found.completed_at == first
    with pytest.raises(Refused):
        reflect(learner, **{"answer-q2": "สั้น"})
    assert fresh(learner).data["reflections"]["q2"] == longer


def test_another_path_after_completion_keeps_the_completion(learner):
    play(learner, "n1a n2a")
    play(learner, "n1a n2b", number=2)
    reflect(learner)
    before = fresh(learner)
    assert "Try another path" in look(learner, language="en")
    begin(learner, 3)
    assert fresh(learner).state == State.COMPLETED
    choose(learner, "n1", "b", play=3)
    outcome = choose(learner, "n3", "a", play=3, step=1)
    assert outcome.step == "play-3"
    after = fresh(learner)
    assert after.completed_at == before.completed_at and after.state == State.COMPLETED
    assert before.score < after.score == Decimal("100")
    assert "Back to your result" in look(learner, "play-3", language="en")
    assert phase(learner) == Phase.COMPLETE


def test_after_the_last_play_no_other_is_offered(learner):
    done(learner)
    play(learner, "n1b n3b", 3)
    play(learner, "n1c n4a n2a", 4)
    assert "begin" not in look(learner)
    error, _html = refusal(learner, "begin", attempt="5", language="en")
    assert error.status == 409


def test_progress_grows_and_is_never_100_before_the_end(learner):
    seen = [fresh(learner).progress]
    for number, path in enumerate(["n1b n3a", "n1a n2b"], start=1):
        begin(learner, number)
        for step, token in enumerate(path.split()):
            choose(learner, token[:-1], token[-1], play=number, step=step)
            seen.append(fresh(learner).progress)
    assert seen == sorted(seen) and 0 < seen[-1] < 100
    assert seen[-1] == 66


def test_one_play_is_enough_where_the_author_says_so():
    learner = learner_in(attempts_required=1)
    play(learner, "n1b n3a")
    reflect(learner)
    assert fresh(learner).completed


def test_a_play_goes_on_with_the_version_on_which_it_was_begun(learner):
    begin(learner)
    choose(learner, "n1", "b")
    changed = course_item()
    changed["nodes"][2]["text"]["th"] = "ฉากใหม่ที่ผู้เขียนแก้ภายหลัง"
    newer = version_of(page_of(item=changed))
    Participation.objects.filter(pk=learner.pk).update(version=newer)
    assert "ฉากใหม่ที่ผู้เขียนแก้ภายหลัง" not in look(learner)
    choose(learner, "n3", "a", step=1)
    assert "ไม่มีข้อมูลรั่วไหล" in look(learner)


def test_a_screen_costs_few_queries_however_many_plays(learner, django_assert_num_queries):
    done(learner)
    play(learner, "n1b n3b", 3)
    look(learner)
    visit = visit_of(fresh(learner))
    with django_assert_num_queries(1):
        kind.screen(visit, "")


def test_what_comes_next_costs_no_query(learner, django_assert_num_queries):
    play(learner, "n1b n3a")
    found = fresh(learner)
    kind.next_step(found)
    with django_assert_num_queries(0), translation.override("en"):
        step = kind.next_step(found)
    assert step.label == "Play again, choosing differently" and step.minutes == 4


def test_the_next_step_after_both_plays_is_to_write(played):
    with translation.override("en"):
        step = kind.next_step(fresh(played))
    assert (step.label, step.step, step.minutes) == (
        "Write down what you learned",
        "reflection",
        13,
    )


# -- People -------------------------------------------------------------------------------------


def test_an_export_holds_paths_and_reflections(learner):
    done(learner)
    [found] = kind.personal_data(learner.user)["role_plays"]
    assert [step[:2] for step in found["plays"][0]["path"]] == [["n1", "b"], ["n3", "a"]]
    assert found["reflections"]["q1"] == ANSWERS["answer-q1"]
    assert json.dumps(found)
    assert kind.personal_data(UserFactory()) == {}


def test_erasing_forgets_what_was_written_and_keeps_the_completion(learner):
    done(learner)
    other = learner_in(learner.version)
    begin(other)
    save_draft(fresh(learner), "reflection", {"answer-q1": "ร่าง"})
    kind.erase(learner.user)
    found = fresh(learner)
    assert found.data == {} and found.completed
    assert Attempt.objects.filter(participation=found).count() == 0
    assert not Draft.objects.exists()
    assert Attempt.objects.filter(participation=other).count() == 1
    assert look(learner)


def test_a_form_field_of_a_list_is_not_a_crash(learner):
    begin(learner)
    visit = visit_of(fresh(learner))
    data = form(attempt=["1", "1"], node="n1", choice=["a", "b"], step="0")
    kind.handle(visit, "", "choose", data, {})
    assert fresh(learner).attempts.get().data["path"][0][1] == "b"
