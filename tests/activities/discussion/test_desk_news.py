"""What the open desk of a discussion is told: what others did, to those who lead the run, without texts."""

import json
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group as Role
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.core import live
from activities.core.models import Event
from activities.discussion.models import Post
from courses.enrolment.enrol import enrol
from lms.people.roles import COURSE_MANAGER
from tests.factories.people import AgencyFactory, UserFactory, administrator_of
from tests.factories.site import SLUG, demo_course, the_run

from .conftest import ANSWERS
from .test_http import instructor

pytestmark = pytest.mark.django_db


def told(desk, after: int = 0) -> list[tuple]:
    events = live.happened(live.Place(desk.cohort, desk.version.item), after)
    from activities.discussion.kind import DiscussionKind

    with CaptureQueriesContext(connection) as queries:
        parts = DiscussionKind().desk_events(desk, events)
    assert len(queries) <= 1 and not any(part.html for part in parts)
    return [(part.data["what"], part.data["of"]) for part in parts]


def now() -> int:
    return Event.objects.latest("pk").pk


def test_new_posts_of_all_groups_are_told_but_not_of_another_run(join, desk):
    first, second, elsewhere = join(), join(), join(cohort=uuid.uuid4())
    first.answer(0)
    here = desk(first)
    assert told(here) == [("post", first.post().pk)]
    mark = now()
    elsewhere.answer(1)
    assert told(here, mark) == []
    second.answer(1)
    second.reply(first.post())
    reply = Post.objects.get(kind="reply")
    assert told(here, mark) == [("post", second.post().pk), ("post", reply.pk)]
    assert ANSWERS[1][:20] not in str(told(here, mark))


def test_an_answer_that_has_waited_long_is_told_once_it_is_answered(join, desk):
    lonely, helper, third = join(), join(), join()
    for n, one in enumerate((lonely, helper, third)):
        one.answer(n)
    root, mark = lonely.post(), now()
    Post.objects.filter(pk=root.pk).update(created_at=timezone.now() - timedelta(hours=50))
    helper.reply(root)
    assert ("answered", root.pk) in told(desk(lonely), mark)
    mark = now()
    third.reply(Post.objects.get(pk=root.pk), 1)
    assert "answered" not in dict(told(desk(lonely), mark)), "it is in the list no longer"


def test_a_report_raises_a_post_and_a_colleagues_decision_changes_it(join, kind, desk):
    writer, reporter = join(), join()
    writer.answer(0)
    reporter.answer(1)
    mark, post = now(), writer.post()
    reporter.do("report", step=f"report-{post.pk}", reason="rude")
    assert told(desk(writer), mark) == [("check", post.pk)]
    colleague, mark_2 = desk(writer), now()
    kind.desk_handle(colleague, f"post-{post.pk}", "hide", {"reason": "ไม่สุภาพต่อเพื่อน"}, {})
    assert told(desk(writer), mark_2) == [("change", post.pk)]
    assert told(colleague, mark_2) == [], "one's own act is no news"
    kind.desk_handle(colleague, f"post-{post.pk}", "restore", {"reason": ""}, {})
    assert ("check", post.pk) not in told(desk(writer), mark), "nothing is to be checked any more"


def test_each_screen_tells_what_it_shows(join, kind, desk):
    learner = join()
    learner.answer(0)
    for step, wanted in (
        ("", ["post", "check", "change"]),
        ("check", ["check", "change"]),
        ("unanswered", ["answered", "check", "change"]),
    ):
        bar = kind.desk_screen(desk(learner), step).context["live"]
        data = dict(bar["data"])
        assert list(json.loads(data["live-texts"])) == wanted
        assert data["live-known"] == str(now()) and bar["after"] == 0, "the page shows it already"
        assert bar["url"] == "/en/teach/1/item/-/events/"
    assert "live" not in kind.desk_screen(desk(learner), "write").context


@pytest.fixture
def place():
    state = demo_course()
    learner = UserFactory()
    enrol(learner, state.course)
    client = Client()
    client.force_login(learner)
    page = reverse("item", args=[SLUG, "a-d1"])
    client.get(page)
    sent = client.post(page, {"action": "answer", "body": ANSWERS[0], "draft_form": "initial-p1"})
    assert sent.status_code == 302
    post = Post.objects.get(author=learner)
    return the_run(), post, learner, reverse("teach_item_events", args=[the_run().pk, post.item])


def test_only_who_leads_the_run_is_answered(place, client):
    run, post, learner, address = place
    manager = UserFactory()
    manager.groups.add(Role.objects.get(name=COURSE_MANAGER))
    assert client.get(address).status_code == 403
    for nobody in (learner, UserFactory(), instructor(), administrator_of(AgencyFactory())):
        client.force_login(nobody)
        assert client.get(address).status_code == 404
    for leads in (instructor(run), manager):
        client.force_login(leads)
        answer = client.get(address, headers={"accept": "application/json"})
        (event,) = answer.json()["events"]
        assert event["data"] == {"what": "post", "of": post.pk} and not event["html"]
        assert client.post(address).status_code == 405


def test_asking_costs_little_and_a_strange_cursor_is_refused(place, client):
    run, _post, _learner, address = place
    client.force_login(instructor(run))
    Event.objects.filter(cohort=run.key).update(created_at=timezone.now() - timedelta(minutes=1))
    mark = client.get(address)["Sala-After"]
    assert mark == str(Event.objects.filter(cohort=run.key).latest("pk").pk)
    with CaptureQueriesContext(connection) as queries:
        quiet = client.get(address, {"after": mark})
    assert quiet.status_code == 204 and quiet["Sala-After"] == mark and not quiet.content
    asked = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 8 and all(sql.startswith("SELECT") for sql in asked), asked
    assert client.get(address, {"after": 10**9}).status_code == 410
    assert client.get(address, {"after": "x"}).status_code == 400
    other = reverse("teach_item_events", args=[run.pk, uuid.uuid4()])
    assert client.get(other).status_code == 404


def test_the_desk_works_without_javascript(place, client):
    run, post, _learner, address = place
    client.force_login(instructor(run))
    desk = reverse("teach_item", args=[run.pk, post.item])
    html = client.get(desk).content.decode()
    assert f'data-live-url="{address}"' in html
    assert f'<a href="{desk}" data-live-load>' in html and "data-live-show hidden" in html
    assert 'data-live-part="list"' in html and 'data-live-part="tabs"' in html
