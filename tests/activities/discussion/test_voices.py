"""Pseudonyms, voices of earlier groups, following, reminders, the file of all posts, appeals."""

import uuid

import pytest

from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Event, Notification
from activities.discussion.models import ArchiveConsent, Follow, Post, Reveal
from tests.factories.items import version_of
from tests.factories.people import UserFactory

from .conftest import ANSWERS, CONCLUSION, REPLIES, page_in, render
from .run_helpers import day, enrolled

pytestmark = pytest.mark.django_db


# -- pseudonyms ---------------------------------------------------------------------------------


@pytest.fixture
def masked(join):
    """Two people who know each other by pseudonyms only."""
    version = version_of(page_in("th", anonymity="pseudonymous"), en=page_in("en"))
    first = join(of=version, first_name="อรุณี", last_name="ใจดี", language="en")
    second = join(of=version, first_name="สมชาย", last_name="กล้าหาญ", language="en")
    first.answer(0)
    second.answer(1)
    second.reply(first.post(), 0)
    first.reply(second.post(), 1)
    return first, second


NAMES = ("อรุณี", "ใจดี", "สมชาย", "กล้าหาญ")


def test_learners_see_pseudonyms_in_either_language(masked):
    first, second = masked
    for language in ("th", "en"):
        first.language = language
        for step in ("stream", "mine", f"post-{second.post().pk}", f"reply-{second.post().pk}"):
            html = render(first.see(step))
            assert not [name for name in NAMES if name in html], step
    assert f"Learner {second.post().alias}" in render(first.see("stream"))


def test_facilitators_read_pseudonyms_until_they_give_a_reason(masked, kind, desk):
    first, second = masked
    at = desk(first)
    steps = ["", "groups", f"post-{first.post().pk}", f"learner-{first.participation.pk}"]
    for step in steps:
        html = render(kind.desk_screen(at, step))
        assert not [name for name in NAMES if name in html], step
    with pytest.raises(Refused) as refused:
        kind.desk_handle(at, steps[-1], "reveal", {"reveal_reason": " "}, {})
    assert refused.value.fields.keys() == {"reveal_reason"}
    kind.desk_handle(at, steps[-1], "reveal", {"reveal_reason": "มีข้อความคุกคาม"}, {})
    html = render(kind.desk_screen(at, steps[-1]))
    assert "อรุณี ใจดี" in html and "สมชาย" not in html
    event = Event.objects.get(kind="discussion_desk_reveal")
    assert event.actor == at.user and event.payload["reason"] == "มีข้อความคุกคาม"
    # Another facilitator has to give a reason of their own.
    assert "อรุณี" not in render(kind.desk_screen(desk(first), steps[-1]))
    found = kind.personal_data(first.user)["looked_up_by_facilitators"]
    assert [one["reason"] for one in found] == ["มีข้อความคุกคาม"]


