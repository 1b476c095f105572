"""None, one and two works; people who leave in the middle; criteria that change meanwhile."""

import uuid

import pytest

from activities.workshop.models import ReviewLease
from tests.factories.items import version_of

from .conftest import CRITERIA, Learner, desk_of, page_in, rendered

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(db):
    return version_of(page_in("th", seed_submissions=[]), en=page_in("en", seed_submissions=[]))


def test_no_work_at_all_is_no_error_for_the_desk(join, kind):
    one = join()
    for step in ("", "attention", "reviews", "missing", "gallery", "practice"):
        assert rendered(kind.desk_screen(desk_of(one, now=one.now), step))


def test_one_work_waits_with_a_date_and_then_goes_to_the_instructor(join):
    one = join()
    one.send()
    one.practise()
    one.assess_self()
    assert one.stage == "results"  # nobody else is there to be waited for
    assert one.work.needs_instructor


def test_one_work_among_people_who_never_send_waits_until_the_last_date(join):
    one, _second, _third = join(), join(), join()
    one.send()
    one.practise()
    one.assess_self()
    assert one.stage == "waiting" and "If none comes, they open on" in one.see()
    one.later(days=15).advance()
    assert one.stage == "results" and one.work.needs_instructor


def test_of_two_each_reviews_the_other_and_that_is_enough(join):
    first, second = join(), join()
    for one in (first, second):
        one.send()
        one.practise()
    for one in (first, second):
        one.review()
        one.assess_self()
        assert one.data["required"] == one.data["done"] == 1
    for one in (first, second):
        one.advance()
        assert one.stage == "results" and one.work.received == 1


def test_whoever_waits_for_want_of_works_is_told_when_one_comes(join):
    from activities.core.models import Notification
    from activities.workshop import standing

    first, second, _third = join(), join(), join()
    first.send()
    first.practise()
    first.assess_self()
    assert first.stage == "waiting"
    second.send()
    standing.after_sending(second.work.pk, first.now)
    assert first.stage == "reviewing"
    told = Notification.objects.filter(kind="workshop_review_ready", user=first.user)
    assert told.count() == 1
    standing.after_sending(second.work.pk, first.now)
    assert told.count() == 1


def test_a_reviewer_who_withdraws_gives_the_work_back_and_keeps_what_was_sent(five):
    reviewer = five[0]
    done = reviewer.review()
    held = reviewer.take()
    author = next(one for one in five if one.participation.pk == held.author_id)
    before = author.work.received
    # Their place in the run is gone; the lease runs out by itself and goes to somebody else.
    reviewer.later(hours=25)
    others = [one for one in five[1:4] if one is not author]
    for one in others:
        one.now = reviewer.now
        one.duty()
    assert author.work.received > before
    assert ReviewLease.objects.get(pk=done.pk).state == "done"


def test_criteria_are_frozen_for_those_who_have_begun(kind, version):
    cohort = uuid.uuid4()
    people = [Learner(kind, version, cohort) for _ in range(2)]
    for one in people:
        one.send()
        one.practise()
    lease = people[0].take()
    page = page_in("th", seed_submissions=[])
    page.rubric = list(page.rubric.raw_data)[:2]  # the author takes two criteria away
    version_of(page)
    assert [row["key"] for row in people[0].context(f"review-{lease.pk}")["rubric"]] == list(
        CRITERIA
    )
    people[0].review(lease)
    assert people[1].work.received == 1


def test_whoever_never_practises_gets_the_feedback_all_the_same(join):
    lazy, *others = (join() for _ in range(3))
    lazy.send()
    for one in others:
        one.send()
        one.practise()
    for one in others:
        one.duty()
    assert lazy.stage == "calibrating" and lazy.work.received
    lazy.later(days=7, hours=1).advance()
    assert lazy.work.opened_by == "time"
    assert "please give the reviews that you still owe" in lazy.see("results")
    assert lazy.state != "completed"
