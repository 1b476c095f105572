"""Missing reviews, works given by hand, reminders, the table, practice and good work at the desk."""

import csv
import io
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from activities.core.errors import Refused
from activities.core.models import Event, Notification
from activities.workshop import forecast
from activities.workshop.models import ReviewLease, Submission
from lms.people.models import User
from tests.factories.people import UserFactory

from .conftest import PLAN, REFERENCE, desk_of, form, rendered
from .test_desk import bulk

pytestmark = pytest.mark.django_db
REASON = "ผู้ประเมินแจ้งว่าลาพักยาวจึงประเมินไม่ได้"


def desk(learner, **options):
    return desk_of(learner, now=learner.now, **options)


def act(kind, learner, step, action, **data):
    with transaction.atomic():
        return kind.desk_handle(desk(learner), step, action, form(data), {})


def look(kind, learner, step, **options):
    return rendered(kind.desk_screen(desk(learner, **options), step))


def refused(kind, learner, step, action, **data) -> Refused:
    with pytest.raises(Refused) as error:
        act(kind, learner, step, action, **data)
    return error.value


# -- missing reviews ----------------------------------------------------------------------------


def test_the_forecast_counts_what_is_needed_and_owed(five, kind):
    found = forecast.forecast(desk(five[0]))
    assert found == {"works": 4, "needed": 8, "under_way": 0, "owed": 8, "short": 0}
    five[0].take()
    assert forecast.forecast(desk(five[0]))["under_way"] == 1
    page = look(kind, five[0], "missing")
    assert "Yes, if everybody does what they owe" in page
    assert five[0].user.get_full_name() in page


def test_a_gap_is_said_before_it_opens(five, kind):
    for one in five[:2]:
        one.participation.refresh_from_db()
        one.participation.state = "excused"
        one.participation.save()
    page = look(kind, five[0], "missing")
    assert "4 reviews will be missing, even if everybody does what they owe." in page


def test_nothing_is_missing_when_everything_has_come(opened, kind):
    assert "no work that has been sent is short" in look(kind, opened[0], "missing")


def test_whoever_has_a_work_too_long_is_named(five, kind):
    lease = five[0].take()
    five[0].later(hours=25)
    page = look(kind, five[0], "missing")
    assert lease.reviewer.user.get_full_name() in page and "time ran out" in page


# -- giving works by hand -----------------------------------------------------------------------


def reviewer_of(lease, five):
    return next(one for one in five if one.participation.pk == lease.reviewer_id)


def test_a_work_is_given_to_somebody_who_is_told(five, kind):
    author, chosen = five[0], five[1]
    step = f"assign-{author.participation.pk}"
    assert chosen.user.get_full_name() in look(kind, author, step)
    outcome = act(kind, author, step, "assign", reviewer=chosen.participation.pk)
    assert outcome.step == "missing" and chosen.user.get_full_name() in outcome.message
    lease = ReviewLease.objects.get()
    assert lease.reviewer == chosen.participation and lease.assigned_by is not None
    assert author.work.state == "locked"
    assert Notification.objects.filter(user=chosen.user, kind="workshop_assigned").exists()
    assert chosen.take() == lease
    assert Event.objects.get(kind="workshop_desk_assign").payload["lease"] == lease.pk
    chosen.review(lease)
    assert author.work.received == 1


def test_the_author_and_whoever_had_it_are_not_offered(five, kind):
    author, chosen = five[0], five[1]
    step = f"assign-{author.participation.pk}"
    act(kind, author, step, "assign", reviewer=chosen.participation.pk)
    ids = [row["id"] for row in kind.desk_screen(desk(author), step).context["rows"]]
    assert set(ids) == {five[2].participation.pk, five[3].participation.pk}
    for id in (author.participation.pk, chosen.participation.pk, five[4].participation.pk):
        error = refused(kind, author, step, "assign", reviewer=id)
        assert (error.status, error.code) == (409, "had_it")


@pytest.mark.parametrize("bad", ["", "x", "١"])
def test_a_reviewer_has_to_be_chosen(five, kind, bad):
    step = f"assign-{five[0].participation.pk}"
    assert refused(kind, five[0], step, "assign", reviewer=bad).code == "no_reviewer"


def test_somebody_of_another_run_is_not_there(five, join, kind):
    other = join(cohort=uuid.uuid4())
    other.send()
    step = f"assign-{five[0].participation.pk}"
    assert refused(kind, five[0], step, "assign", reviewer=other.participation.pk).status == 404
    for foreign in (f"assign-{other.participation.pk}", "reassign-999999"):
        with pytest.raises(Refused) as error:
            kind.desk_screen(desk(five[0]), foreign)
        assert error.value.status == 404


