"""Somebody decides about a person who erases the account at that moment, each on a connection of its own: neither
waits for the other for ever, the account is gone in the end, and whoever typed something reads it once more."""

import uuid
from datetime import timedelta
from threading import Event as Signal
from threading import Timer
from types import SimpleNamespace

import pytest
from django.db import OperationalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activities.core import holding
from activities.core.errors import Refused
from activities.core.models import Decision
from activities.workshop.models import Review
from courses.certificates.issue import issue
from courses.certificates.models import Certificate
from courses.enrolment.enrol import join
from courses.enrolment.models import Application, CourseRun, Enrolment
from courses.enrolment.places import withdraw
from courses.grades.models import GradeOverride
from courses.teaching.models import Message
from lms.people import erase as erasing
from lms.people.erase import erase
from lms.people.models import User
from tests.activities.workshop.conftest import CRITERIA
from tests.factories.people import UserFactory
from tests.factories.run_people import InRun, versions_of
from tests.factories.site import demo_course, the_run
from tests.paths.test_two_people import at_once

TYPED = "เหตุผลที่พิมพ์ไว้นานพอสมควรแล้ว"
CASES = (
    "approve", "refuse", "grade", "item", "extend", "excuse", "several", "message", "workshop", "remove",
    "revoke",
)  # fmt: skip
# What may be typed about somebody; of what has no text there is nothing to be shown.
SILENT = ("approve", "revoke")


@pytest.fixture
def desk():
    """A run of the demo course with somebody in it, and an instructor who manages everything."""
    state, run = demo_course(), the_run()
    versions = versions_of(state)
    person = InRun(state, run, versions, first_name="อรุณี")
    boss = UserFactory(is_superuser=True, is_staff=True)
    UserFactory(is_superuser=True)  # so that nobody is the last
    client = Client()
    client.force_login(boss)
    return SimpleNamespace(state=state, run=run, versions=versions, person=person, client=client)


def prepare(desk, case: str) -> tuple[str, dict]:
    """The address and the form of a decision about the person."""
    run, person = desk.run, desk.person
    item = str(desk.versions["workshop"].item)
    if case in ("approve", "refuse"):
        run = CourseRun.objects.create(
            course=desk.state.course, pacing="cohort", method="approval", name="รุ่นที่ 2"
        )
        withdraw(person.enrolment)
        application = join(person.user, run, why="อยากเรียนเพื่อใช้ในงานบริการ").application
        return reverse("teach_enrol", args=[run.pk]), {
            "action": case, "application": application.pk, "reason": TYPED,
        }  # fmt: skip
    if case == "grade":
        address = reverse("teach_grade", args=[run.pk, person.enrolment.pk])
        return address, {"action": "override", "score": "80", "reason": TYPED}
    if case in ("item", "extend", "excuse"):
        address = reverse("teach_person", args=[run.pk, person.enrolment.pk])
        until = timezone.localtime() + timedelta(days=9)
        more = {
            "item": {"action": "override", "score": "80"},
            "extend": {"action": "extend", "until": until.strftime("%Y-%m-%dT%H:%M")},
            "excuse": {"action": "excuse"},
        }[case]
        return address, {"item": item, "reason": TYPED, **more}
    if case == "several":
        address = reverse("teach_people", args=[run.pk])
        return address, {
            "action": "excuse",
            "to": [person.enrolment.pk],
            "item": item,
            "why": TYPED,
        }
    if case == "remove":
        address = reverse("teach_people", args=[run.pk])
        return address, {"action": "remove", "to": [person.enrolment.pk], "reason": TYPED}
    if case == "message":
        address = reverse("teach_conversation", args=[run.pk, person.enrolment.pk])
        return address, {"body": TYPED, "key": str(uuid.uuid4())}
    if case == "workshop":
        person.worker.send()
        step = f"work-{person.worker.participation.pk}"
        marks = {f"points-{key}": 3 for key in CRITERIA}
        address = reverse("teach_item_step", args=[run.pk, item, step])
        return address, {"action": "review", "overall": TYPED, **marks}
    Enrolment.objects.filter(pk=person.enrolment.pk).update(
        state="completed", percent=100, completed_at=timezone.now()
    )
    person.enrolment.refresh_from_db()
    certificate = issue(person.enrolment)
    return reverse("certificate_revoke", args=[certificate.code]), {"reason": TYPED}


def together(*functions) -> list:
    """At once, and what the database refuses to do is an error: `at_once` alone would try it again."""

    def strict(function):
        def run():
            try:
                function()
            except OperationalError as error:
                raise AssertionError("a deadlock came through") from error

        return run

    return at_once(*map(strict, functions))


