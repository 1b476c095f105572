"""The score: completion, checkpoints, criteria by hand, both; keeping, releasing, two at one form."""

from decimal import Decimal

import pytest

from activities.core.contract import Submitted
from activities.core.errors import Refused
from activities.core.models import Notification
from activities.discussion import publishing
from activities.discussion.checkpoints import combined, late_factor, rubric_score
from activities.discussion.content import Criterion, Level, parse
from activities.discussion.models import Grade, Post
from tests.factories.items import version_of

from .conftest import ANSWERS, CONCLUSION, REPLIES, page_in, render

pytestmark = pytest.mark.django_db

LEVELS = tuple(Level(points, "") for points in range(4))
RUBRIC = (Criterion("a", "", 40, LEVELS), Criterion("b", "", 30, LEVELS), Criterion("c", "", 30, LEVELS))  # fmt: skip


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({"a": 3, "b": 3, "c": 3}, 100),
        ({"a": 0, "b": 0, "c": 0}, 0),
        ({"a": 3, "b": 0, "c": 0}, 40),
        ({"a": 2, "b": 1, "c": 0}, Decimal("36.66667")),
        ({"a": 3, "b": 3}, None),
    ],
)
def test_the_criteria_are_weighed(levels, expected):
    assert rubric_score(RUBRIC, levels) == expected


def test_weights_need_not_make_a_hundred():
    assert rubric_score((Criterion("a", "", 1, LEVELS), Criterion("b", "", 3, LEVELS)), {"a": 3, "b": 0}) == 25  # fmt: skip
    assert rubric_score((), {}) is None


@pytest.mark.parametrize(
    ("on_time", "late", "percent", "expected"),
    [(0, 0, 80, 1), (1, 0, 80, 1), (0, 1, 80, "0.8"), (1, 1, 50, "0.75"), (0, 2, 0, 0)],
)
def test_late_contributions_are_weighed(on_time, late, percent, expected):
    assert late_factor(on_time, late, percent) == Decimal(expected)


@pytest.mark.parametrize(
    ("grading", "complete", "by_hand", "expected"),
    [
        ("completion", True, None, 100),
        ("completion", False, None, None),
        ("checkpoints", False, Decimal(10), 65),
        ("rubric", True, None, None),
        ("rubric", False, Decimal(80), 80),
        ("both", True, None, None),
        ("both", True, Decimal(80), 71),
    ],
)
def test_what_the_author_chose_makes_the_score(grading, complete, by_hand, expected):
    rules = parse(page_in("th", grading=grading, rubric_percent=40))
    assert combined(rules, Decimal(65), complete, by_hand) == expected


def test_both_without_a_share_is_half_and_half():
    rules = parse(page_in("th", grading="both"))
    assert combined(rules, Decimal(60), True, Decimal(80)) == 70


def test_grading_by_hand_needs_criteria():
    found = publishing.problems(parse(page_in("th", grading="rubric", rubric=[])))
    assert any("criteria by which you will grade" in one for one in found)
    assert not publishing.problems(parse(page_in("th", grading="both")))


# -- by hand ------------------------------------------------------------------------------------


@pytest.fixture
def graded(join):
    """Somebody who has completed a discussion that is graded by points and by hand."""
    version = version_of(page_in("th", grading="both"), en=page_in("en", grading="both"))
    learner = join(of=version, first_name="อรุณี", language="en")
    learner.answer(0)
    learner.see()
    for n, sample in enumerate(Post.objects.filter(kind="seed").order_by("pk")[:2]):
        learner.reply(sample, n)
    learner.do("conclude", step="synthesis", body=CONCLUSION)
    return learner


def choices(learner, points) -> dict:
    return {
        f"level-{criterion.key}": str(points)
        for criterion in learner.participation.version.rules.rubric
    }


def act(kind, at, learner, action, **data):
    return kind.desk_handle(at, f"learner-{learner.participation.pk}", action, data, {})


def test_a_grade_is_kept_then_released_and_only_then_the_learner_sees_it(graded, kind, desk):
    graded.participation.refresh_from_db()
    assert graded.participation.completed and graded.participation.score is None
    assert "grades what you wrote by the criteria" in render(graded.see())
    at = desk(graded)
    act(kind, at, graded, "grade", version="0", comment="ตัวอย่างชัด", **choices(graded, 3))
    graded.participation.refresh_from_db()
    assert graded.participation.score is None
    assert "ตัวอย่างชัด" not in render(graded.see())
    assert kind.personal_data(graded.user)["grades"] == []
    queue = kind.desk_screen(at, "grading").context["counts"]
    assert queue == {"open": 0, "kept": 1, "released": 0}
    act(kind, at, graded, "release", version="1", comment="ตัวอย่างชัด", **choices(graded, 3))
    graded.participation.refresh_from_db()
    assert graded.participation.score == 100
    html = render(graded.see())
    assert "ตัวอย่างชัด" in html and "Score: 100 of 100" in html and "3 of 3" in html
    assert Notification.objects.filter(kind="discussion_graded", user=graded.user).count() == 1
    assert kind.personal_data(graded.user)["grades"][0]["comment"] == "ตัวอย่างชัด"


