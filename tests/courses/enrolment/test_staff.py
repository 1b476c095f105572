"""What instructors do with places: answer, enrol, end, move; and whose runs they may touch."""

import pytest
from django.contrib.auth import get_user_model
from django.core import mail

from activities.core.models import Notification, Participation
from courses.enrolment import runs, staff
from courses.enrolment.enrol import enrolment_in, join
from courses.enrolment.models import Enrolment, PlaceEvent, RunGroup
from tests.courses.enrolment.test_joining import refused
from tests.factories.courses import bare_course, run_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
WHY = "อยากใช้ในงานบริการประชาชน"


@pytest.fixture
def course(db):
    """People are what is tested here: the course needs no pages."""
    return bare_course()


def test_approving_gives_the_place_and_tells(cohort, teacher, learner):
    run = cohort(method="approval")
    by = teacher(run)
    application = join(learner, run, why=WHY).application
    assert staff.approve(application, by).state == "admitted"
    assert enrolment_in(learner, run.course).added_by == by
    kinds = set(Notification.objects.filter(user=learner).values_list("kind", flat=True))
    assert "run_approved" in kinds
    error = refused(staff.refuse, application, teacher(run), "ไม่มีที่")
    assert (error.code, error.status) == ("decided_already", 409)
    assert by.get_full_name() in error.message


def test_approving_into_a_full_run_puts_on_the_waiting_list(cohort, teacher, learner):
    run = cohort(method="approval", capacity=1)
    by = teacher(run)
    staff.add(run, UserFactory(), by)
    application = join(learner, run, why=WHY).application
    assert staff.approve(application, by).state == "waiting"
    run.has_waiting_list = False
    run.save()
    other = join(UserFactory(), run, why=WHY).application
    assert refused(staff.approve, other, by).code == "full"


def test_refusing_needs_a_reason_that_the_learner_may_answer(cohort, teacher, learner):
    run = cohort(method="approval")
    by = teacher(run)
    application = join(learner, run, why=WHY).application
    assert list(refused(staff.refuse, application, by, "  ").fields) == ["reason"]
    staff.refuse(application, by, "รุ่นนี้สำหรับผู้บริหาร")
    application.refresh_from_db()
    assert (application.state, application.reason) == ("refused", "รุ่นนี้สำหรับผู้บริหาร")
    assert join(learner, run, why=WHY + " อีกครั้ง").application.state == "pending"


def test_other_peoples_runs_do_not_exist(cohort, teacher, learner):
    run, own = cohort(method="approval"), cohort(name="อื่น")
    stranger = teacher(own)
    application = join(learner, run, why=WHY).application
    place = join(UserFactory(), own).enrolment
    tries = [
        (staff.approve, application, stranger),
        (staff.refuse, application, stranger, "x"),
        (staff.add, run, UserFactory(), stranger),
        (staff.add_by_email, run, "a@agency.example", stranger),
        (staff.transfer, place, run, stranger),
        (staff.remove, place, teacher(run), "x"),
        (staff.assign, place, None, teacher(run)),
        (runs.change, run, stranger, {}, []),
        (runs.set_open, run, stranger, False),
        (runs.add_groups, run, stranger, "ก"),
    ]
    for function, *args in tries:
        assert refused(function, *args).status == 404, function
    assert not get_user_model().objects.filter(email="a@agency.example").exists()


def test_somebody_without_an_account_gets_one_and_a_mail_to_set_a_password(
    cohort, teacher, client, django_capture_on_commit_callbacks
):
    run = cohort()
    with django_capture_on_commit_callbacks(execute=True):
        enrolment, added = staff.add_by_email(
            run, " New@Agency.example", teacher(run), first_name="ใหม่"
        )
    assert added
    user = enrolment.user
    assert (user.email, user.first_name, user.has_usable_password()) == (
        "new@agency.example",
        "ใหม่",
        False,
    )
    (letter,) = mail.outbox
    assert letter.to == ["new@agency.example"]
    address = next(word for word in letter.body.split() if "/password/reset/key/" in word)
    page = client.get(address.partition("8000")[2] or address, follow=True)
    assert page.status_code == 200
    assert 'name="password1"' in page.content.decode()


def test_a_bad_address_is_named(cohort, teacher):
    run = cohort()
    assert list(refused(staff.add_by_email, run, "somchai@", teacher(run)).fields) == ["email"]


def test_a_full_run_takes_nobody_by_hand_either(cohort, teacher):
    run = cohort(capacity=1)
    by = teacher(run)
    staff.add(run, UserFactory(), by)
    assert refused(staff.add, run, UserFactory(), by).code == "full"