def test_a_work_changes_hands_once(five, kind):
    lease = five[0].take()
    author = lease.author
    free = next(p for p in five[1:4] if p.participation.pk != author.pk)
    step = f"reassign-{lease.pk}"
    assert five[0].user.get_full_name() in look(kind, five[0], step)
    outcome = act(kind, five[0], step, "assign", reviewer=free.participation.pk)
    assert outcome.step == "reviews"
    lease.refresh_from_db()
    assert lease.state == "released" and lease.decided_at
    assert "no longer with you" in five[0].see(f"review-{lease.pk}")
    third = next(
        p for p in five[1:4] if p.participation.pk not in (author.pk, free.participation.pk)
    )
    error = refused(kind, five[0], step, "assign", reviewer=third.participation.pk)
    assert (error.status, error.code) == (409, "not_held")
    assert not ReviewLease.objects.filter(reviewer=third.participation).exists()


def test_a_lease_that_ran_out_is_used_again(five, kind):
    lease = five[0].take()
    five[0].later(hours=30)
    step = f"assign-{lease.author_id}"
    act(kind, five[0], step, "assign", reviewer=five[0].participation.pk)
    again = ReviewLease.objects.get()
    assert again.pk == lease.pk and again.number == lease.number
    assert again.expires_at > five[0].now + timedelta(hours=23)


# -- reminders ----------------------------------------------------------------------------------


def everybody(*more):
    return User.objects.filter(pk__in=[user.pk for user in more])


def test_who_has_not_begun(five, kind):
    absent = UserFactory(first_name="ยังไม่เริ่ม")
    learners = everybody(absent, *(one.user for one in five))
    page = look(kind, five[0], "absent", learners=learners)
    assert "ยังไม่เริ่ม" in page and "คนที่0" not in page and "1 person of this run" in page
    assert "run's own page" in look(kind, five[0], "absent")
    assert "Everybody of this run has begun" in look(
        kind, five[0], "absent", learners=everybody(five[0].user)
    )


def test_each_is_reminded_once_a_day(five, kind):
    absent = UserFactory()
    place = desk(five[0], learners=everybody(absent, five[0].user))
    for said in ("1 person was reminded.", "Everybody has been reminded today already."):
        with transaction.atomic():
            assert (
                kind.desk_handle(place, "", "nudge", form({"group": "absent"}), {}).message == said
            )
    assert Notification.objects.get(kind="workshop_nudge").user == absent
    outcome = act(kind, five[0], "", "nudge", group="writing")
    assert outcome.message == "1 person was reminded."
    told = Notification.objects.get(kind="workshop_nudge", user=five[4].user)
    assert told.params["what"]["en"] == "finish your work and send it"
    assert told.params["what"]["th"] != told.params["what"]["en"]
    five[0].later(days=1)
    assert act(kind, five[0], "", "nudge", group="writing").message == "1 person was reminded."


def test_nobody_to_remind_and_no_such_group(five, kind):
    assert refused(kind, five[0], "", "nudge", group="reading").status == 409
    assert refused(kind, five[0], "", "nudge", group="all").status == 400


def test_the_overview_offers_only_reminders_that_reach_somebody(five, kind):
    page = look(kind, five[0], "")
    assert "Remind 4 people: they owe reviews" in page
    assert "Remind 1 person: they are writing" in page
    assert "have not finished reading" not in page


# -- the table ----------------------------------------------------------------------------------


def test_the_table_has_everybody_and_no_formula(opened, kind):
    User.objects.filter(pk=opened[0].user.pk).update(first_name="=HYPERLINK(1)", last_name="")
    response = kind.desk_screen(desk(opened[0]), "table").response()
    assert response["Content-Type"].startswith("text/csv")
    raw = b"".join(response.streaming_content)
    assert raw.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    assert len(rows) == 5 and all(len(row) == len(header) for row in rows)
    assert "'=HYPERLINK(1)" in {row[0] for row in rows}
    by_mail = {row[1]: dict(zip(header, row, strict=True)) for row in rows}
    mine = by_mail[opened[1].user.email]
    assert mine["Grade of the work"] == str(opened[1].work.grade)
    assert mine["Reviews given"] == "2" and mine["Score"] == str(opened[1].score)
    assert by_mail[opened[4].user.email]["Score"] == ""


# -- practice -----------------------------------------------------------------------------------


def test_how_practising_went(five, kind):
    context = kind.desk_screen(desk(five[0]), "practice").context
    (example,) = context["examples"]
    assert example["people"] == 4 and example["mean"] == 100 and example["second"] == 0
    assert [part["count"] for part in example["parts"]] == [0, 0, 0, 4]
    assert all(criterion["same"] == 100 for criterion in example["criteria"])
    assert context["failed"] == []


def test_whose_reviews_are_feedback_only(five, join, kind):
    one = join(first_name="ฝึกไม่ผ่าน")
    one.send()
    far = {key: 3 if points < 2 else 0 for key, points in REFERENCE.items()}
    one.practise(**far)
    one.practise(**far)
    page = look(kind, one, "practice")
    assert "ฝึกไม่ผ่าน" in page and "1 needed a second try" in page