def test_all_kept_grades_are_released_at_once(graded, kind, desk):
    act(kind, desk(graded), graded, "grade", version="0", **choices(graded, 0))
    outcome = kind.desk_handle(desk(graded), "grading", "release_all", {}, {})
    assert outcome.message == "1 grade is released."
    graded.participation.refresh_from_db()
    assert graded.participation.score == 50
    assert kind.desk_handle(desk(graded), "grading", "release_all", {}, {}).message.startswith("0")


def test_a_grade_that_is_not_whole_is_kept_and_cannot_be_released(graded, kind, desk):
    some = dict([next(iter(choices(graded, 2).items()))])
    with pytest.raises(Refused) as refused:
        act(kind, desk(graded), graded, "release", version="0", **some)
    assert refused.value.code == "incomplete"
    act(kind, desk(graded), graded, "grade", version="0", **some)
    assert Grade.objects.get().score is None


@pytest.mark.parametrize("value", ["4", "-1", "x"])
def test_points_that_there_are_not_are_refused_and_what_was_chosen_stays(graded, kind, desk, value):
    data = {"version": "0", "comment": "ข้อคิดเห็นที่พิมพ์ไว้", **choices(graded, 2)}
    key = next(iter(choices(graded, 2)))
    data[key] = value
    with pytest.raises(Refused) as refused:
        act(kind, desk(graded), graded, "grade", **data)
    assert refused.value.status == 422
    assert refused.value.fields == {key: "The score must be between 0 and 3."}
    step = f"learner-{graded.participation.pk}"
    html = render(
        kind.desk_screen(desk(graded), step, Submitted("grade", data, refused.value)),
        error=refused.value,
    )
    assert "ข้อคิดเห็นที่พิมพ์ไว้" in html and html.count(" checked") >= 2
    assert not Grade.objects.exists()


def test_thai_digits_are_digits(graded, kind, desk):
    act(kind, desk(graded), graded, "grade", version="0", **choices(graded, "๓"))
    assert Grade.objects.get().score == 100


def test_the_second_of_two_facilitators_at_one_form_is_told(graded, kind, desk):
    act(kind, desk(graded), graded, "grade", version="0", **choices(graded, 3))
    with pytest.raises(Refused) as refused:
        act(kind, desk(graded), graded, "release", version="0", **choices(graded, 0))
    assert refused.value.status == 409
    assert Grade.objects.get().score == 100


def test_all_posts_stand_in_context_and_next_leads_on(graded, kind, desk, join):
    other = join(of=graded.participation.version, first_name="สมชาย", language="en")
    other.answer(1)
    at = desk(graded)
    step = f"learner-{graded.participation.pk}"
    screen = kind.desk_screen(at, step)
    html = render(screen)
    assert ANSWERS[0][:40] in html and CONCLUSION[:40] in html and REPLIES[1][:40] in html
    assert screen.context["next_url"].endswith(f"learner-{other.participation.pk}/")
    outcome = act(kind, at, graded, "grade", version="0", go_on="1", **choices(graded, 1))
    assert outcome.step == f"learner-{other.participation.pk}"


def test_a_removed_answer_takes_its_points_from_a_grade_that_is_both(graded, kind, desk):
    act(kind, desk(graded), graded, "release", version="0", **choices(graded, 3))
    kind.desk_handle(desk(graded), f"post-{graded.post().pk}", "remove", {"reason": "ลอก"}, {})
    graded.participation.refresh_from_db()
    assert graded.participation.score == 75


def test_where_nothing_is_graded_by_hand_there_is_no_queue(join, kind, desk):
    learner = join()
    learner.answer(0)
    with pytest.raises(Refused) as refused:
        kind.desk_screen(desk(learner), "grading")
    assert refused.value.status == 404
    with pytest.raises(Refused) as refused:
        act(kind, desk(learner), learner, "grade", version="0")
    assert refused.value.status == 409


def test_the_queue_costs_the_same_for_more_people(
    graded, kind, desk, django_assert_max_num_queries, join
):
    for _ in range(8):
        one = join(of=graded.participation.version)
        Post.objects.create(
            cohort=one.participation.cohort, item=one.participation.item, kind="initial", prompt="p1",
            participation=one.participation, author=one.user, voice=one.participation.seat, group=1,
        )  # fmt: skip
    at = desk(graded)
    with django_assert_max_num_queries(8):
        screen = kind.desk_screen(at, "grading")
        render(screen)
    assert len(screen.context["people"]) == 9
