"""The instructor's desk."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.core.contract import Desk
from activities.core.errors import Refused
from activities.discussion.models import Post
from tests.factories.items import participation_of
from tests.factories.people import UserFactory

from .conftest import ANSWERS, REPLIES, render

pytestmark = pytest.mark.django_db


def desk_of(learner, *, cohort=None, **options) -> Desk:
    return Desk(
        version=learner.participation.version,
        cohort=cohort or learner.participation.cohort,
        user=options.pop("user", None) or UserFactory(first_name="วิทยา"),
        language="en",
        base_url="/en/teach/1/item/",
        **options,
    )


@pytest.fixture
def room(join):
    first, second, idle = join(first_name="อรุณี"), join(first_name="สมชาย"), join()
    first.answer(0)
    second.answer(1)
    second.reply(first.post(), 0)
    return first, second, idle


def test_one_line_for_each_learner(room, kind):
    screen = kind.desk_screen(desk_of(room[0]), "")
    lines = {line["name"].split()[0]: line for line in screen.context["people"]}
    assert len(lines) == 3
    assert (lines["อรุณี"]["written"], lines["อรุณี"]["replies"], lines["อรุณี"]["alone"]) == (1, 0, 0)
    assert (lines["สมชาย"]["written"], lines["สมชาย"]["replies"], lines["สมชาย"]["alone"]) == (
        1,
        1,
        1,
    )
    assert lines["สมชาย"]["chars"] == sum(
        p.length for p in Post.objects.filter(voice=room[1].participation.seat)
    )
    assert "2 learners have answered" in render(screen)


def test_answers_that_wait_longer_than_two_days(room, kind):
    desk = desk_of(room[0])
    assert kind.desk_screen(desk, "unanswered").context["posts"] == []
    desk = desk_of(room[0], now=timezone.now() + timedelta(hours=49))
    waiting = kind.desk_screen(desk, "unanswered").context["posts"]
    assert [post["id"] for post in waiting] == [room[1].post().pk]


def test_a_learners_posts_are_read_in_context(room, kind):
    html = render(kind.desk_screen(desk_of(room[0]), f"learner-{room[1].participation.pk}"))
    assert ANSWERS[1] in html and REPLIES[0].replace("'", "&#x27;") in html
    assert ANSWERS[0][:40] in html


def test_hiding_needs_a_reason_which_the_author_reads(room, kind):
    desk, post = desk_of(room[0]), room[0].post()
    with pytest.raises(Refused) as refused:
        kind.desk_handle(desk, f"post-{post.pk}", "hide", {"reason": " "}, {})
    assert refused.value.fields.keys() == {"reason"}
    kind.desk_handle(desk, f"post-{post.pk}", "hide", {"reason": "มีชื่อผู้รับบริการ"}, {})
    assert room[0].post().state == "hidden"
    assert "มีชื่อผู้รับบริการ" in render(room[0].see("mine"))
    assert "มีชื่อผู้รับบริการ" not in render(room[1].see(f"post-{post.pk}"))
    kind.desk_handle(desk, f"post-{post.pk}", "restore", {}, {})
    assert room[0].post().state == "visible"


def test_a_facilitator_says_what_counts(room, kind):
    reply = Post.objects.get(kind="reply")
    desk = desk_of(room[0])
    kind.desk_handle(desk, f"post-{reply.pk}", "invalid", {"reason": "ไม่ตรงประเด็น"}, {})
    room[1].participation.refresh_from_db()
    assert room[1].participation.score == 50
    assert "ไม่ตรงประเด็น" in render(room[1].see("mine"))
    kind.desk_handle(desk, f"post-{reply.pk}", "valid", {"reason": "ตรวจแล้ว"}, {})
    room[1].participation.refresh_from_db()
    assert room[1].participation.score == 65


def test_a_facilitator_writes_under_that_name_and_twice_is_once(room, kind):
    desk, key = desk_of(room[0]), str(uuid.uuid4())
    for _ in range(2):
        kind.desk_handle(desk, "write", "write", {"body": "ขอชวนคิดต่อเรื่องต้นทุน", "key": key}, {})
    post = Post.objects.get(kind="facilitator")
    assert post.author == desk.user
    shown = next(e for e in room[0].see("stream").context["entries"] if e["id"] == post.pk)
    assert shown["label"] == "Facilitator"
    kind.desk_handle(desk, f"post-{room[1].post().pk}", "reply", {"body": "เห็นภาพชัดครับ"}, {})
    assert room[1].post().answers == 1


def test_a_marked_post_is_shown_beside_the_conclusion(room, kind):
    kind.desk_handle(desk_of(room[0]), f"post-{room[0].post().pk}", "highlight", {}, {})
    assert [e["id"] for e in room[1].see("synthesis").context["highlights"]] == [room[0].post().pk]


@pytest.mark.parametrize("step", ["nowhere", "post-0", "learner-0"])
def test_steps_that_are_not_there(room, kind, step):
    with pytest.raises(Refused) as refused:
        kind.desk_screen(desk_of(room[0]), step)
    assert refused.value.status == 404


def test_every_screen_of_the_desk_renders(room, kind):
    Post.objects.filter(pk=room[0].post().pk).update(state="flagged")
    for step in (
        "",
        "check",
        "unanswered",
        "write",
        f"post-{room[0].post().pk}",
        f"learner-{room[0].participation.pk}",
    ):
        assert render(kind.desk_screen(desk_of(room[0]), step))


def test_the_desk_costs_the_same_for_five_and_for_sixty(join, kind):
    learner = join()
    learner.answer(0)
    costs = []
    for people in (4, 55):
        for _ in range(people):
            who = participation_of(
                learner.participation.version, UserFactory(), cohort=learner.participation.cohort
            )
            for kind_of_post in ("initial", "reply"):
                Post.objects.create(
                    cohort=who.cohort, item=who.item, participation=who, author=who.user, voice=who.seat,
                    kind=kind_of_post, prompt="p1", body="ข้อความ", state="flagged",
                    parent=learner.post() if kind_of_post == "reply" else None,
                    root=learner.post() if kind_of_post == "reply" else None,
                    created_at=timezone.now() - timedelta(days=3),
                )  # fmt: skip
        costs.append([])
        for step in ("", "check", "unanswered", f"post-{learner.post().pk}"):
            with CaptureQueriesContext(connection) as queries:
                screen = kind.desk_screen(desk_of(learner, user=learner.user), step)
                render(screen)
            costs[-1].append(len(queries))
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 8
    assert len(kind.desk_screen(desk_of(learner), "").context["people"]) == 50
    assert len(kind.desk_screen(desk_of(learner, page=2), "").context["people"]) == 10
