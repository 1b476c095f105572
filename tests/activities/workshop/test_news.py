"""Who waits is told that something has come: what the page shows anyway, and nothing of others."""

import json
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.core import live
from activities.core.models import Event
from activities.core.record import note
from activities.workshop import standing
from activities.workshop.models import Review
from courses.enrolment.enrol import enrol
from tests.factories.items import version_of
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, demo_course

from .conftest import desk_of, form, long_text, page_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 3
REASON = "ความเห็นไม่เกี่ยวกับเกณฑ์ที่กำหนดไว้ในแบบประเมิน จึงไม่นำมาคิดคะแนน"


def now() -> int:
    last = Event.objects.order_by("pk").last()
    return last.pk if last else 0


def told(learner, after: int = 0) -> list[str]:
    """What the page of a learner is told; the kind itself asks seldom."""
    visit = learner.visit()
    events = live.happened(visit.participation, after)
    with CaptureQueriesContext(connection) as queries:
        parts = learner.kind.visible_events(visit, events)
    assert len(queries) <= MOST_QUERIES, [q["sql"][:90] for q in queries]
    assert all(not q["sql"].startswith(("INSERT", "UPDATE", "DELETE")) for q in queries)
    assert all(set(part.data) == {"what"} and not part.html for part in parts), "no more than that"
    return sorted(part.data["what"] for part in parts)


def on_the_desk(learner, action, **data):
    step = f"work-{learner.participation.pk}"
    return learner.kind.desk_handle(desk_of(learner), step, action, form(data), {})


@pytest.fixture
def three(join):
    """Three who have sent their work and practised."""
    people = [join(first_name=name) for name in ("อรุณี", "บุญมี", "เฉลิม")]
    for one in people:
        one.send()
    for one in people:
        one.practise()
    return people


def test_a_review_of_the_own_work_is_told_to_its_author_alone(three):
    author, reviewer, other = three
    author.duty()
    assert author.stage == "waiting"
    lease = reviewer.take()
    while lease.author_id != author.participation.pk:
        reviewer.review(lease)
        lease = reviewer.take()
    mark = now()
    reviewer.review(lease)
    assert told(author, mark) == ["review"]
    assert told(other, mark) == told(reviewer, mark) == []
    facts = str([part.data for part in live.news(author.kind, author.visit(), mark).parts])
    review = Review.objects.latest("pk")
    for secret in (reviewer.user.pk, reviewer.user.first_name, review.pk, lease.pk, lease.number):
        assert str(secret) not in facts.replace("'what': 'review'", "")


def test_who_still_owes_reviews_is_not_told_of_their_own(three):
    author, reviewer, _other = three
    lease = reviewer.take()
    while lease.author_id != author.participation.pk:
        reviewer.review(lease)
        lease = reviewer.take()
    mark = now()
    reviewer.review(lease)
    assert author.stage == "reviewing"
    assert told(author, mark) == [], (
        "the page does not show it yet: it would colour what they write"
    )


@pytest.fixture
def version(db):
    """Without sample works: what is reviewed are works of others."""
    return version_of(page_in("th", seed_submissions=[]), en=page_in("en", seed_submissions=[]))


@pytest.fixture
def short(join):
    """One who has sent and assessed the own work, and waits for somebody else's."""
    first, _seen, _seen_too = join(), join(), join()
    first.send()
    first.practise()
    first.assess_self()
    assert first.stage == "waiting"
    return first


def test_who_waits_for_a_work_is_told_when_one_comes(short, join):
    late, elsewhere = join(), join(cohort=uuid.uuid4())
    mark = now()
    elsewhere.send()
    late.do("check", "work", **late.worksheet())
    assert told(short, mark) == [], "another run's work, and a draft"
    late.do("send", "check")
    assert told(short, mark) == ["work"], "also before the learner has been called"
    standing.after_sending(late.work.pk, short.now)
    assert short.stage == "reviewing" and told(short, mark) == ["work"]
    assert told(late, mark) == []
    short.review()
    assert short.stage == "waiting"
    mark = now()
    note(late.participation, "workshop_sent", {"version": 2})
    assert told(short, mark) == [], "a work that one has reviewed is not owed again"


def test_a_work_that_the_instructor_gives_is_told_to_its_reviewer_alone(short, join):
    author, other = join(), join()
    author.send()
    other.send()
    other.practise()
    mark = now()
    step = f"assign-{author.participation.pk}"
    desk = desk_of(short)
    short.kind.desk_handle(desk, step, "assign", form({"reviewer": short.participation.pk}), {})
    assert told(short, mark) == ["work"]
    assert told(author, mark) == told(other, mark) == []


def test_results_and_the_instructors_answer_are_told_to_their_author(three):
    author, other, _third = three
    author.duty()
    mark = now()
    on_the_desk(author, "override", score="80", reason=REASON)
    assert told(author, mark) == [], "a score is not shown before the results open"
    on_the_desk(author, "release")
    assert told(author, mark) == ["answer", "results"] and told(other, mark) == []
    mark = now()
    on_the_desk(author, "override", score="90", reason=REASON)
    assert told(author, mark) == ["answer"] and told(other, mark) == []
    mark = now()
    on_the_desk(author, "feature") if author.work.shared_at else on_the_desk(author, "looked_at")
    assert told(author, mark) == []


def test_nothing_before_the_work_is_sent(join):
    writer, other = join(), join()
    other.send()
    assert told(writer) == []
    writer.send()
    assert told(writer) == [], "who practises does not wait"


def test_the_pages_that_wait_ask_and_no_others(three):
    author = three[0]
    assert "live" not in author.context() or not author.context()["live"]
    author.duty()
    bar = author.context()["live"]
    data = dict(bar["data"])
    assert bar["here"].endswith("/waiting/") and bar["url"].endswith("/-/events/")
    assert list(json.loads(data["live-texts"])) == ["results", "work", "review"]
    assert str(now()) in data["live-known"].split(), "what the page shows is no news"
    on_the_desk(author, "release")
    assert author.context()["live"], "nobody has reviewed it: the results wait for the instructor"
    assert list(json.loads(dict(author.context()["live"]["data"])["live-texts"])) == ["answer", "review"]  # fmt: skip
    points = {f"points-{c.key}": 2 for c in author.participation.version.rules.criteria}
    on_the_desk(author, "review", **points, overall=long_text("instructor"))
    assert not author.context()["live"], "nothing is waited for any more"


def test_the_page_is_a_link_without_javascript_and_strangers_learn_nothing():
    state = demo_course()
    person, stranger = UserFactory(), UserFactory()
    enrol(person, state.course)
    address = reverse("item_events", args=[SLUG, "a-w1"])
    client = Client()
    client.force_login(person)
    assert client.get(address).status_code == 204
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    assert Client().get(address).status_code == 403


def test_the_link_and_the_polite_line_stand_in_the_page(three):
    author = three[0]
    author.duty()
    html = author.see()
    assert 'role="status" data-live-said' in html and "data-live-show" not in html
    assert "data-live-load>Load what is new</a>" in html
    assert "sala/js/live.js" in html and "sala/js/live.js" not in three[1].see()
