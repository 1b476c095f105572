"""Nobody gets what others wrote before having answered: on no channel."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.core.contract import Submitted
from activities.core.errors import Refused
from activities.discussion.models import Post, ReadMark

from .conftest import ANSWERS, REPLIES, render

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(join):
    """Two people who have written, and one who has not."""
    first, second, outsider = join(first_name="อรุณี"), join(first_name="สมชาย"), join()
    first.answer(0)
    second.answer(1)
    second.reply(first.post(), 0)
    return first, second, outsider


def steps_of(post):
    return ["stream", "page-1", "mine", "synthesis"] + [
        f"{name}-{post.pk}" for name in ("post", "reply", "report", "appeal")
    ]


def test_there_is_something_to_leak(room):
    first, second, _ = room
    html = render(second.see("stream"))
    assert ANSWERS[0][:40] in html and "อรุณี" in html


def test_only_the_number_of_people_is_shown(room, version):
    outsider = room[2]
    for language in ("th", "en"):
        outsider.language = language
        screen = outsider.see("")
        assert screen.context["people"] == 2
        html = render(screen)
        assert "2 people have answered" in html
        for text in [*ANSWERS, *REPLIES, "อรุณี", "สมชาย"]:
            assert text[:40] not in html
        for voice in version.content(language).seed_voices:
            assert voice.text[:40] not in html and voice.author not in html


def test_the_database_is_not_even_asked_for_others_texts(room):
    outsider = room[2]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        outsider.see("")
    asked = [q["sql"] for q in queries if 'FROM "discussion_post"' in q["sql"]]
    assert asked
    assert not any('"body"' in sql for sql in asked)


def test_every_other_step_is_forbidden_and_reads_nothing(room):
    first, _, outsider = room
    for step in steps_of(first.post()):
        with CaptureQueriesContext(connection) as queries, pytest.raises(Refused) as refused:
            outsider.see(step)
        assert (refused.value.status, refused.value.code) == (403, "wall"), step
        assert not any("discussion_post" in q["sql"] for q in queries)
    assert not ReadMark.objects.filter(participation=outsider.participation).exists()


@pytest.mark.parametrize("action", ["reply", "conclude", "report", "appeal", "finish"])
def test_forged_actions_are_forbidden(room, action):
    first, _, outsider = room
    before = Post.objects.count()
    step = f"reply-{first.post().pk}"
    with pytest.raises(Refused) as refused:
        outsider.do(action, step=step, body=REPLIES[1], reason="privacy", appeal="x")
    assert (refused.value.status, refused.value.code) == (403, "wall")
    assert refused.value.message.startswith("Answer the prompt first")
    assert Post.objects.count() == before
    assert Post.objects.get(pk=first.post().pk).state == "visible"
    with pytest.raises(Refused) as again:
        outsider.see(step, Submitted(action, {"body": REPLIES[1]}, refused.value))
    assert again.value.status == 403


def test_the_wall_is_the_same_for_posts_that_do_not_exist(room):
    outsider = room[2]
    with pytest.raises(Refused) as refused:
        outsider.do("reply", step="reply-987654", body=REPLIES[1])
    assert refused.value.code == "wall"


def test_an_answer_that_was_refused_opens_nothing(room):
    outsider = room[2]
    with pytest.raises(Refused):
        outsider.do("answer", body="เห็นด้วยครับ")
    with pytest.raises(Refused) as refused:
        outsider.see("stream")
    assert refused.value.status == 403


def test_drafts_and_exports_hold_only_what_is_ones_own(room, kind):
    _, second, outsider = room
    assert kind.personal_data(outsider.user)["posts"] == []
    export = json.dumps(kind.personal_data(second.user), ensure_ascii=False)
    assert ANSWERS[1][:40] in export
    assert ANSWERS[0][:40] not in export
    assert outsider.see("").context["form"]["body"] == ""


def test_search_finds_the_prompt_and_no_voice(kind, version):
    for language in ("th", "en"):
        content = version.content(language)
        text = kind.search_text(content)
        assert content.prompts[0].text in text
        for voice in content.seed_voices:
            assert voice.text[:30] not in text


def test_the_outline_says_what_is_asked_and_nothing_else(kind, version):
    content = version.content("en")
    assert kind.summary(content) == "Answer a question and reply to 2 people"
    assert len(kind.expectations(content)) == 2


def test_a_hidden_post_is_hidden_from_others_and_not_from_its_author(room):
    first, second, _ = room
    Post.objects.filter(pk=first.post().pk).update(state="hidden", state_reason="privacy")
    for step in ("stream", f"post-{first.post().pk}"):
        html = render(second.see(step))
        assert ANSWERS[0][:40] not in html
        assert "hidden while it is being checked" in html
    html = render(first.see("mine"))
    assert ANSWERS[0][:40] in html and "Reason: Personal data" in html