def nothing_is_typed_about(person) -> None:
    user = User.objects.get(pk=person.user.pk)
    assert user.erased_at is not None and not user.is_active
    assert not Enrolment.objects.filter(user=user, state="active").exists()
    assert not Application.objects.filter(user=user, state__in=Application.OPEN).exists()
    for texts in (
        Decision.objects.filter(seat=person.enrolment.seat).values_list("reason", flat=True),
        GradeOverride.objects.filter(enrolment__user=user).values_list("reason", flat=True),
        Message.objects.filter(learner=user).values_list("body", flat=True),
    ):
        assert TYPED not in texts


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("case", CASES)
def test_who_decides_while_the_account_is_being_erased(desk, case, monkeypatch):
    """Erasing has taken the person, and has not yet come to what hangs on the person."""
    address, form = prepare(desk, case)
    taken, go_on, forget = Signal(), Signal(), erasing.forget

    def slowly(person):
        taken.set()
        go_on.wait(timeout=20)
        forget(person)

    monkeypatch.setattr(erasing, "forget", slowly)
    answers = []

    def decide():
        taken.wait(timeout=20)
        Timer(1.0, go_on.set).start()
        answers.append(desk.client.post(address, form))

    assert together(lambda: erase(desk.person.user), decide) == []
    (answer,) = answers
    if case == "revoke":  # it still verifies, so it has to be possible
        assert answer.status_code == 302
        assert Certificate.objects.get().state == "revoked"
    elif case in ("several", "remove"):
        assert answer.status_code in (302, 409)
    else:
        assert answer.status_code in (409, 422)
        html = answer.content.decode()
        assert "ลบบัญชี" in html or "ไม่มีใครตรง" in html or "error-summary" in html
        assert case in SILENT or TYPED in html
    nothing_is_typed_about(desk.person)


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("case", CASES)
def test_who_decides_and_who_erases_at_once(desk, case):
    address, form = prepare(desk, case)
    answers = []
    errors = together(
        lambda: answers.append(desk.client.post(address, form).status_code),
        lambda: erase(desk.person.user),
    )
    assert errors == []
    assert answers[0] in (302, 409, 422)
    nothing_is_typed_about(desk.person)


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_waits_for_a_place_erases_while_somebody_leaves(desk, monkeypatch):
    run = CourseRun.objects.create(
        course=desk.state.course, pacing="cohort", capacity=1, name="รุ่นที่ 3"
    )
    first, next_one, last = (UserFactory() for _n in range(3))
    holder = join(first, run).enrolment
    for person in (next_one, last):
        assert join(person, run).application.state == "waiting"
    taken, go_on, forget = Signal(), Signal(), erasing.forget

    def slowly(person):
        taken.set()
        go_on.wait(timeout=20)
        forget(person)

    monkeypatch.setattr(erasing, "forget", slowly)

    def leave():
        taken.wait(timeout=20)
        Timer(1.0, go_on.set).start()
        withdraw(holder)

    assert together(lambda: erase(next_one), leave) == []
    there = set(Enrolment.objects.filter(run=run, state="active").values_list("user", flat=True))
    assert there == {last.pk}


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_the_database_undid_to_end_a_deadlock_is_done_again():
    people = [UserFactory(first_name="ก") for _n in range(2)]
    met, done = [Signal(), Signal()], []

    def change(mine: int):
        @holding.once_more
        @transaction.atomic
        def both():
            for n in (mine, 1 - mine):
                User.objects.filter(pk=people[n].pk).update(first_name=f"ข{mine}")
                met[mine].set()
                met[1 - mine].wait(timeout=20)
            done.append(mine)

        return both

    assert together(change(0), change(1)) == []
    assert sorted(done)[-1] == 1 and len(done) == 2


def test_other_errors_and_inner_transactions_are_not_tried_again():
    calls = []

    @holding.once_more
    def fails():
        calls.append(1)
        raise OperationalError("the disk is full")

    with pytest.raises(OperationalError):
        fails()
    assert calls == [1]


@pytest.mark.django_db
def test_who_has_erased_the_account_is_decided_about_no_more():
    person, other = UserFactory(), UserFactory()
    assert holding.hold([other.pk, person.pk, None]) == {person.pk, other.pk}
    assert holding.hold([]) == set()
    erase(person)
    with pytest.raises(Refused) as refusal:
        holding.hold_person(person.pk)
    assert (refusal.value.code, refusal.value.status) == ("account_erased", 409)
    assert "ลบบัญชี" in refusal.value.message


@pytest.mark.django_db
def test_what_was_typed_about_somebody_who_is_gone_is_read_once_more(desk):
    """Without any race: the page was open while the account was erased."""
    for case in ("refuse", "workshop", "message"):
        desk.person = InRun(desk.state, desk.run, desk.versions, first_name="มาลี")
        address, form = prepare(desk, case)
        assert desk.client.get(address).status_code == 200
        erase(desk.person.user)
        answer = desk.client.post(address, form)
        assert answer.status_code in (409, 422), case
        assert TYPED in answer.content.decode(), case
    assert not Review.objects.filter(kind="instructor").exists()
