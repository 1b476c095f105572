"""The way of a learner: answer, read, reply, conclude."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from activities.core.contract import Submitted
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Draft, Event
from activities.core.record import save_draft
from activities.discussion.models import Post, PostRevision, ReadMark
from tests.factories.items import version_of

from .conftest import ANSWERS, CONCLUSION, REPLIES, page_in, render

pytestmark = pytest.mark.django_db


def samples(learner):
    return list(
        Post.objects.filter(cohort=learner.participation.cohort, kind="seed").order_by("seed_key")
    )


def test_somebody_who_learns_alone_completes_with_the_sample_voices(join):
    alone = join()
    assert alone.see().context["form"]["least"] == 600
    alone.answer()
    screen = alone.see()
    assert [entry["label"] for entry in screen.context["entries"]] == [
        "Sample by the facilitator"
    ] * 4
    assert screen.context["only_samples"]
    first, second, *_ = samples(alone)
    assert "1 of 2" in alone.reply(first, 0).message
    alone.reply(second, 1)
    assert alone.see().template.endswith("synthesis.html")
    alone.do("conclude", step="synthesis", body=CONCLUSION)
    alone.participation.refresh_from_db()
    assert alone.participation.state == State.COMPLETED
    assert alone.participation.score == Decimal(100)
    assert alone.participation.progress == 100
    assert alone.see().template.endswith("own.html")
    assert alone.kind.next_step(alone.participation) is None


def test_progress_and_score_grow_with_the_checklist(join):
    learner = join()
    learner.answer()
    learner.participation.refresh_from_db()
    assert learner.participation.score == 50
    assert learner.participation.data["stage"] == "posted"
    assert learner.participation.progress == 100 * 1 // 8
    learner.see()
    learner.reply(samples(learner)[0])
    learner.participation.refresh_from_db()
    assert learner.participation.score == 65
    assert learner.participation.data["stage"] == "replying"
    assert learner.participation.progress == 100 * 6 // 8
    assert learner.kind.next_step(learner.participation).minutes == 7


def test_without_anybody_and_without_samples_nothing_that_is_impossible_is_asked(join):
    version = version_of(page_in("th", seed_voices=[]))
    learner = join(of=version)
    learner.answer()
    assert learner.see().template.endswith("synthesis.html")
    learner.do("conclude", step="synthesis", body=CONCLUSION)
    learner.participation.refresh_from_db()
    assert learner.participation.completed and learner.participation.score == 100


def test_people_who_come_later_do_not_undo_a_completion(join):
    version = version_of(page_in("th", seed_voices=[]))
    early = join(of=version)
    early.answer()
    early.do("conclude", step="synthesis", body=CONCLUSION)
    for n in (1, 2):
        join(of=version).answer(n)
    early.do("finish")
    early.participation.refresh_from_db()
    assert early.participation.state == State.COMPLETED and early.participation.score == 100


def test_two_learners_read_and_answer_one_another(join):
    first, second = join(first_name="อรุณี"), join(first_name="สมชาย")
    first.answer(0)
    second.answer(1)
    entries = second.see().context["entries"]
    assert first.post().pk in [entry["id"] for entry in entries]
    second.reply(first.post(), 0)
    assert Post.objects.get(pk=first.post().pk).answers == 1
    own = first.see("mine").context["own"][0]
    assert [reply["body"] for reply in own["replies"]] == [REPLIES[0]]
    assert first.see("stream").context["standing"].received == 1


def test_posts_without_a_reply_stand_first(join):
    first, second, third = join(), join(), join()
    first.answer(0)
    second.answer(1)
    third.answer(2)
    third.reply(first.post())
    ids = [entry["id"] for entry in third.see("stream").context["entries"]]
    assert ids[-1] == first.post().pk
    assert set(ids[:-1]) >= {second.post().pk}


def test_replies_must_go_to_different_people(join):
    other, learner = join(), join()
    other.answer(0)
    learner.answer(1)
    learner.see()
    learner.reply(other.post(), 0)
    learner.reply(other.post(), 1)
    assert learner.see().context["standing"].replies == 1
    learner.reply(samples(learner)[0], 2)
    assert learner.see().template.endswith("synthesis.html")


def test_a_reply_to_a_reply_stays_on_the_second_level_and_quotes(join):
    first, second, third = join(), join(), join()
    for n, learner in enumerate((first, second, third)):
        learner.answer(n)
    second.reply(first.post(), 0)
    reply = Post.objects.get(kind="reply")
    third.reply(reply, 1)
    nested = Post.objects.exclude(pk=reply.pk).get(kind="reply")
    assert nested.parent == reply and nested.root == first.post()
    shown = third.see(f"post-{first.post().pk}").context["replies"]
    assert [entry["id"] for entry in shown] == [reply.pk, nested.pk]
    assert REPLIES[0][:40] in shown[1]["quoted"]["text"]


def test_opening_the_stream_counts_as_reading_what_it_shows_in_full(join):
    learner = join()
    learner.answer()
    assert ReadMark.objects.count() == 0
    learner.see()
    learner.see()
    assert ReadMark.objects.filter(participation=learner.participation).count() == 4


def test_a_conclusion_before_the_replies_is_a_conflict(join):
    learner = join()
    learner.answer()
    with pytest.raises(Refused) as refused:
        learner.do("conclude", step="synthesis", body=CONCLUSION)
    assert refused.value.status == 409 and refused.value.code == "transition_not_allowed"
    assert not Post.objects.filter(kind="synthesis").exists()
    screen = learner.see("synthesis", Submitted("conclude", {"body": CONCLUSION}, refused.value))
    assert CONCLUSION in render(screen)


def test_each_prompt_is_answered_before_the_wall_opens(join):
    page = page_in("th")
    more = [
        *page.prompts.raw_data,
        {
            "type": "prompt",
            "value": {"key": "p2", "text": "ข" + page.prompts[0].value["text"], "sources": []},
        },
    ]
    learner = join(of=version_of(page_in("th", prompts=more)))
    learner.answer(0, prompt="p1")
    assert learner.see().context["prompt"].key == "p2"
    with pytest.raises(Refused) as refused:
        learner.see("stream")
    assert refused.value.status == 403
    learner.answer(1, prompt="p2")
    assert learner.see().template.endswith("stream.html")


def test_the_english_reader_sees_the_samples_in_english_and_the_rules_of_the_source(join, kind):
    version = version_of(page_in("th"), en=page_in("en", min_chars_initial=300))
    learner = join(of=version, language="en")
    assert learner.see().context["form"]["least"] == 600
    learner.answer(1)
    bodies = [entry["body"] for entry in learner.see().context["entries"]]
    assert any(body.startswith("The task I repeat weekly") for body in bodies)
    assert not any(re.search("[ก-๙]", body) for body in bodies)


# -- refusals -----------------------------------------------------------------------------------


def refusal(act) -> Refused:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value


def test_an_empty_text_is_refused(join):
    error = refusal(lambda: join().do("answer", body="  \n"))
    assert (error.status, error.code) == (422, "empty")


def test_a_short_text_is_refused_with_the_exact_count(join):
    error = refusal(lambda: join().do("answer", body="เห็นด้วยมากกกกกกก 55555555 😀😀"))
    assert error.status == 422
    assert error.message == "At least 600 characters (now 12)"
    assert error.fields == {"body": error.message}


def test_a_refused_text_is_shown_again_with_its_id(join):
    learner = join()
    data = {"body": "เห็นด้วยครับ", "key": str(uuid.uuid4())}
    error = refusal(lambda: learner.do("answer", **data))
    screen = learner.see("", Submitted("answer", data, error))
    html = render(screen)
    assert "เห็นด้วยครับ</textarea>" in html
    assert data["key"] in html
    assert 'href="#body"' in html
    assert not Post.objects.exists()


def test_what_was_typed_and_not_sent_comes_back(join):
    learner = join()
    save_draft(learner.participation, "initial-p1", {"body": "ร่างที่พิมพ์ค้างไว้"})
    assert learner.see().context["form"]["body"] == "ร่างที่พิมพ์ค้างไว้"
    learner.answer()
    assert not Draft.objects.exists()


def test_the_prompt_is_not_an_answer(join, version):
    text = version.rules.prompts[0].text
    error = refusal(lambda: join().do("answer", body=text + " " + ANSWERS[0][:60]))
    assert error.code in ("copied", "too_short")
    copied = (text + " ") * 2
    assert refusal(lambda: join().do("answer", body=copied)).code == "copied"


@pytest.mark.parametrize("source", ["somebody", "oneself", "sample"])
def test_a_copy_is_no_contribution(join, version, source):
    other, learner = join(), join()
    other.answer(0)
    learner.answer(1)
    text = {
        "somebody": ANSWERS[0],
        "oneself": ANSWERS[1],
        "sample": version.rules.seed_voices[1].text,
    }[source]
    error = refusal(lambda: learner.do("reply", step=f"reply-{other.post().pk}", body=text))
    assert (error.status, error.code) == (422, "copied")


def test_personal_data_is_warned_of_and_passes_once_confirmed(join):
    learner = join()
    body = ANSWERS[0] + " ติดต่อได้ที่ 081-234-5678"
    error = refusal(lambda: learner.do("answer", body=body))
    assert error.code == "personal_data"
    screen = learner.see("", Submitted("answer", {"body": body}, error))
    assert 'name="confirm_personal"' in render(screen)
    learner.do("answer", body=body, confirm_personal="1")
    assert Post.objects.get(kind="initial").body == body


def test_a_reply_to_oneself_is_refused(join):
    learner = join()
    learner.answer()
    error = refusal(lambda: learner.reply(learner.post()))
    assert (error.status, error.code) == (422, "own_post")


def test_a_reply_to_a_hidden_post_is_a_conflict(join):
    other, learner = join(), join()
    other.answer(0)
    learner.answer(1)
    Post.objects.filter(pk=other.post().pk).update(state="hidden")
    error = refusal(lambda: learner.reply(other.post()))
    assert (error.status, error.code) == (409, "hidden")


def test_a_post_of_another_cohort_is_not_there(join):
    stranger, learner = join(cohort=uuid.uuid4()), join()
    stranger.answer(0)
    learner.answer(1)
    assert stranger.post().pk not in [e["id"] for e in learner.see().context["entries"]]
    for step in ("reply", "post", "report"):
        assert refusal(lambda step=step: learner.see(f"{step}-{stranger.post().pk}")).status == 404
    assert refusal(lambda: learner.reply(stranger.post())).status == 404
    assert (
        refusal(
            lambda: learner.do("report", step=f"report-{stranger.post().pk}", reason="rude")
        ).status
        == 404
    )
    assert (
        refusal(
            lambda: learner.do("edit", step=f"edit-{stranger.post().pk}", body=ANSWERS[2])
        ).status
        == 404
    )


@pytest.mark.parametrize(
    "step", ["nowhere", "post-", "post-x", "reply-99999999999999999999", "page-2", "page-0"]
)
def test_steps_that_are_not_there(join, step):
    learner = join()
    learner.answer()
    assert refusal(lambda: learner.see(step)).status == 404


def test_the_same_answer_is_not_given_twice(join):
    learner = join()
    learner.answer(0)
    error = refusal(lambda: learner.answer(1))
    assert (error.status, error.code) == (409, "answered")


def test_a_form_sent_twice_makes_one_post(join):
    learner, key = join(), str(uuid.uuid4())
    learner.answer(0, key=key)
    learner.answer(0, key=key)
    assert Post.objects.filter(kind="initial").count() == 1
    sample, key = samples(learner)[0], str(uuid.uuid4())
    learner.reply(sample, key=key)
    learner.reply(sample, key=key)
    assert Post.objects.filter(kind="reply").count() == 1
    assert Event.objects.filter(kind="discussion_reply").count() == 1


def test_a_form_id_of_somebody_else_gives_nothing_away(join):
    first, second, key = join(), join(), str(uuid.uuid4())
    first.answer(0, key=key)
    error = refusal(lambda: second.answer(1, key=key))
    assert (error.status, error.code) == (409, "stale")
    screen = second.see("", Submitted("answer", {"body": "ข", "key": key}, error))
    assert screen.context["form"]["key"] != key


def test_more_than_twenty_posts_an_hour_are_too_many(join):
    learner = join()
    learner.answer()
    sample, now = samples(learner)[0], timezone.now()
    for _ in range(19):
        Post.objects.create(
            cohort=uuid.uuid4(),
            item=uuid.uuid4(),
            author=learner.user,
            voice=uuid.uuid4(),
            kind="synthesis",
            created_at=now,
        )
    error = refusal(lambda: learner.reply(sample))
    assert (error.status, error.code) == (429, "too_many")
    learner.reply(sample, now=now + timedelta(minutes=61))
    assert Post.objects.filter(kind="reply").count() == 1


# -- changing one's own -------------------------------------------------------------------------


def test_a_correction_within_half_an_hour_leaves_no_mark_but_a_history(join):
    learner = join()
    learner.answer(0)
    post = learner.post()
    learner.do("edit", step=f"edit-{post.pk}", body=ANSWERS[2])
    post.refresh_from_db()
    assert post.body == ANSWERS[2] and post.edited_at is None
    assert PostRevision.objects.get(post=post).body == ANSWERS[0]


def test_a_later_change_is_shown(join):
    learner, other = join(), join()
    learner.answer(0)
    other.answer(1)
    post = learner.post()
    learner.do(
        "edit", step=f"edit-{post.pk}", body=ANSWERS[2], now=timezone.now() + timedelta(minutes=31)
    )
    shown = next(e for e in other.see("stream").context["entries"] if e["id"] == post.pk)
    assert shown["edited"] and shown["body"] == ANSWERS[2]
    assert "Edited" in render(other.see("stream"))


def test_a_change_must_be_substantive_too(join):
    learner = join()
    learner.answer(0)
    error = refusal(lambda: learner.do("edit", step=f"edit-{learner.post().pk}", body="สั้น"))
    assert error.code == "too_short"
    assert learner.post().body == ANSWERS[0]


def test_a_post_with_replies_is_withdrawn_not_deleted(join):
    first, second = join(), join()
    first.answer(0)
    second.answer(1)
    second.reply(first.post())
    post = first.post()
    error = refusal(lambda: first.do("delete", step=f"delete-{post.pk}"))
    assert (error.status, error.code) == (409, "replied_to")
    first.do("withdraw", step=f"delete-{post.pk}")
    html = render(second.see(f"post-{post.pk}"))
    assert ANSWERS[0][:30] not in html
    assert REPLIES[0][:30] in html
    assert "withdrawn" in html


def test_a_deleted_answer_does_not_close_the_wall_but_counts_no_more(join):
    learner = join()
    learner.answer(0)
    learner.see()
    for n, sample in enumerate(samples(learner)[:2]):
        learner.reply(sample, n)
    learner.do("conclude", step="synthesis", body=CONCLUSION)
    learner.participation.refresh_from_db()
    completed_at = learner.participation.completed_at
    learner.do("delete", step=f"delete-{learner.post().pk}")
    learner.participation.refresh_from_db()
    assert learner.participation.state == State.NEEDS_ATTENTION
    assert learner.participation.score == 50
    assert learner.see().template.endswith("answer.html")
    assert learner.see("stream").context["entries"]
    learner.answer(1)
    learner.participation.refresh_from_db()
    assert learner.participation.state == State.COMPLETED
    assert learner.participation.completed_at == completed_at


def test_nobody_changes_somebody_elses_post(join):
    first, second = join(), join()
    first.answer(0)
    second.answer(1)
    for action in ("edit", "delete", "withdraw"):
        error = refusal(
            lambda action=action: second.do(action, step=f"edit-{first.post().pk}", body=ANSWERS[2])
        )
        assert error.status == 404
    assert refusal(lambda: second.see(f"edit-{first.post().pk}")).status == 404
    assert Post.objects.get(pk=first.post().pk).body == ANSWERS[0]
