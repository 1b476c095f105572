"""Who is told what about a discussion."""

import pytest
from django.utils import timezone

from activities.core.models import Notification
from activities.discussion import moderation
from activities.discussion.enums import PostState

from .conftest import REPLIES

pytestmark = pytest.mark.django_db


def told(learner) -> list[str]:
    rows = Notification.objects.filter(user=learner.user).order_by("pk")
    return [row.kind for row in rows]


@pytest.fixture
def room(join):
    first, second = join(), join()
    first.answer(0)
    second.answer(1)
    return first, second


def test_an_author_hears_of_a_reply_and_the_replier_does_not(room):
    first, second = room
    second.reply(first.post(), 0)
    assert told(first) == ["discussion_reply"]
    assert told(second) == []


def test_the_reply_itself_is_not_in_the_message(room):
    first, second = room
    second.reply(first.post(), 0)
    row = Notification.objects.get(user=first.user)
    assert REPLIES[0][:30] not in str(row.params)
    assert f"post-{first.post().pk}" in row.url


def test_an_author_hears_that_a_post_was_hidden_and_restored(room):
    first, second = room
    post = first.post()
    moderation.decide(post, second.user, PostState.HIDDEN, "Names a citizen.", timezone.now())
    moderation.decide(post, second.user, PostState.VISIBLE, "", timezone.now())
    assert told(first) == ["discussion_hidden", "discussion_restored"]


def test_an_author_hears_that_a_post_does_not_count(room):
    first, second = room
    moderation.judge(first.post(), second.user, False, "Off the subject.", timezone.now())
    assert told(first) == ["discussion_judged"]
