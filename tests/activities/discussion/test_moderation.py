"""Reports, hiding, restoring, appeals; an erased account."""

import uuid

import pytest
from django.utils import timezone

from activities.core.enums import State
from activities.core.errors import Refused
from activities.discussion import groups, moderation
from activities.discussion.enums import PostState
from activities.discussion.models import Post, PostReport, PostRevision

from .conftest import ANSWERS, CONCLUSION, REPLIES, render
from .test_desk import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(join):
    author = join(first_name="อรุณี")
    author.answer(0)
    return author


def reporter_of(join, n):
    reporter = join()
    # Readers only need to be past the wall here; what they wrote is another test's subject.
    reporter.participation.data["unlocked_at"] = "2026-01-01T00:00:00+00:00"
    reporter.participation.save()
    groups.join(reporter.participation, reporter.visit().rules, timezone.now())
    return reporter


def report(reporter, post, reason="rude", **data):
    return reporter.do("report", step=f"report-{post.pk}", reason=reason, **data)


def test_one_report_flags_and_three_people_hide(join, author):
    post = author.post()
    people = [reporter_of(join, n) for n in range(3)]
    report(people[0], post)
    report(people[0], post)
    assert author.post().state == PostState.FLAGGED
    assert PostReport.objects.count() == 1
    report(people[1], post)
    assert author.post().state == PostState.FLAGGED
    report(people[2], post)
    assert author.post().state == PostState.HIDDEN


@pytest.mark.parametrize("reason", ["privacy", "secret"])
def test_where_the_harm_is_immediate_one_report_hides(join, author, reason):
    report(reporter_of(join, 0), author.post(), reason)
    assert author.post().state == PostState.HIDDEN
    assert author.post().reason_text in ("Personal data", "Confidential official information")


@pytest.mark.parametrize(("reason", "own"), [("", False), ("nonsense", False), ("rude", True)])
def test_reports_that_are_refused(join, author, reason, own):
    with pytest.raises(Refused) as refused:
        report(author if own else reporter_of(join, 0), author.post(), reason)
    assert refused.value.status == 422
    assert author.post().state == PostState.VISIBLE


def test_samples_cannot_be_reported(join, author):
    sample = Post.objects.filter(kind="seed").first()
    with pytest.raises(Refused) as refused:
        report(reporter_of(join, 0), sample)
    assert refused.value.status == 404


def test_a_hidden_answer_counts_no_more_until_it_is_restored(join, author, kind):
    author.see()
    for n, sample in enumerate(Post.objects.filter(kind="seed")[:2]):
        author.reply(sample, n)
    author.do("conclude", step="synthesis", body=CONCLUSION)
    post = author.post()
    report(reporter_of(join, 0), post, "privacy")
    author.participation.refresh_from_db()
    assert author.participation.state == State.NEEDS_ATTENTION
    assert "See why" in render(author.see("stream"))
    desk = desk_of(author)
    kind.desk_handle(desk, f"post-{post.pk}", "restore", {"reason": ""}, {})
    author.participation.refresh_from_db()
    assert author.participation.state == State.COMPLETED
    assert PostReport.objects.get().upheld is False


def test_an_appeal_is_stored_once_and_reaches_the_facilitator(join, author, kind):
    post = author.post()
    report(reporter_of(join, 0), post, "privacy")
    author.do("appeal", step=f"appeal-{post.pk}", appeal="ตัวเลขนี้เป็นหมายเลขสมมุติ")
    shown = kind.desk_screen(desk_of(author), "check")
    assert "ตัวเลขนี้เป็นหมายเลขสมมุติ" in render(shown)
    with pytest.raises(Refused) as refused:
        author.do("appeal", step=f"appeal-{post.pk}", appeal="อีกครั้ง")
    assert refused.value.code == "appealed"


def test_only_hidden_posts_can_be_appealed(author):
    with pytest.raises(Refused) as refused:
        author.do("appeal", step=f"appeal-{author.post().pk}", appeal="เพราะ")
    assert refused.value.status == 409


def test_an_answer_that_comes_back_beside_a_newer_one_does_not_count_twice(join, author, kind):
    old = author.post()
    desk = desk_of(author)
    kind.desk_handle(desk, f"post-{old.pk}", "hide", {"reason": "ตรวจสอบข้อมูล"}, {})
    author.answer(2)
    kind.desk_handle(desk, f"post-{old.pk}", "restore", {}, {})
    old.refresh_from_db()
    assert old.state == PostState.VISIBLE and old.valid is False


def test_the_table_of_states_is_kept(author):
    post = author.post()
    post.state = PostState.WITHDRAWN
    with pytest.raises(Refused) as refused:
        moderation.move(post, PostState.HIDDEN)
    assert refused.value.status == 409


def test_an_erased_account_leaves_its_posts_without_a_name(join, author, kind):
    reader = join()
    reader.answer(1)
    author.do("edit", step=f"edit-{author.post().pk}", body=ANSWERS[2])
    reader.reply(author.post(), 0)
    pk, seat = author.post().pk, author.participation.seat
    kind.erase(author.user)
    post = Post.objects.get(pk=pk)
    assert post.author is None and post.participation is None and post.voice != seat
    assert not PostRevision.objects.filter(post=post).exists()
    html = render(reader.see(f"post-{pk}"))
    assert ANSWERS[2][:40] in html and REPLIES[0][:40] in html
    assert "Learner who deleted the account" in html and "อรุณี" not in html
    assert kind.personal_data(author.user)["posts"] == []
    assert reader.see("stream").context["standing"].replies == 1


def test_deleting_the_person_keeps_the_thread(join, author):
    reader = join()
    reader.answer(1)
    reader.reply(author.post(), 0)
    pk = author.post().pk
    author.user.delete()
    assert REPLIES[0][:40] in render(reader.see(f"post-{pk}"))


def test_posts_of_other_rooms_are_out_of_reach_of_a_desk(join, author, kind):
    desk = desk_of(author, cohort=uuid.uuid4())
    for act in (
        lambda: kind.desk_screen(desk, f"post-{author.post().pk}"),
        lambda: kind.desk_screen(desk, f"learner-{author.participation.pk}"),
        lambda: kind.desk_handle(desk, f"post-{author.post().pk}", "hide", {"reason": "x"}, {}),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.status == 404
    assert author.post().state == PostState.VISIBLE
