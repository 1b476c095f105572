"""What an instructor sees of a quiz, and the one thing that is done there."""

import uuid

import pytest
from django.db import transaction
from django.utils import translation

from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Event, Participation
from tests.factories.items import version_of
from tests.factories.people import UserFactory

from .taking import (
    desk_html,
    desk_of,
    form,
    fresh,
    hand_in,
    kind,
    learner_in,
    page_of,
    right_answers,
    wrong_answers,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    pages = {"th": page_of(attempts_max=1), "en": page_of("en", attempts_max=1)}
    return version_of(pages["th"], en=pages["en"]), uuid.uuid4()


def join(run, **names):
    version, cohort = run
    return learner_in(version, cohort=cohort, user=UserFactory(**names))


def grant(learner, key=None, cohort=None, by=None):
    desk = desk_of(learner, user=by)
    desk.cohort = cohort or desk.cohort
    data = form({"learner": str(learner.pk), "key": str(key or uuid.uuid4())})
    with translation.override("en"), transaction.atomic():
        return kind.desk_handle(desk, "learners", "grant", data, {})


def test_difficulty_is_told_by_first_attempts():
    version, cohort = version_of(page_of()), uuid.uuid4()
    first, second = (learner_in(version, cohort=cohort) for _n in range(2))
    hand_in(first, right_answers())
    hand_in(second, right_answers() | {"question-q1": ["a"]})
    hand_in(second, right_answers(), 2)
    rows = kind.desk_screen(desk_of(first), "").context["rows"]
    assert (rows[0]["percent"], rows[0]["fully"], rows[0]["of"]) == (50, 1, 2)
    assert rows[0]["wrong"].startswith("ให้ทุกหน่วยงานจัดซื้อ") and rows[0]["wrong_count"] == 1
    assert rows[1]["percent"] == 100 and rows[1]["wrong"] == ""
    assert "50 %" in desk_html(desk_of(first))


def test_without_attempts_the_page_says_what_will_be_here(run):
    assert "When learners have taken the quiz" in desk_html(desk_of(join(run), language="en"))


def test_another_cohort_is_not_counted(run):
    learner, stranger = join(run), learner_in(run[0])
    hand_in(stranger, right_answers())
    assert kind.desk_screen(desk_of(learner), "").context["count"] == 0
    assert str(stranger.user) not in desk_html(desk_of(learner), "learners")


def test_learners_are_listed_with_their_best_score(run):
    good = join(run, first_name="มาลี")
    weak = join(run, first_name="วิชัย")
    hand_in(good, right_answers())
    hand_in(weak, wrong_answers())
    html = desk_html(desk_of(good, language="en"), "learners")
    assert html.index("วิชัย") < html.index("มาลี")
    assert html.count("Grant one more attempt") == 1


def test_a_granted_attempt_is_logged_with_who_granted_it(run):
    learner, by = join(run, first_name="วิชัย"), UserFactory()
    hand_in(learner, wrong_answers())
    outcome = grant(learner, by=by)
    assert "วิชัย" in outcome.message
    assert Event.objects.get(kind="attempt_granted").payload == {"by": by.pk}
    assert fresh(learner).state == State.IN_PROGRESS
    hand_in(learner, right_answers(), 2)
    assert fresh(learner).completed


def test_the_same_grant_sent_twice_grants_once(run):
    learner, key = join(run), uuid.uuid4()
    hand_in(learner, wrong_answers())
    grant(learner, key)
    with pytest.raises(Refused) as caught:
        grant(learner, key)
    assert caught.value.status == 409
    assert fresh(learner).data["granted"] == 1


def test_nobody_is_granted_what_is_not_needed(run):
    learner = join(run)
    with pytest.raises(Refused) as caught:
        grant(learner)
    assert caught.value.status == 409
    assert not Event.objects.exists()


@pytest.mark.parametrize("wrong", ["", "abc", "999999"])
def test_a_learner_who_is_not_there_is_404(run, wrong):
    with pytest.raises(Refused) as caught:
        kind.desk_handle(desk_of(join(run)), "learners", "grant", form({"learner": wrong}), {})
    assert caught.value.status == 404


def test_a_learner_of_another_run_is_404(run):
    learner = join(run)
    hand_in(learner, wrong_answers())
    with pytest.raises(Refused) as caught:
        grant(learner, cohort=uuid.uuid4())
    assert caught.value.status == 404
    assert "granted" not in fresh(learner).data


@pytest.mark.parametrize("step", ["", "learners"])
def test_the_desk_costs_as_many_queries_for_many_as_for_few(
    run, step, django_assert_max_num_queries
):
    for _number in range(12):
        learner = join(run)
        hand_in(learner, wrong_answers())
    desk = desk_of(learner)
    kind.desk_screen(desk, step)
    with django_assert_max_num_queries(3):
        assert desk_html(desk, step)


def test_the_list_is_cut_into_pages_of_fifty(run):
    for _number in range(51):
        learner = join(run)
    assert Participation.objects.count() == 51
    first, second = (
        kind.desk_screen(desk_of(learner, page=page), "learners").context["entries"]
        for page in (1, 2)
    )
    assert (len(first), len(second)) == (50, 1)


def test_an_unknown_page_of_the_desk_is_404(run):
    with pytest.raises(Refused) as caught:
        kind.desk_screen(desk_of(join(run)), "answers")
    assert caught.value.status == 404
