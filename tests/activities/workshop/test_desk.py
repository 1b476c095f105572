"""The instructor's desk."""

import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from activities.core.contract import Submitted
from activities.core.errors import Refused
from activities.core.models import Event, Participation
from activities.workshop.models import Review, Submission
from tests.factories.people import UserFactory

from .conftest import CRITERIA, desk_of, form, long_text, rendered

pytestmark = pytest.mark.django_db

REASON = "ผลงานมีหลักฐานครบถ้วนตามเกณฑ์ทุกข้อ"


def act(kind, learner, action, desk=None, **data):
    desk = desk or desk_of(learner, now=learner.now)
    with transaction.atomic():
        return kind.desk_handle(desk, f"work-{learner.participation.pk}", action, form(data), {})


def refused(kind, learner, action, **data):
    desk = desk_of(learner, now=learner.now)
    step = f"work-{learner.participation.pk}"
    try:
        with transaction.atomic():
            kind.desk_handle(desk, step, action, form(data), {})
    except Refused as error:
        screen = kind.desk_screen(desk, step, Submitted(action, form(data), error))
        return error, rendered(screen)
    raise AssertionError("nothing was refused")


def marks(points) -> dict:
    return {f"points-{key}": points for key in CRITERIA}


def look(kind, learner, step="") -> str:
    return rendered(kind.desk_screen(desk_of(learner, now=learner.now), step))


def test_what_people_say_of_reviews_and_of_not_reviewing_is_read(opened, join, kind):
    first, newcomer = opened[0], join()
    review = first.work.reviews.filter(kind="peer").first()
    first.do("react", "results", review=review.pk, reaction="unclear", text="ข้อที่สองหมายถึงตารางใด")
    newcomer.send()
    newcomer.practise()
    lease = newcomer.take()
    newcomer.do("cannot", f"review-{lease.pk}", reason="personal", detail="มีเลขประจำตัวประชาชน")
    assert "ข้อที่สองหมายถึงตารางใด" in look(kind, first, f"work-{first.participation.pk}")
    page = look(kind, first, f"work-{lease.author_id}")
    assert "Could not review this work" in page and newcomer.user.get_full_name() in page
    assert "It contains personal or confidential data" in page and "มีเลขประจำตัวประชาชน" in page


def test_everybody_with_what_was_received_and_who_waits(five, kind):  # noqa: F811
    first, second = five[:2]
    first.duty()
    lease = second.take()
    rows = kind.desk_screen(desk_of(first, now=first.now), "").context["rows"]
    by_name = {row["name"]: row for row in rows}
    assert len(rows) == 5
    mine = by_name[first.user.get_full_name()]
    assert mine["waiting"] and mine["done"] == 2 and mine["stage"] == "waiting for reviews"
    leased = by_name[lease.author.user.get_full_name()]
    assert leased["leases"] == 1
    assert sum(row["received"] or 0 for row in rows) == 2
    page = look(kind, first)
    assert "คนที่0" in page and "waiting for reviews: 1" in page and "writing: 1" in page


def test_other_runs_are_not_there(five, kind):  # noqa: F811
    first = five[0]
    desk = desk_of(first, cohort=uuid.uuid4())
    assert kind.desk_screen(desk, "").context["rows"] == []
    with pytest.raises(Refused) as error:
        kind.desk_screen(desk, f"work-{first.participation.pk}")
    assert error.value.status == 404


def test_a_lone_learner_gets_the_score_from_the_instructor(join, kind):
    one = join()
    one.up_to_results()
    assert "Too few peers have reviewed this work" in look(kind, one, "attention")
    act(kind, one, "review", **marks(3), overall="ดีมาก")
    one.participation.refresh_from_db()
    assert one.work.grade == 100 and one.score == 100
    assert not one.work.needs_instructor
    assert "Nothing waits for you" in look(kind, one, "attention")
    assert "What your instructor says" in one.see("results") and "ดีมาก" in one.see("results")
    act(kind, one, "review", **marks(0), overall="ขอปรับผล")
    assert one.work.grade == 0 and Review.objects.filter(kind="instructor").count() == 1


def test_the_instructors_review_goes_before_the_peers(opened, kind):
    first = opened[0]
    assert first.work.grade != 100
    act(kind, first, "review", **marks(3))
    assert first.work.grade == 100


def test_an_override_needs_a_reason_and_is_logged_with_its_author(opened, kind):
    first = opened[0]
    error, page = refused(kind, first, "override", score="88", reason="")
    assert error.status == 422 and 'value="88"' in page
    for wrong in ("101", "-1", "ดี", "NaN", ""):
        error, _page = refused(kind, first, "override", score=wrong, reason=REASON)
        assert error.code == "out_of_range"
    teacher = UserFactory()
    desk = desk_of(first, user=teacher, now=first.now)
    old = str(first.work.grade)
    act(kind, first, "override", desk, score="88,5", reason=REASON)
    assert str(first.work.grade) == "88.50000"
    event = Event.objects.get(kind="workshop_desk_override")
    assert event.actor == teacher
    assert event.payload["old"] == old and event.payload["reason"] == REASON
    assert REASON in first.see("results")
    act(kind, first, "clear_override")
    assert str(first.work.grade) == old


