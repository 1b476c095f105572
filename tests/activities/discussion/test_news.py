"""What an open page is told: that something is new, to whom may read it, and never the text."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.core import live
from activities.core.models import Event
from activities.discussion.models import Post
from courses.enrolment.enrol import enrol
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, demo_course, the_run

from .conftest import ANSWERS, REPLIES

pytestmark = pytest.mark.django_db
MOST_QUERIES = 10


def told(learner, after: int = 0) -> list[dict]:
    return [part.data for part in live.news(learner.kind, learner.visit(), after).parts]


def test_a_new_post_and_a_reply_are_told_without_their_text(join):
    first, second, third = join(), join(), join()
    for n, one in enumerate((first, second, third)):
        one.answer(n)
    assert {fact["post"] for fact in told(third)} == {first.post().pk, second.post().pk}
    after = Event.objects.latest("pk").pk
    second.reply(first.post())
    (fact,) = told(third, after)
    assert fact == {
        "post": Post.objects.get(kind="reply").pk,
        "root": first.post().pk,
        "new": True,
        "taken": "",
        "gone": False,
    }
    assert told(second, after) == [], "one's own is no news"


def test_nothing_before_the_own_answer_nor_of_another_group_or_run(join):
    writer, silent, elsewhere = join(), join(), join(cohort=uuid.uuid4())
    writer.answer(0)
    elsewhere.answer(1)
    assert told(silent) == [] and told(elsewhere) == []
    silent.answer(2)
    assert [fact["post"] for fact in told(silent)] == [writer.post().pk], "there was something"
    from activities.discussion.models import Group, Member

    mine = Member.objects.get(user=silent.user)
    other = Group.objects.create(cohort=mine.group.cohort, item=mine.group.item, number=77)
    Member.objects.filter(pk=mine.pk).update(group=other)
    assert told(silent) == []


def test_a_report_is_nobodys_business_until_the_post_is_hidden(join):
    writer, reader, reporter = join(), join(), join()
    for n, one in enumerate((writer, reader, reporter)):
        one.answer(n)
    after = Event.objects.latest("pk").pk
    post = writer.post()
    reporter.do("report", step=f"report-{post.pk}", reason="rude")
    assert Event.objects.filter(kind="discussion_reported").exists()
    assert told(reader, after) == []
    reader.do("report", step=f"report-{post.pk}", reason="privacy")
    (fact,) = told(reporter, after)
    assert fact["post"] == post.pk and fact["taken"] and not fact["new"]
    assert ANSWERS[0][:30] not in str(fact)


def test_what_its_author_takes_back_unanswered_is_gone(join):
    writer, reader = join(), join()
    writer.answer(0)
    reader.answer(1)
    after, post = Event.objects.latest("pk").pk, writer.post()
    writer.do("delete", step=f"delete-{post.pk}")
    assert [(f["post"], f["gone"]) for f in told(reader, after)] == [(post.pk, True)]


def test_a_facilitators_post_is_told_to_the_own_group(join, kind, desk):
    reader, another = join(), join()
    reader.answer(0)
    another.answer(1)
    after = Event.objects.latest("pk").pk
    kind.desk_handle(desk(reader), "write", "write", {"body": "โปรดอ่านประกาศก่อนตอบ"}, {})
    (fact,) = told(reader, after)
    assert (fact["post"], fact["new"]) == (Post.objects.get(kind="facilitator").pk, True)
    kind.desk_handle(desk(reader), f"post-{fact['post']}", "hide", {"reason": "ผิดห้อง"}, {})
    (fact,) = told(reader, after)
    assert fact["taken"] and not fact["new"]


def test_the_page_carries_its_cursor_and_asking_costs_little():
    state = demo_course()
    run, address = the_run(), reverse("item_events", args=[SLUG, "a-d1"])
    people, clients = [UserFactory() for _n in range(2)], [Client(), Client()]
    page = reverse("item", args=[SLUG, "a-d1"])
    for person, client, text in zip(people, clients, ANSWERS, strict=False):
        enrol(person, state.course)
        client.force_login(person)
        client.get(page)
        sent = client.post(page, {"action": "answer", "body": text, "draft_form": "initial-p1"})
        assert sent.status_code == 302
    Event.objects.filter(cohort=run.key).update(created_at=timezone.now() - timedelta(minutes=1))
    stream = reverse("item_step", args=[SLUG, "a-d1", "stream"])
    html = clients[0].get(stream).content.decode()
    cursor = Event.objects.filter(cohort=run.key).latest("pk").pk
    assert f'data-live-url="{address}"' in html and f'data-live-after="{cursor}"' in html
    assert f'href="{stream}" data-live-load' in html, "without JavaScript it is a link"
    quiet = clients[0].get(address, {"after": cursor})
    assert quiet.status_code == 204 and not quiet.content
    target = Post.objects.get(kind="initial", author=people[0])
    step = reverse("item_step", args=[SLUG, "a-d1", f"reply-{target.pk}"])
    assert clients[1].post(step, {"action": "reply", "body": REPLIES[0]}).status_code == 302
    with CaptureQueriesContext(connection) as few:
        answer = clients[0].get(address, {"after": cursor})
    assert len(few) <= MOST_QUERIES, [q["sql"][:90] for q in few]
    (event,) = answer.json()["events"]
    assert event["data"]["root"] == target.pk and not event["html"]
    assert clients[0].get(address, {"after": 10**9}).status_code == 410
    assert Client().get(address).status_code == 403