def test_the_file_keeps_pseudonyms_and_lets_no_formula_through(masked, kind, desk):
    Post.objects.filter(pk=masked[0].post().pk).update(body="=HYPERLINK(1)")
    response = kind.desk_screen(desk(masked[0]), "export").response()
    text = b"".join(response.streaming_content).decode()
    assert response["Content-Type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in text and REPLIES[1][:30] in text
    assert not [name for name in NAMES if name in text]
    assert Event.objects.filter(kind="discussion_desk_exported").exists()


def test_looking_behind_a_pseudonym_has_a_reason_in_the_database_too(masked):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Reveal.objects.create(
            cohort=uuid.uuid4(), item=uuid.uuid4(), seat=uuid.uuid4(), by=UserFactory(), reason=""
        )


# -- voices of earlier groups -------------------------------------------------------------------


@pytest.fixture
def reusing():
    return version_of(page_in("th", reuse_archive=True, seed_voices=[]))


def agree(learner, on=True):
    learner.do("archive", step="mine", **({"agree": "1"} if on else {}))


def test_an_answer_lives_on_when_its_author_agrees(join, reusing):
    before = join(of=reusing, first_name="อรุณี", language="en")
    before.answer(0)
    silent = join(of=reusing)
    silent.answer(2)
    agree(before)
    alone = join(of=reusing, cohort=uuid.uuid4(), language="en")
    alone.answer(1)
    entries = alone.see().context["entries"]
    assert [(e["author"], e["label"]) for e in entries] == [
        ("Somebody from an earlier group", "From an earlier group")
    ]
    html = render(alone.see())
    assert ANSWERS[0][:40] in html and "อรุณี" not in html and ANSWERS[2][:40] not in html
    voice = Post.objects.get(kind="archive")
    assert voice.author is None and voice.participation is None
    assert voice.voice != before.participation.seat
    alone.reply(voice, 0)
    alone.do("conclude", step="synthesis", body=CONCLUSION)
    alone.participation.refresh_from_db()
    assert alone.participation.state == State.COMPLETED


def test_taking_the_agreement_back_takes_the_voice_away(join, reusing):
    before = join(of=reusing)
    before.answer(0)
    agree(before)
    first, second = (join(of=reusing, cohort=uuid.uuid4()) for _ in range(2))
    for one in (first, second):
        one.answer(1)
    replied = Post.objects.get(kind="archive", cohort=first.participation.cohort)
    first.reply(replied, 0)
    agree(before, False)
    replied.refresh_from_db()
    assert (replied.state, replied.body) == ("withdrawn", "")
    assert not Post.objects.filter(kind="archive", cohort=second.participation.cohort).exists()
    assert REPLIES[0][:30] in render(first.see("mine"))


def test_an_erased_account_takes_its_voice_along(join, reusing, kind):
    before = join(of=reusing)
    before.answer(0)
    agree(before)
    alone = join(of=reusing, cohort=uuid.uuid4())
    alone.answer(1)
    kind.erase(before.user)
    assert not Post.objects.filter(kind="archive").exists()
    assert not ArchiveConsent.objects.exists()


def test_a_facilitator_holds_an_answer_back(join, reusing, kind, desk):
    before = join(of=reusing)
    before.answer(0)
    agree(before)
    at = desk(before)
    post = before.post()
    assert [p["id"] for p in kind.desk_screen(at, "archive").context["posts"]] == [post.pk]
    kind.desk_handle(at, "archive", "hold_back", {"post": str(post.pk), "action": "hold_back"}, {})
    alone = join(of=reusing, cohort=uuid.uuid4())
    alone.answer(1)
    assert alone.see("stream").context["entries"] == []
    assert "Offer it after all" in render(kind.desk_screen(at, "archive"))
    kind.desk_handle(at, "archive", "offer", {"post": str(post.pk), "action": "offer"}, {})
    later = join(of=reusing, cohort=uuid.uuid4())
    later.answer(1)
    assert len(later.see().context["entries"]) == 1


def test_nothing_is_asked_and_nothing_reused_where_the_author_does_not_want_it(join, kind, desk):
    learner = join()
    learner.answer(0)
    assert "archive" not in learner.see("mine").context
    with pytest.raises(Refused) as refused:
        agree(learner)
    assert refused.value.status == 404
    with pytest.raises(Refused):
        kind.desk_screen(desk(learner), "archive")


# -- following ----------------------------------------------------------------------------------


def told(learner, kind="discussion_new") -> int:
    return Notification.objects.filter(user=learner.user, kind=kind).count()


def test_who_follows_hears_once_of_each_new_post_and_not_of_their_own(join):
    first, second, third = join(), join(), join()
    first.answer(0)
    second.answer(1)
    second.do("follow", step="stream")
    third.answer(2)
    assert told(second) == 1
    third.reply(first.post(), 0)
    assert told(second) == 2
    assert (told(first), told(first, "discussion_reply")) == (0, 1), "not twice of one reply"
    second.do("unfollow", step="stream")
    third.reply(second.post(), 1)
    assert (told(second), told(second, "discussion_reply")) == (2, 1)


def test_a_thread_that_one_replied_to_is_followed_until_one_says_otherwise(join):
    first, second, third = join(), join(), join()
    for n, one in enumerate((first, second, third)):
        one.answer(n)
    second.reply(first.post(), 0)
    third.reply(first.post(), 1)
    assert told(second) == 1
    assert second.see(f"post-{first.post().pk}").context["follow"]["on"]
    second.do("unfollow", step=f"post-{first.post().pk}")
    third.reply(first.post(), 2)
    assert told(second) == 1


def test_nobody_follows_across_the_wall_or_into_another_group(join, cohort):
    idle, writer = join(), join()
    writer.answer(0)
    with pytest.raises(Refused) as refused:
        idle.do("follow", step="stream")
    assert refused.value.code == "wall"
    Follow.objects.create(participation=idle.participation)
    elsewhere = join(cohort=uuid.uuid4())
    elsewhere.answer(1)
    elsewhere.do("follow", step="stream")
    with pytest.raises(Refused) as refused:
        elsewhere.do("follow", step=f"post-{writer.post().pk}")
    assert refused.value.status == 404
    other = join()
    other.answer(2)
    assert told(idle) == told(elsewhere) == 0


# -- reminders ----------------------------------------------------------------------------------


def test_who_has_not_answered_is_reminded_once_a_day(cohort, kind, desk, monkeypatch):
    first, idle, never = cohort(3)
    first.do("answer", body=ANSWERS[0], now=day(1))
    never.participation.delete()
    screen = kind.desk_screen(desk(first, now=day(1)), "missing")
    assert screen.context["count"] == 2
    assert "has not opened it" in render(screen)

    def press(at):
        at_desk = desk(first, now=day(at))
        return kind.desk_handle(at_desk, "missing", "nudge", {}, {}).message

    assert press(1) == "2 people are reminded."
    assert press(1.2) == "Everybody concerned was reminded today already."
    assert press(2) == "2 people are reminded."
    assert told(idle, "discussion_nudge") == 2 and told(first, "discussion_nudge") == 0
    with pytest.raises(Refused) as refused:
        press(10)
    assert refused.value.status == 409


def test_who_left_the_run_is_not_reminded(cohort, kind, desk, monkeypatch):
    first, idle = cohort(2)
    first.do("answer", body=ANSWERS[0], now=day(1))
    enrolled(monkeypatch, first)
    assert kind.desk_screen(desk(first, now=day(1)), "missing").context["count"] == 0


# -- appeals ------------------------------------------------------------------------------------


def test_an_appeal_goes_to_somebody_else(join, kind, desk):
    author = join(language="en")
    author.answer(0)
    post = author.post()
    judge, second = desk(author), desk(author)
    kind.desk_handle(judge, f"post-{post.pk}", "hide", {"reason": "นอกเรื่อง"}, {})
    author.do("appeal", step=f"appeal-{post.pk}", appeal="ตรงกับคำถามข้อสอง")
    for action in ("restore", "remove"):
        with pytest.raises(Refused) as refused:
            kind.desk_handle(judge, f"post-{post.pk}", action, {"reason": "ยืนยัน"}, {})
        assert (refused.value.code, refused.value.status) == ("second_person", 409)
    assert "Somebody else decides now" in render(kind.desk_screen(judge, f"post-{post.pk}"))
    kind.desk_handle(second, f"post-{post.pk}", "restore", {"reason": "อ่านแล้วตรงประเด็น"}, {})
    post.refresh_from_db()
    assert post.state == "visible" and post.appeal_by == second.user
    assert told(author, "discussion_appeal") == 1
    assert kind.desk_screen(judge, "check").context["posts"] == []


def test_an_appeal_that_is_refused_is_final(join, kind, desk):
    author = join(language="en")
    author.answer(0)
    post = author.post()
    kind.desk_handle(desk(author), f"post-{post.pk}", "remove", {"reason": "นอกเรื่อง"}, {})
    author.do("appeal", step=f"appeal-{post.pk}", appeal="ตรงกับคำถามข้อสอง")
    kind.desk_handle(desk(author), f"post-{post.pk}", "remove", {"reason": "เห็นพ้องกับคนแรก"}, {})
    html = render(author.see("mine"))
    assert "decided so" in html and "เห็นพ้องกับคนแรก" in html
    with pytest.raises(Refused) as refused:
        author.do("appeal", step=f"appeal-{post.pk}", appeal="อีกครั้ง")
    assert refused.value.code == "appealed"


def test_what_reports_have_hidden_anybody_may_decide_and_false_reports_are_counted(
    join, kind, desk
):
    author, reporter = join(), join()
    author.answer(0)
    reporter.answer(1)
    post = author.post()
    reporter.do("report", step=f"report-{post.pk}", reason="privacy")
    author.do("appeal", step=f"appeal-{post.pk}", appeal="เป็นตัวเลขสมมุติ")
    kind.desk_handle(desk(author), f"post-{post.pk}", "restore", {"reason": ""}, {})
    author.reply(reporter.post(), 0)
    reply = Post.objects.get(kind="reply")
    reporter.do("report", step=f"report-{reply.pk}", reason="rude")
    html = render(kind.desk_screen(desk(author), "check"))
    assert "0 upheld, 1 dismissed" in html