def test_a_disputed_review_is_left_out_and_the_grade_computed_anew(join, kind):
    people = [join() for _ in range(3)]
    for person in people:
        person.send()
        person.practise()
    people[0].duty(points=3)
    people[1].duty(points=0)
    people[2].duty(points=3)
    victim = next(p for p in people if sorted(r.grade for r in p.work.reviews.filter(kind="peer")) == [0, 100])  # fmt: skip
    victim.advance()
    assert victim.work.grade == 50
    assert "The reviewers see this work very differently" in look(kind, victim, "attention")
    bad = victim.work.reviews.get(kind="peer", grade=0)
    victim.do("dispute", "results", review=bad.pk, dispute=long_text("โต้แย้ง", 60))
    assert "asks you to look at a review" in look(kind, victim, "attention")
    act(kind, victim, "exclude", review=bad.pk, reason=REASON)
    assert victim.work.grade == 100 and victim.work.received == 1
    assert "does not count" in victim.see("results")
    # The reviewer's duty stays done.
    assert people[1].data["done"] == 2
    act(kind, victim, "stand", review=bad.pk)
    assert victim.work.grade == 50


def test_release_now(join, kind):
    first, other, third = join(), join(), join()
    for person in (other, third):
        person.do("save_draft", "work", draft_form="worksheet", **person.worksheet())
    first.up_to_results()
    assert first.stage == "waiting"
    act(kind, first, "release")
    assert first.stage == "results" and first.work.opened_by == "instructor"
    error, _page = refused(kind, first, "release")
    assert error.status == 409


def test_what_reviewers_could_not_review(five, kind):  # noqa: F811
    first = five[0]
    lease = first.take()
    first.do("cannot", f"review-{lease.pk}", reason="personal")
    author = next(p for p in five if p.participation.pk == lease.author_id)
    assert "It contains personal or confidential data" in look(kind, author, "attention")
    act(kind, author, "looked_at")
    assert "It contains personal" not in look(kind, author, "attention")


def test_the_author_may_change_a_locked_work_again(five, kind):  # noqa: F811
    first = five[0]
    lease = first.take()
    author = next(p for p in five if p.participation.pk == lease.author_id)
    assert author.work.state == "locked"
    act(kind, author, "unlock")
    author.do("take_back", "work")
    assert author.work.state == "draft"
    error, _page = first.refused("review", f"review-{lease.pk}", **first.marks())
    assert error.status == 409


def test_fifty_rows_cost_few_queries_and_bytes(version, join, kind):
    one = join()
    one.send()
    bulk(version, one.participation.cohort, 120, reviews=5)
    desk = desk_of(one, now=one.now)
    desk.rules  # noqa: B018 - kept in memory from the second request on
    with CaptureQueriesContext(connection) as queries:
        html = rendered(kind.desk_screen(desk, ""))
    assert len(queries) <= 8, [q["sql"][:90] for q in queries]
    assert html.count('<th role="rowheader">') == 50
    assert len(html.encode()) < 60_000
    with CaptureQueriesContext(connection) as queries:
        kind.desk_screen(desk_of(one, now=one.now), "attention")
    assert len(queries) <= 8


def bulk(version, cohort, works, reviews=0):
    """Works of so many learners, each with so many reviews."""
    from django.utils import timezone

    from lms.people.models import User

    users = User.objects.bulk_create(
        User(email=f"{uuid.uuid4()}@agency.example", first_name="ผู้เรียน", last_name=f"ลำดับ{n}")
        for n in range(works)
    )
    now = timezone.now()
    people = Participation.objects.bulk_create(
        Participation(
            user=u,
            seat=uuid.uuid4(),
            cohort=cohort,
            item=version.item,
            version=version,
            state="waiting",
            last_seen_at=now,
            data={"stage": "waiting"},
        )  # fmt: skip
        for u in users
    )
    values = {"now": long_text("bulk")}
    made = Submission.objects.bulk_create(
        Submission(
            participation=p,
            cohort=cohort,
            item=version.item,
            values=values,
            state="locked",
            version=1,
            submitted_at=now,
        )  # fmt: skip
        for p in people
    )
    Review.objects.bulk_create(
        Review(
            kind="peer",
            submission=work,
            author=work.participation,
            reviewer=people[(n + k + 1) % works],
            scores={c: {"points": (n + k) % 4, "comment": ""} for c in CRITERIA},
            overall="-",
            grade=50,
        )  # fmt: skip
        for n, work in enumerate(made)
        for k in range(reviews)
    )
    return people


def test_the_desk_refuses_what_it_does_not_know(five, kind):  # noqa: F811
    error, _page = refused(kind, five[0], "explode")
    assert error.status == 400
    with pytest.raises(Refused) as missing:
        kind.desk_screen(desk_of(five[0]), "nothing")
    assert missing.value.status == 404