def test_nobody_has_practised(join, kind):
    one = join()
    one.send()
    assert "Nobody has practised with it yet" in look(kind, one, "practice")


# -- good work ----------------------------------------------------------------------------------


def finished(opened, share):
    one, other = opened[:2]
    one.do("acknowledge", "results")
    one.do("plan", "revise", plan=PLAN, **({"share": "1"} if share else {}))
    return one, other


def test_good_work_is_shown_with_consent_and_without_a_name(opened, kind):
    one, other = finished(opened, share=True)
    assert "See good work" not in other.see("results")
    assert one.user.get_full_name() in look(kind, one, "gallery")
    act(kind, one, f"work-{one.participation.pk}", "feature")
    assert "See good work" in other.see("results")
    page = other.see("gallery")
    assert one.work.values["goal"] in page and one.user.get_full_name() not in page


def test_only_those_whose_results_are_open_see_it(opened, kind):
    one, _other = finished(opened, share=True)
    act(kind, one, f"work-{one.participation.pk}", "feature")
    assert one.work.values["goal"] not in opened[4].see("gallery")


def test_without_consent_nothing_is_shown(opened, kind):
    one, _other = finished(opened, share=False)
    error = refused(kind, one, f"work-{one.participation.pk}", "feature")
    assert (error.status, error.code) == (409, "no_consent")
    assert one.user.get_full_name() not in look(kind, one, "gallery").partition("<h2>")[2]


def test_consent_is_given_and_taken_back_at_any_time(opened, kind):
    one, other = finished(opened, share=False)
    one.do("share", "results", share="1")
    act(kind, one, f"work-{one.participation.pk}", "feature")
    assert "is shown to others, without your name" in one.see("results")
    one.do("share", "results")
    assert not Submission.objects.filter(featured_at__isnull=False).exists()
    assert "See good work" not in other.see("results")


# -- disputes -----------------------------------------------------------------------------------


def disputed(one):
    review = one.work.reviews.filter(kind="peer").first()
    one.do("dispute", "results", review=review.pk, dispute="ผลการประเมินนี้ไม่ตรงกับหลักฐานที่ส่งไว้เลย")
    return review


def test_the_author_reads_why_a_disputed_review_stands(opened, kind):
    one = opened[0]
    review = disputed(one)
    step = f"work-{one.participation.pk}"
    error = refused(kind, one, step, "stand", review=review.pk)
    assert f"reason-{review.pk}" in error.fields
    act(kind, one, step, "stand", review=review.pk, reason=REASON)
    assert REASON in one.see("results")
    for action in ("stand",):
        assert refused(kind, one, step, action, review=review.pk, reason=REASON).code == "decided"


def test_the_author_reads_why_a_review_was_left_out(opened, kind):
    one = opened[0]
    review = disputed(one)
    act(kind, one, f"work-{one.participation.pk}", "exclude", review=review.pk, reason=REASON)
    assert REASON in one.see("results")
    error = refused(
        kind, one, f"work-{one.participation.pk}", "exclude", review=review.pk, reason=REASON
    )
    assert (error.status, error.code) == (409, "decided")


# -- costs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["missing", "reviews", "gallery", "practice", "attention", ""])
def test_each_page_costs_the_same_for_many(version, join, kind, step):
    cohort = uuid.uuid4()
    one = join(cohort=cohort)
    one.send()

    def cost():
        place = desk(one, learners=User.objects.all())
        place.rules, place.content  # noqa: B018 - into memory
        with CaptureQueriesContext(connection) as queries:
            html = rendered(kind.desk_screen(place, step))
        return len(queries), len(html.encode())

    few, _size = cost()
    bulk(version, cohort, 120, reviews=1)
    Submission.objects.filter(cohort=cohort).update(shared_at=one.now)
    many, size = cost()
    assert many <= max(few + 2, 10) and many <= 15 and size < 60_000


# -- before it begins ---------------------------------------------------------------------------


def test_the_checklist_is_there_until_somebody_has_sent_something(join, kind):
    from activities.core.models import PhaseDates

    one = join()
    learners = everybody(one.user, UserFactory())
    page = look(kind, one, "", learners=learners)
    assert "2 people take part; each reviews 2 works. That is too few" in page
    assert "No date for sending" in page and "There is an example to practise with" in page
    PhaseDates.objects.create(
        cohort=one.participation.cohort,
        item=one.participation.item,
        phase="submission",
        due_at=one.now,
    )
    learners = everybody(one.user, UserFactory(), UserFactory())
    page = look(kind, one, "", learners=learners)
    assert "There is a date for sending" in page and "too few" not in page
    one.send()
    assert "Before it begins" not in look(kind, one, "", learners=learners)
