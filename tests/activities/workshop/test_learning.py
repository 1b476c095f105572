"""The learner's way: alone, with peers, with people who never come."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from activities.core.models import Draft, Event, Participation
from activities.core.record import save_draft
from activities.workshop import acts
from activities.workshop.models import Review, ReviewLease, Submission, SubmissionRevision
from tests.factories.items import visit_of

from .conftest import CRITERIA, KEYS, PLAN, long_text, page_in, rendered

pytestmark = pytest.mark.django_db


# -- alone --------------------------------------------------------------------------------------


def test_one_learner_alone_finishes_with_samples(join):
    one = join()
    assert "Your worksheet" in one.see()
    one.do("check", "work", **one.worksheet())
    assert one.stage == "drafting" and "Read your work once more" in one.see("check")
    one.do("send", "check")
    assert one.stage == "calibrating"
    assert "Practise with an example" in one.see()
    one.practise()
    page = one.see("practice")
    assert "You came 100 per cent close" in page
    assert "Level 1: there is a goal and 90 days are mentioned" in page
    assert one.stage == "reviewing"
    for n in (1, 2):
        assert f"Review the work of a peer: {n} of 2" in one.see()
        lease = one.take()
        page = one.see(f"review-{lease.pk}")
        assert f"Sample work {n}" in page and "no such person takes part" in page
        one.review(lease)
    assert one.stage == "reviewing" and "Assess your own work" in one.see()
    one.assess_self()
    # Nobody else is here: the results open at once, and the instructor is asked.
    assert one.stage == "results"
    assert one.work.opened_by == "nobody" and one.work.needs_instructor
    page = one.see()
    assert "nobody else could review your work" in page and "The samples you reviewed" in page
    assert "There is no score yet" in page
    one.do("acknowledge", "results")
    assert one.stage == "revising" and "What I will change" in one.see()
    one.do("plan", "revise", plan=PLAN)
    assert one.stage == "done" and one.state == "completed"
    assert one.score is None
    assert PLAN in one.see()


def test_progress_goes_up_step_by_step(join):
    one = join()
    seen = []

    def note():
        one.participation.refresh_from_db()
        seen.append(one.participation.progress)

    for act in (one.send, one.practise, one.review, one.review, one.assess_self, one.finish):
        act()
        note()
    assert seen == sorted(seen) and seen[-1] == 100 and seen[0] == 30


# -- with peers ---------------------------------------------------------------------------------


def test_peers_review_one_another_and_nobody_waits_for_the_absent(five):
    first, second, third, fourth, absent = five
    for person in (first, second, third):
        person.duty()
    # Six reviews of four works have been given; the fourth still owes two.
    assert third.advance().stage in ("waiting", "results")
    fourth.duty(points=3)
    for person in five[:4]:
        person.advance()
    assert [person.work.received for person in five[:4]] == [2, 2, 2, 2]
    assert {person.stage for person in five[:4]} == {"results"}
    assert {person.work.opened_by for person in five[:4]} == {"enough"}
    for person in five[:4]:
        assert person.score is not None
        person.finish()
        assert person.state == "completed"
    assert not Review.objects.filter(kind="peer", submission__isnull=True).exists()
    # The one who was absent comes late, reviews peers' work, and is not made to wait.
    absent.later(days=20)
    for person in five[:4]:
        person.now = absent.now
    absent.up_to_results()
    assert absent.stage == "results" and absent.work.opened_by == "nobody"
    assert absent.work.needs_instructor
    assert (
        Review.objects.filter(reviewer=absent.participation, submission__isnull=False).count() == 3
    )
    absent.finish()
    assert absent.state == "completed"


def test_waiting_says_how_much_has_come_and_until_when(join, kind):
    early, late, other = join(), join(), join()
    for person in (late, other):
        person.do("save_draft", "work", draft_form="worksheet", **person.worksheet())
    early.up_to_results()
    assert early.stage == "waiting" and early.state == "waiting"
    waiting = kind.waiting(early.participation)[0]
    assert waiting.until == early.work.submitted_at + timedelta(days=14)
    assert "Received 0 of 2 reviews" in waiting.text
    assert "Received 0 of 2 reviews" in early.see()
    assert kind.next_step(early.participation) is None
    late.send()
    late.practise()
    lease = late.take()
    assert lease.submission == early.work
    late.review(lease)
    assert early.stage == "waiting"
    waiting = kind.waiting(early.participation)[0]
    assert waiting.until == early.work.submitted_at + timedelta(days=7)
    assert "Received 1 of 2 reviews" in waiting.text
    # The other one is not seen again: there is nobody left who could give the second review.
    early.later(days=6, hours=23)
    Participation.objects.filter(pk=other.participation.pk).update(
        last_seen_at=early.now - timedelta(days=8)
    )
    early.advance()
    assert early.stage == "results" and early.work.opened_by == "nobody"
    assert early.score is not None and early.work.needs_instructor


def test_results_open_with_one_review_after_the_days_that_the_author_set(five):
    first, second, third, fourth, _absent = five
    first.duty()
    second.review()
    received = [p for p in (first, third, fourth) if p.work.reviews.filter(kind="peer").exists()]
    assert first.advance().stage == "waiting"
    assert first in received or third in received or fourth in received
    Review.objects.create(kind="peer", submission=first.work, author=first.participation, reviewer=third.participation, scores={k: {"points": 3, "comment": ""} for k in CRITERIA}, grade=100)  # fmt: skip
    for person in five:
        Participation.objects.filter(pk=person.participation.pk).update(
            last_seen_at=first.now + timedelta(days=6)
        )
    first.later(days=6, hours=23).advance()
    assert first.stage == "waiting"
    first.later(hours=1).advance()
    assert first.stage == "results" and first.work.opened_by == "time"
    assert first.work.grade is not None


def test_after_two_weeks_without_a_review_the_activity_is_complete_and_the_grade_follows(join):
    first, idle, other = join(), join(), join()
    for person in (idle, other):
        person.do("save_draft", "work", draft_form="worksheet", **person.worksheet())
    first.up_to_results()
    assert first.stage == "waiting"

    def still_here():
        Participation.objects.filter(pk__in=[idle.participation.pk, other.participation.pk]).update(
            last_seen_at=first.now
        )

    first.later(days=13, hours=23)
    still_here()
    assert first.advance().stage == "waiting"
    first.later(hours=1)
    still_here()
    first.advance()
    assert first.work.opened_by == "no_review"
    assert first.state == "completed" and first.score is None and first.work.needs_instructor
    assert "This activity is completed; your instructor has been asked" in first.see()
    # A review that comes later is added, and the grade with it.
    idle.later(days=14)
    idle.send()
    idle.practise()
    idle.review(points=3)
    assert first.score is not None and first.work.grade == 100
    assert first.state == "completed"


def test_somebody_who_was_not_seen_for_long_is_not_waited_for(join):
    first, gone, away = join(), join(), join()
    for person in (gone, away):
        person.do("save_draft", "work", draft_form="worksheet", **person.worksheet())
    first.up_to_results()
    assert first.stage == "waiting"
    first.later(days=7, minutes=1).advance()
    assert first.stage == "results" and first.work.opened_by == "nobody"


def test_never_reviewers_still_get_their_feedback_but_not_their_completion(join):
    lazy, keen, third = join(), join(), join()
    lazy.send()
    lazy.practise()
    keen.send()
    keen.practise()
    third.do("save_draft", "work", draft_form="worksheet", **third.worksheet())
    keen.duty()
    assert lazy.work.reviews.filter(kind="peer").count() == 1
    assert "Your results" not in lazy.see("results")
    lazy.later(days=7, hours=1).advance()
    assert lazy.stage == "reviewing" and lazy.work.opened_by == "time"
    page = lazy.see("results")
    assert "please give the reviews that you still owe" in page
    error, _page = lazy.refused("acknowledge", "results")
    assert error.status == 409 and lazy.state != "completed"
    lazy.duty()
    assert lazy.stage == "results"


def test_the_first_without_samples_waits_and_is_called_when_work_comes(kind, join):
    from tests.factories.items import version_of

    version = version_of(page_in("th", seed_submissions=[]))
    first, second, third = (join(of=version) for _ in range(3))
    for person in (second, third):
        person.do("save_draft", "work", draft_form="worksheet", **person.worksheet())
    first.send()
    first.practise()
    first.assess_self()
    assert first.stage == "waiting"
    assert "There is no other work to review at the moment" in first.see()
    second.send()
    assert first.advance().stage == "reviewing"
    assert first.take().submission == second.work


# -- allocation and privacy ---------------------------------------------------------------------


def test_work_of_another_cohort_is_never_offered(join):
    stranger, one = join(cohort=uuid.uuid4()), join()
    stranger.send()
    one.send()
    one.practise()
    assert Submission.objects.count() == 2
    lease = one.take()
    assert lease.submission is None and lease.seed_key == "sample-1"


def test_nobody_gets_the_same_work_twice_nor_their_own(five):
    first = five[0]
    given = []
    while (lease := first.take()) and lease.pk not in [g.pk for g in given]:
        given.append(lease)
        first.review(lease)
        if len(given) > 6:
            break
    works = [g.submission_id for g in given]
    assert len(set(works)) == len(works) and first.work.pk not in works
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(kind="peer", submission=first.work, author=first.participation, reviewer=first.participation)  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewLease.objects.create(submission=first.work, author=first.participation, reviewer=first.participation, expires_at=first.now)  # fmt: skip


def test_the_database_keeps_one_lease_and_one_review_for_reviewer_and_work(five):
    first, second = five[:2]
    lease = first.take()
    values = {
        "submission": lease.submission,
        "author": lease.author,
        "reviewer": first.participation,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewLease.objects.create(**values, expires_at=first.now)
    first.review(lease)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(kind="peer", **values)


def test_a_work_that_was_not_given_to_me_is_not_there(five):
    first, second = five[:2]
    lease = first.take()
    error, _page = second.refused("review", f"review-{lease.pk}", **second.marks())
    assert error.status == 404
    with pytest.raises(acts.Refused) as refused:
        second.see(f"review-{lease.pk}")
    assert refused.value.status == 404


def test_blind_reviews_show_no_name_in_either_direction(five):
    first, second, third, fourth, _absent = five
    names = [p.user.first_name for p in five]
    lease = first.take()
    page = first.see(f"review-{lease.pk}")
    author = next(p for p in five if p.participation.pk == lease.author_id)
    assert long_text(f"{author.user.pk}-now") in page
    assert f"Peer number {lease.number}" in page
    assert not any(name in page for name in names) and author.user.email not in page
    for person in five[:4]:
        person.duty()
    for person in five[:4]:
        page = person.advance().see("results")
        assert "Reviewer 1" in page and "Reviewer 2" in page
        assert not any(name in page for name in names)


def test_named_workshops_show_the_names(join):
    from tests.factories.items import version_of

    version = version_of(page_in("th", anonymity="named"))
    first, second = join(of=version, first_name="อรทัย"), join(of=version, first_name="สมบัติ")
    for person in (first, second):
        person.send()
        person.practise()
    lease = first.take()
    assert "สมบัติ" in first.see(f"review-{lease.pk}")
    first.duty()
    second.duty()
    assert "อรทัย" in second.advance().see("results")


def test_numbers_of_peers_are_drawn_not_derived(join):
    authors = [join() for _ in range(3)]
    for person in authors:
        person.send()
    reviewers = [join() for _ in range(6)]
    numbers = set()
    for person in reviewers:
        person.send()
        person.practise()
        lease = person.take()
        numbers.add((lease.submission_id, lease.number))
        assert 1 <= lease.number <= 99
        same = person.take()
        assert same.pk == lease.pk and same.number == lease.number
    assert len({number for _work, number in numbers}) > 1


def test_the_authors_name_and_others_work_are_not_in_the_worksheet_of_a_newcomer(five):
    newcomer = five[4]
    page = newcomer.see()
    assert not any(long_text(f"{p.user.pk}-now") in page for p in five[:4])


# -- leases -------------------------------------------------------------------------------------


def test_a_lease_that_is_over_keeps_the_draft_and_says_so(five):
    first, second = five[:2]
    lease = first.take()
    first.later(hours=24, minutes=1)
    marks = first.marks(overall="ความเห็นที่เขียนค้างไว้")
    error, page = first.refused("review", f"review-{lease.pk}", **marks)
    assert error.status == 409 and error.code == "lease_over"
    assert "ความเห็นที่เขียนค้างไว้" in page and "Take another work" in page
    assert long_text(f"{lease.author.user_id}-now") not in page
    assert not Review.objects.filter(kind="peer").exists()
    # Nobody else has it: it comes back, with the draft.
    save_draft(first.participation, acts.draft_form(lease), {"overall": "ความเห็นที่เขียนค้างไว้"})
    again = first.take()
    assert again.pk == lease.pk and again.expires_at > first.now
    assert "ความเห็นที่เขียนค้างไว้" in first.see(f"review-{lease.pk}")


def test_an_expired_lease_gives_its_place_to_others(five):
    first, second, third = five[:3]
    lease = first.take()
    work = lease.submission
    second.later(hours=25)
    first.now = third.now = second.now
    others = [second.take(), third.take()]
    assert work.pk in [o.submission_id for o in others] or work == second.work


def test_typing_keeps_the_lease(five):
    first = five[0]
    lease = first.take()
    first.later(hours=20)
    draft = save_draft(first.participation, acts.draft_form(lease), {"overall": "ร่าง"})
    Draft.objects.filter(pk=draft.pk).update(saved_at=first.now)
    first.later(hours=23)
    first.review(lease)
    assert Review.objects.filter(reviewer=first.participation, kind="peer").count() == 1


def test_passing_a_work_on_moves_the_duty(five):
    first = five[0]
    lease = first.take()
    error, page = first.refused("cannot", f"review-{lease.pk}")
    assert error.status == 422 and "Choose why you cannot review this work." in page
    first.do("cannot", f"review-{lease.pk}", reason="copied")
    other = first.take()
    assert other.submission_id not in (None, lease.submission_id)
    assert first.data["required"] == 2 and first.data["done"] == 0


def test_a_sample_cannot_be_passed_on(join):
    one = join()
    one.send()
    one.practise()
    lease = one.take()
    error, _page = one.refused("cannot", f"review-{lease.pk}", reason="copied")
    assert error.code == "sample"


def test_passing_on_again_and_again_is_no_way_out(join):
    one = join()
    for _n in range(5):
        join().send()
    one.send()
    one.practise()
    for _n in range(3):
        one.do("cannot", f"review-{one.take().pk}", reason="unreadable")
    error, _page = one.refused("cannot", f"review-{one.take().pk}", reason="unreadable")
    assert error.status == 409 and error.code == "declined_often"


def test_a_withdrawn_work_frees_its_reviewer(five):
    first, author = five[0], None
    lease = first.take()
    author = next(p for p in five if p.participation.pk == lease.author_id)
    author.do("withdraw", "work")
    assert author.stage == "drafting"
    error, _page = first.refused("review", f"review-{lease.pk}", **first.marks())
    assert error.status == 409 and error.code == "withdrawn"
    assert first.take().submission_id != lease.submission_id
    assert "no longer with you" in first.see(f"review-{lease.pk}")
    # It can be sent again, as another version.
    author.send()
    assert author.work.version == 2 and author.work.revisions.count() == 1


def test_a_reviewed_work_cannot_be_withdrawn(five):
    first = five[0]
    lease = first.review()
    author = next(p for p in five if p.participation.pk == lease.author_id)
    error, _page = author.refused("withdraw", "work")
    assert error.status == 409 and error.code == "reviewed"
    assert author.work.sent


# -- the own work -------------------------------------------------------------------------------


def test_work_can_be_changed_until_somebody_has_it(five):
    first, second = five[:2]
    second.do("take_back", "work")
    assert second.stage == "drafting"
    assert second.work.state == "draft"
    given = [first.take().submission_id]
    assert second.work.pk not in given
    second.do("check", "work", **second.worksheet(**{"field-goal": long_text("ฉบับแก้ไข")}))
    second.do("send", "check")
    assert second.work.version == 2 and second.work.values["goal"] == long_text("ฉบับแก้ไข").strip()
    third = next(p for p in five if p.participation.pk == ReviewLease.objects.get().author_id)
    error, _page = third.refused("take_back", "work")
    assert error.status == 409 and error.code == "leased"


def test_a_worksheet_that_is_too_short_keeps_everything_and_links_to_each_field(join):
    one = join()
    data = one.worksheet(**{"field-goal": "สั้น", "field-steps": ""})
    error, page = one.refused("check", "work", **data)
    assert error.status == 422 and set(error.fields) == {"field-goal", "field-steps"}
    assert error.message == "2 places need your attention. What you wrote is kept."
    assert 'href="#field-goal"' in page and 'href="#field-steps"' in page
    assert "(now 4)" in error.fields["field-goal"]
    assert data["field-now"] in page and "สั้น</textarea>" in page
    assert not Submission.objects.exists()


def test_the_samples_are_not_taken_for_own_work(join):
    one = join()
    seed = one.visit().content.seeds[0]
    data = one.worksheet(**{f"field-{k}": seed.values[k] for k in ("goal",)})
    error, _page = one.refused("check", "work", **data)
    assert error.fields.keys() == {"field-goal"} and "same as a sample" in error.message


def test_drafts_are_there_again(join):
    one = join()
    one.do("save_draft", "work", draft_form="worksheet", **{"field-now": "เริ่มเขียน"})
    assert one.stage == "drafting" and "เริ่มเขียน</textarea>" in one.see()


# -- practising ---------------------------------------------------------------------------------


def test_a_second_try_below_seventy_then_on_in_any_case(join):
    one = join()
    one.send()
    one.practise(specific=3, gap=0, steps=3, evidence=3)
    assert one.stage == "calibrating"
    page = one.see("practice")
    assert "You chose differently here" in page and "Assess the example once more" in page
    assert "Level 1: there is a goal" not in page  # the reference is not told before the last try
    one.practise(specific=3, gap=0, steps=3, evidence=3)
    assert one.stage == "reviewing"
    assert "Level 1: there is a goal" in one.see("practice")
    error, _page = one.refused("practise", "practice", example="example-1", **{f"points-{k}": 1 for k in CRITERIA})  # fmt: skip
    assert error.status == 409
    one.review()
    assert Review.objects.get(kind="peer").weight == 0


def test_reviews_of_somebody_who_did_not_manage_to_practise_are_feedback_only(five, join):
    wild = join()
    wild.send()
    for _try in range(2):
        wild.practise(specific=3, gap=0, steps=3, evidence=3)
    lease = wild.review(points=0)
    author = next(p for p in five if p.participation.pk == lease.author_id)
    for person in five[:4]:
        person.duty(points=3)
    author.advance()
    assert author.work.grade == 100


# -- reviewing ----------------------------------------------------------------------------------


def test_a_review_needs_every_level_and_enough_words(five):
    first = five[0]
    lease = first.take()
    marks = first.marks(overall="สั้นเกินไป")
    del marks["points-gap"]
    error, page = first.refused("review", f"review-{lease.pk}", **marks)
    assert error.status == 422 and set(error.fields) == {"points-gap", "overall"}
    assert 'href="#points-gap"' in page and 'href="#overall"' in page
    assert "สั้นเกินไป</textarea>" in page
    assert page.count(" checked") == 3
    assert lease.state == "held"


@pytest.mark.parametrize("points", ["4", "-1", "1.5", "x", "999999999999", "²"])
def test_points_outside_the_scale_are_refused(five, points):
    first = five[0]
    lease = first.take()
    error, _page = first.refused(
        "review", f"review-{lease.pk}", **first.marks(**{"points-gap": points})
    )
    assert "must be between 0 and 3" in error.fields["points-gap"]


def test_the_same_feedback_for_two_works_is_refused(five):
    first = five[0]
    overall = long_text("ข้อเสนอแนะเดิม")
    first.review(overall=overall)
    lease = first.take()
    error, _page = first.refused("review", f"review-{lease.pk}", **first.marks(overall=overall))
    assert "More than 80 per cent" in error.fields["overall"]


def test_a_form_that_is_sent_twice_counts_once(five):
    first = five[0]
    lease = first.take()
    key = str(uuid.uuid4())
    marks = first.marks(key=key)
    first.do("review", f"review-{lease.pk}", **marks)
    first.do("review", f"review-{lease.pk}", **marks)
    assert Review.objects.filter(kind="peer").count() == 1
    assert first.data["done"] == 1
    error, _page = first.refused("review", f"review-{lease.pk}", **first.marks())
    assert error.status == 409 and error.code == "reviewed"


def test_sending_the_work_twice_counts_once(join):
    one = join()
    key = str(uuid.uuid4())
    one.do("check", "work", **one.worksheet())
    for _n in range(2):
        one.do("send", "check", key=key)
    assert one.work.version == 1
    assert Event.objects.filter(kind="workshop_sent").count() == 1
    error, _page = one.refused("send", "check")
    assert error.status == 409


def test_reasons_are_asked_for_where_the_author_wants_them(join):
    from tests.factories.items import version_of

    page = page_in("th")
    rubric = [dict(block["value"]) for block in page.rubric.raw_data]
    blocks = [
        {"type": "criterion", "value": {**value, "comment_required": True, "min_chars": 150}}
        for value in rubric
    ]
    one = join(of=version_of(page_in("th", rubric=blocks)), language="th")
    one.send()
    one.practise()
    lease = one.take()
    error, page = one.refused("review", f"review-{lease.pk}", **one.marks())
    assert set(error.fields) == {f"comment-{key}" for key in CRITERIA}
    assert 'id="comment-evidence"' in page


def test_help_one_more_peer_while_waiting(five):
    first, second, third, fourth, _absent = five
    first.duty()
    assert first.advance().stage == "waiting"
    assert "Help one more peer" in first.see()
    lease = first.take()
    assert lease.submission_id is not None
    first.review(lease)
    assert first.data["done"] == 3 and first.stage == "waiting"


# -- results ------------------------------------------------------------------------------------


def test_the_score_is_made_of_the_work_and_the_reviews(opened):
    first = opened[0]
    assert first.work.grade == Decimal("66.66667")
    assert first.work.reviewer_grade == 100  # both reviews done, practised without a fault
    assert first.score == Decimal("73.33334")
    page = first.see("results")
    assert "Score 73 of 100" in page and "From 2 reviews by peers." in page


def test_reactions_and_one_dispute(opened):
    first = opened[0]
    one, two = first.work.reviews.filter(kind="peer")
    first.do("react", "results", review=one.pk, reaction="useful")
    first.do("react", "results", review=one.pk, reaction="unclear")
    one.refresh_from_db()
    assert one.reaction.reaction == "unclear"
    error, page = first.refused("dispute", "results", review=one.pk, dispute="ไม่ดี")
    assert error.status == 422 and "ไม่ดี</textarea>" in page
    first.do("dispute", "results", review=one.pk, dispute=long_text("โต้แย้ง", 60))
    error, _page = first.refused("dispute", "results", review=two.pk, dispute=long_text("อีก", 60))
    assert error.status == 409 and error.code == "disputed"
    stranger = opened[1]
    error, _page = stranger.refused("react", "results", review=one.pk, reaction="useful")
    assert error.status == 404


def test_nothing_of_the_results_before_they_are_open(five):
    first = five[0]
    error, _page = first.refused("acknowledge", "results")
    assert error.status == 409 and error.code == "not_open"


def test_an_improved_version_stands_beside_the_first(opened):
    first = opened[0]
    first.do("acknowledge", "results")
    error, page = first.refused("plan", "revise", plan="สั้น")
    assert error.fields.keys() == {"plan"} and "สั้น</textarea>" in page
    before = first.work.values["goal"]
    after = long_text("เป้าหมายที่ปรับแล้ว").strip()
    first.do("plan", "revise", plan=PLAN, **first.worksheet(**{"field-goal": after}))
    revision = SubmissionRevision.objects.get(submission=first.work)
    assert revision.improved and revision.version == 2 and revision.values["goal"] == after
    assert first.work.values["goal"] == before and first.work.grade == Decimal("66.66667")
    page = first.see("results")
    assert before in page and after in page


def test_one_hostile_review_hardly_moves_the_median(join):
    from tests.factories.items import version_of

    version = version_of(page_in("th", min_reviews_per_submission=3, reviews_per_learner=3))
    people = [join(of=version) for _ in range(4)]
    for person in people:
        person.send()
        person.practise()
    for person, points in zip(people, (3, 3, 3, 0), strict=True):
        person.duty(points)
    first = people[0].advance()
    assert first.work.received == 3 and first.work.grade == 100
    assert people[3].advance().work.reviewer_grade < 100


# -- in both languages, in the preview, in few queries ------------------------------------------


def test_texts_of_the_other_language_are_matched_by_key(join):
    one = join(language="th")
    page = one.see()
    assert "ปัจจุบันฉันทำงานนี้อย่างไร" in page and "How I do this work now" not in page
    one.language = "en"
    page = one.see()
    assert "How I do this work now" in page and "Clarity of the goal" in page


def test_a_translation_that_lacks_a_field_shows_the_source(kind, join):
    from tests.factories.items import version_of

    item_page = page_in("en")
    fields = [b for b in item_page.worksheet.raw_data if b["value"]["key"] != "goal"]
    version = version_of(page_in("th"), en=page_in("en", worksheet=fields))
    page = join(of=version).see()
    assert "How I do this work now" in page and "ภายใน 90 วัน ฉันจะทำสิ่งใดได้" in page


def test_the_preview_needs_no_database(kind):
    from activities.core.contract import PreviewVisit
    from activities.core.models import ItemVersion, Participation

    class Item:
        translation_key = uuid.uuid4()

    page = page_in("en")
    version = ItemVersion(item=page.translation_key, kind="workshop", category="active", declared=60, required=True, source_language="en", languages=["en"], texts={}, digest="")  # fmt: skip
    visit = PreviewVisit(participation=Participation(item=page.translation_key, version=version), version=version, user=None, language="en", base_url="#", is_preview=True)  # fmt: skip
    visit.page = page
    with CaptureQueriesContext(
        connection,
    ) as queries:
        html = rendered(kind.screen(visit, ""), is_preview=True)
    assert len(queries) == 0 and "Your worksheet" in html and " disabled" in html


def test_the_review_page_costs_few_queries_and_bytes(five):
    first = five[0]
    lease = first.take()
    visit = first.visit()
    visit.rules  # noqa: B018 - kept in memory from the second request on
    with CaptureQueriesContext(connection) as queries:
        html = rendered(first.kind.screen(visit, f"review-{lease.pk}"))
    assert len(queries) <= 3
    assert len(html.encode()) < 20_000


def test_looking_costs_nothing_where_the_clock_changes_nothing(five, kind):
    first = five[0]
    participation = first.visit().participation
    with CaptureQueriesContext(connection) as queries:
        kind.advance(participation, now=first.now)
        kind.waiting(participation)
    assert len(queries) == 0


def test_next_steps_name_what_to_do(join, kind):
    one = join()
    labels = []

    def note():
        one.visit()
        step = kind.next_step(one.participation)
        labels.append((step.step, step.minutes > 0) if step else None)

    note()
    for act in (one.send, one.practise, one.review, one.review, one.assess_self):
        act()
        note()
    one.do("acknowledge", "results")
    note()
    one.do("plan", "revise", plan=PLAN)
    note()
    assert labels == [
        ("", True),
        ("practice", True),
        ("review", True),
        ("review", True),
        ("self", True),
        ("results", True),
        ("revise", True),
        None,
    ]


@pytest.mark.parametrize("step", ["nothing", "review-999999", "review-x", "work-1"])
def test_steps_that_are_not_there(join, step):
    one = join()
    with pytest.raises(acts.Refused) as refused:
        one.see(step)
    assert refused.value.status == 404


@pytest.mark.parametrize(
    "step", ["check", "practice", "review", "self", "waiting", "results", "revise"]
)
def test_a_step_that_comes_later_shows_where_one_is(join, step):
    assert "Your worksheet" in join().see(step)


def test_an_unknown_action_is_refused(join):
    error, _page = join().refused("explode", "work")
    assert error.status == 400


def test_no_inline_script_or_style_anywhere(opened):
    first = opened[0]
    first.do("acknowledge", "results")
    for step in ("", "work", "practice", "results", "revise"):
        page = first.see(step)
        assert "style=" not in page and "<script" not in page and "onclick" not in page
    with override("th"):
        assert visit_of(first.participation).language == "th"
    assert set(KEYS) == {f.key for f in first.visit().rules.fields}


def test_a_review_reaches_its_author_without_the_author_looking(
    five, django_capture_on_commit_callbacks
):
    first = five[0]
    lease = first.take()
    author = next(p for p in five if p.participation.pk == lease.author_id)
    seen = Participation.objects.get(pk=author.participation.pk).last_seen_at
    with django_capture_on_commit_callbacks(execute=True):
        first.kind.handle(
            first.visit(),
            f"review-{lease.pk}",
            "review",
            {**first.marks(), "key": str(uuid.uuid4())},
            {},
        )
    assert author.work.received == 1
    # Somebody else's review is no visit of the author.
    assert Participation.objects.get(pk=author.participation.pk).last_seen_at == seen


def test_the_excused_stay_excused(join):
    one, other, third = join(), join(), join()
    for person in (other, third):
        person.do("save_draft", "work", draft_form="worksheet", **person.worksheet())
    one.up_to_results()
    Participation.objects.filter(pk=one.participation.pk).update(state="excused")
    assert one.later(days=20).advance().state in ("excused", "completed")
    assert one.work.opened_at is not None


def test_a_review_page_names_the_lease_and_never_the_work(five):
    first = five[0]
    lease = first.take()
    Submission.objects.filter(pk=lease.submission_id).update(id=777777)
    ReviewLease.objects.filter(pk=lease.pk).update(submission_id=777777)
    page = first.see(f"review-{lease.pk}")
    assert f'value="review-{lease.pk}"' in page and "777777" not in page
