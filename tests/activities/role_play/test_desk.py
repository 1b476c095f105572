"""What an instructor sees of a scenario, and the one thing that is done there."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import translation

from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Event, Participation
from activities.role_play.choices_taken import held_back
from tests.factories.items import version_of
from tests.factories.people import UserFactory

from .playing import (
    ANSWERS,
    begin,
    choose,
    desk_html,
    desk_of,
    form,
    kind,
    learner_in,
    page_of,
    play,
    send,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """A version and a cohort in which learners meet."""
    return version_of(page_of(), en=page_of("en")), uuid.uuid4()


def join(run, **names):
    version, cohort = run
    return learner_in(version, cohort=cohort, user=UserFactory(**names))


def grant(learner, key=None, cohort=None, by=None):
    desk = desk_of(learner, user=by)
    desk.cohort = cohort or desk.cohort
    data = form(learner=str(learner.pk), key=str(key or uuid.uuid4()))
    with translation.override("en"), transaction.atomic():
        return kind.desk_handle(desk, "waiting", "grant", data, {})


def test_choices_are_counted_by_learner_and_endings_by_play(run):
    first, second = join(run), join(run)
    play(first, "n1a n2a")
    play(first, "n1a n2b", 2)
    play(second, "n1b n3a")
    begin(second, 2)
    choose(second, "n1", "c", play=2)
    context = kind.desk_screen(desk_of(first), "").context
    counts = {
        (scene["id"], place): choice["count"]
        for scene in context["scenes"]
        for place, choice in enumerate(scene["choices"])
    }
    assert counts["n1", 0] == 1  # twice, but by one learner
    assert counts["n1", 1] == counts["n1", 2] == 1
    assert [ending["count"] for ending in context["endings"]] == [1, 1, 1]
    assert {scene["id"]: scene["here"] for scene in context["scenes"]}["n4"] == 1
    assert (context["players"], context["finished"]) == (2, 3)


def test_the_wrong_step_that_most_took_is_named(run):
    learners = [join(run) for _n in range(10)]
    for learner in learners[:5]:
        play(learner, "n1c n4a n2b")
    for learner in learners[5:]:
        play(learner, "n1b n3a")
    html = desk_html(desk_of(learners[0], language="en"))
    assert "The step that went wrong most often" in html
    wrong = kind.desk_screen(desk_of(learners[0], language="en"), "").context["wrong"]
    assert wrong["choice"].startswith("Reply to that e-mail") and wrong["count"] == 5


def test_numbers_that_would_name_somebody_are_not_shown(run):
    for _n in range(4):
        play(join(run), "n1b n3a")
    desk = desk_of(join(run), language="en")
    few = desk_html(desk)
    assert few.count("not shown") > 2 and "<td>100.0</td>" not in few
    assert kind.desk_screen(desk, "").context["wrong"] is None
    play(join(run), "n1b n3a")
    enough = desk_html(desk)
    assert "<td>100.0</td>" in enough
    shown = kind.desk_screen(desk, "").context["scenes"][0]["choices"][1]
    assert (shown["count"], shown["average"]) == (5, "100.0")


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([0, 5, 9], [False, False, False]),
        ([4, 0, 0], [True, False, False]),
        ([3, 9, 6], [True, False, True]),
        ([3, 2, 6], [True, True, False]),
    ],
)
def test_a_hidden_number_cannot_be_reckoned_from_the_sum(counts, hidden):
    assert held_back(counts) == hidden


def test_where_plays_are_left_is_named_once_they_are_many(run):
    learners = [join(run) for _n in range(5)]
    for learner in learners:
        begin(learner, 1)
        choose(learner, "n1", "c")
    desk = desk_of(learners[0], language="en")
    assert kind.desk_screen(desk, "").context["stop"] is None
    desk.now += timedelta(days=31)
    assert kind.desk_screen(desk, "").context["stop"]["count"] == 5
    assert "Where most plays were left" in desk_html(desk)


def test_without_players_the_page_says_what_will_be_here(run):
    learner = join(run)
    html = desk_html(desk_of(learner, language="en"))
    assert "When learners have begun" in html
    assert "went wrong most often" not in html


def test_another_cohort_is_not_counted(run):
    learner, stranger = join(run), learner_in(run[0])
    play(stranger, "n1b n3a")
    assert kind.desk_screen(desk_of(learner), "").context["players"] == 0


def test_who_is_still_to_reflect_is_listed_by_name(run):
    names = {}
    for name, path in [("สมชาย", "n1b n3b"), ("มาลี", "n1b n3a")]:
        names[name] = join(run, first_name=name, last_name="ทดสอบ")
        play(names[name], "n1b n3a")
        play(names[name], path, 2)
    done = join(run, first_name="ประไพ", last_name="ทดสอบ")
    play(done, "n1b n3a")
    play(done, "n1b n3b", 2)
    send(done, "reflect", "reflection", **ANSWERS)
    html = desk_html(desk_of(done), "waiting")
    assert "สมชาย" in html
    assert "มาลี" not in html  # her second play was the same again
    assert "ประไพ" not in html


def test_reflections_stand_without_names(run):
    learner = join(run, first_name="ประไพ", last_name="ศรีสุข")
    play(learner, "n1b n3a")
    play(learner, "n1b n3b", 2)
    send(learner, "reflect", "reflection", **ANSWERS)
    html = desk_html(desk_of(learner), "reflections")
    assert ANSWERS["answer-q2"][:50] in html
    assert "ประไพ" not in html and learner.user.email not in html


def test_reflections_can_be_taken_along_without_names(run):
    for n, name in enumerate(("ประไพ", "สมชาย")):
        learner = join(run, first_name=name)
        play(learner, "n1b n3a")
        play(learner, "n1b n3b", 2)
        answers = ANSWERS | ({"answer-q1": f"={ANSWERS['answer-q1']}"} if n else {})
        send(learner, "reflect", "reflection", **answers)
    join(run)  # has written nothing
    with translation.override("th"):
        file = kind.desk_screen(desk_of(learner), "reflections-file")
    lines = b"".join(file.content).decode("utf-8-sig").splitlines()
    assert (file.name, len(lines)) == ("reflections.csv", 3)
    assert "ท่าน" in lines[0]
    assert ANSWERS["answer-q2"][:50] in lines[1]
    assert "'=" in lines[1] + lines[2]
    assert not any(part in "".join(lines) for part in ("ประไพ", "สมชาย", learner.user.email))


def test_an_unknown_page_of_the_desk_is_404(run):
    with pytest.raises(Refused) as caught:
        kind.desk_screen(desk_of(join(run)), "secrets")
    assert caught.value.status == 404


@pytest.mark.parametrize("step", ["", "waiting", "reflections"])
def test_the_desk_costs_as_many_queries_for_many_as_for_few(
    run, step, django_assert_max_num_queries
):
    few = join(run)
    play(few, "n1b n3a")
    play(few, "n1b n3b", 2)
    for number in range(55):
        learner = join(run)
        Participation.objects.filter(pk=learner.pk).update(
            data={"phase": "ending", "distinct": 2}
            if number % 2
            else {"phase": "complete", "reflections": {"q1": f"คำตอบ {number}"}},
            completed_at=None if number % 2 else learner.version.created_at,
        )
    desk = desk_of(few)
    kind.desk_screen(desk, step)
    with django_assert_max_num_queries(4):
        html = desk_html(desk, step)
    assert html


def test_the_list_is_cut_into_pages_of_fifty(run):
    for _number in range(53):
        learner = join(run)
        Participation.objects.filter(pk=learner.pk).update(data={"phase": "ending", "distinct": 2})
    first, second = (
        kind.desk_screen(desk_of(learner, page=page), "waiting").context["page_obj"]
        for page in (1, 2)
    )
    assert (len(first), len(second)) == (50, 3)
    assert 'href="?page=2"' in desk_html(desk_of(learner), "waiting")


# -- Granting another play ----------------------------------------------------------------------


@pytest.fixture
def stuck(run):
    learner = join(run, first_name="วิชัย", last_name="ใจกล้า")
    for number in range(1, 5):
        play(learner, "n1b n3a", number)
    return learner


def test_who_used_all_plays_on_one_path_is_granted_another_and_completes(stuck):
    by = UserFactory()
    assert "วิชัย" in desk_html(desk_of(stuck), "waiting")
    outcome = grant(stuck, by=by)
    assert "วิชัย" in outcome.message
    found = Participation.objects.get(pk=stuck.pk)
    assert found.state == State.IN_PROGRESS
    assert Event.objects.get(kind="play_granted").payload == {"by": by.pk}
    play(stuck, "n1b n3b", 5)
    send(stuck, "reflect", "reflection", **ANSWERS)
    assert Participation.objects.get(pk=stuck.pk).completed


def test_the_same_grant_sent_twice_grants_once(stuck):
    key = uuid.uuid4()
    grant(stuck, key)
    with pytest.raises(Refused) as caught:
        grant(stuck, key)
    assert caught.value.status == 409
    assert Participation.objects.get(pk=stuck.pk).data["granted"] == 1


def test_nobody_is_granted_what_is_not_needed(run):
    learner = join(run)
    with pytest.raises(Refused) as caught:
        grant(learner)
    assert caught.value.status == 409


@pytest.mark.parametrize("wrong", ["", "abc", "999999"])
def test_a_learner_who_is_not_there_is_404(stuck, wrong):
    with pytest.raises(Refused) as caught:
        kind.desk_handle(desk_of(stuck), "waiting", "grant", form(learner=wrong), {})
    assert caught.value.status == 404


def test_a_learner_of_another_run_is_404(stuck):
    with pytest.raises(Refused) as caught:
        grant(stuck, cohort=uuid.uuid4())
    assert caught.value.status == 404
    assert "granted" not in Participation.objects.get(pk=stuck.pk).data