def test_who_is_taken_off_reads_why_and_does_not_return_alone(cohort, teacher, learner):
    run = cohort(capacity=1)
    by = teacher(run)
    place = join(learner, run).enrolment
    waiting = UserFactory()
    join(waiting, run)
    assert list(refused(staff.remove, place, by, "").fields) == ["reason"]
    staff.remove(place, by, "ย้ายหน่วยงาน")
    assert enrolment_in(waiting, run.course) is not None
    error = refused(join, learner, run)
    assert error.code == "taken_off"
    assert "ย้ายหน่วยงาน" in error.message
    assert refused(staff.remove, place, by, "ซ้ำ").code == "not_active"
    assert refused(staff.bring_back, place, by).code == "full"
    staff.remove(enrolment_in(waiting, run.course), by, "ลาออก")
    assert staff.bring_back(place, by).state == "active"


def test_a_transfer_moves_the_seat_and_the_place(course, cohort, teacher, learner):
    source, to = cohort(capacity=1), cohort(name="รุ่น 2")
    by = teacher(source, to)
    place = join(learner, source).enrolment
    waiting = UserFactory()
    join(waiting, source)
    from courses.releases.delivery import current_release, current_version

    release = current_release(source.course)
    items = {entry["slug"]: entry["key"] for entry in release.outline["items"]}
    for slug in ("l1", "a2"):
        Participation.objects.create(
            user=learner,
            seat=place.seat,
            cohort=source.key,
            item=items[slug],
            version=current_version(release, items[slug]),
        )
    Enrolment.objects.filter(pk=place.pk).update(progress={items["l1"]: 50})
    moved = staff.transfer(place, to, by)
    assert (moved.pk, moved.seat, moved.run_id) == (place.pk, place.seat, to.pk)
    assert moved.progress == {items["l1"]: 50}
    cohorts = dict(Participation.objects.values_list("item", "cohort"))
    assert {str(k): v for k, v in cohorts.items()} == {
        items["l1"]: to.key,
        items["a2"]: source.key,  # a discussion goes on with those it was begun with
    }
    assert enrolment_in(waiting, source.course).run_id == source.pk
    assert refused(staff.transfer, moved, to, by).code == "wrong_run"


def test_a_transfer_into_a_full_run_is_refused(cohort, teacher, learner):
    source, to = cohort(), cohort(name="รุ่น 2", capacity=1)
    by = teacher(source, to)
    staff.add(to, UserFactory(), by)
    place = join(learner, source).enrolment
    assert refused(staff.transfer, place, to, by).code == "full"
    place.refresh_from_db()
    assert place.run_id == source.pk


def test_groups_belong_to_their_run(cohort, teacher, learner):
    run, other = cohort(), cohort(name="รุ่น 2")
    by = teacher(run, other)
    assert runs.add_groups(run, by, "ก\nข\n\nก") == 2
    assert runs.add_groups(run, by, "ก\nค") == 1
    place = join(learner, run).enrolment
    group = run.groups.first()
    staff.assign(place, group, by)
    place.refresh_from_db()
    assert place.group == group
    foreign = RunGroup.objects.create(run=other, name="อื่น")
    assert refused(staff.assign, place, foreign, by).status == 404
    runs.delete_group(group, by)
    place.refresh_from_db()
    assert place.group is None
    assert "name" in next(iter(refused(runs.rename_group, foreign, by, "").fields))


def test_a_copy_has_the_dates_moved_and_no_people(cohort, teacher, learner):
    from datetime import timedelta

    from django.utils import timezone

    from activities.core.models import PhaseDates

    run = cohort(capacity=5, enrol_until=timezone.now() + timedelta(days=3))
    by = teacher(run)
    runs.add_groups(run, by, "ก")
    join(learner, run)
    PhaseDates.objects.create(
        cohort=run.key, item=run.key, phase="x", due_at=run.starts_at + timedelta(days=2)
    )
    made = runs.copy(run, by, run.starts_at + timedelta(days=70), "รุ่น 2", "")
    week = timedelta(days=70)
    assert made.starts_at - run.starts_at == week
    assert made.ends_at - run.ends_at == week
    assert made.enrol_until - run.enrol_until == week
    assert (made.capacity, made.is_open, made.enrolments.count()) == (5, False, 0)
    assert list(made.instructors.all()) == [by]
    assert [group.name for group in made.groups.all()] == ["ก"]
    (dates,) = PhaseDates.objects.filter(cohort=made.key)
    assert dates.due_at == made.starts_at + timedelta(days=2)


def test_a_rolling_run_is_not_copied(course, manager):
    from django.utils import timezone

    error = refused(runs.copy, run_of(course), manager, timezone.now(), "x", "")
    assert error.code == "no_beginning"


def test_history_says_who_did_what(cohort, teacher, learner):
    run = cohort()
    by = teacher(run)
    place, _added = staff.add(run, learner, by)
    staff.remove(place, by, "เหตุผล")
    events = PlaceEvent.objects.filter(user=learner).values_list("kind", "by", "note")
    assert list(events) == [("removed", by.pk, "เหตุผล"), ("enrolled", by.pk, "")]
