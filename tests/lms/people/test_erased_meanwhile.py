"""An account is erased while the same person still does something, each on a connection of its own: whichever comes
first, in the end nothing of theirs is left that erasing forgets."""

import time
import uuid
from contextlib import contextmanager
from datetime import timedelta
from threading import Event as Signal
from threading import Timer

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activities.core.errors import Refused
from activities.core.models import Draft, Participation
from activities.discussion.models import Post
from courses.community.models import LessonFeedback
from courses.enrolment.enrol import enrol, join
from courses.enrolment.models import Application, CourseRun, Enrolment
from lms.people.erase import erase, forget_latecomers
from lms.people.models import User
from lms.people.tasks import forget_ended
from tests.activities.discussion.conftest import ANSWERS
from tests.factories.courses import bare_course
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, demo_course
from tests.paths.test_two_people import at_once

ANSWER = ANSWERS[0]


def nothing_is_left_of(person) -> None:
    """The one state that an erased account has, whatever was under way."""
    person = User.objects.get(pk=person.pk)
    assert person.erased_at is not None and not person.is_active
    assert person.email.endswith("@erased.invalid") and person.last_name == ""
    assert not Enrolment.objects.filter(user=person, state="active").exists()
    assert not Application.objects.filter(user=person, state__in=Application.OPEN).exists()
    assert not Post.objects.filter(author=person).exists()
    assert not Draft.objects.filter(user=person).exists()
    assert all(p.data == {} for p in Participation.objects.filter(user=person))


@contextmanager
def holding(person):
    """Begin to erase, and keep the transaction open until the block has let it go on."""
    go_on = Signal()

    def slowly():
        with transaction.atomic():
            erase(person)
            go_on.wait(timeout=20)

    yield slowly, go_on


def after_a_while(signal, function):
    """Do something while another connection holds the person, and let that one go on a moment later."""

    def run():
        time.sleep(0.3)  # the other one has begun
        Timer(0.5, signal.set).start()
        function()

    return run


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("first", ["erasing", "chance"])
def test_who_enrols_while_the_account_is_erased_has_no_place(first):
    run = CourseRun.objects.filter(course=bare_course().translation_key).first()
    person = UserFactory()
    with holding(person) as (slowly, go_on):
        enrolling = lambda: join(person, run)  # noqa: E731
        if first == "erasing":
            errors = at_once(slowly, after_a_while(go_on, enrolling))
            assert [error.code for error in errors] == ["account_erased"]
            assert not Enrolment.objects.exists()
        else:
            errors = at_once(lambda: erase(person), enrolling)
            assert all(error.code == "account_erased" for error in errors)
    nothing_is_left_of(person)


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("first", ["erasing", "chance"])
def test_who_sends_an_answer_while_the_account_is_erased_leaves_none(first):
    state = demo_course()
    person, client = UserFactory(), Client()
    enrol(person, state.course)
    client.force_login(person)
    address = reverse("item", args=[SLUG, "a-d1"])
    assert client.get(address).status_code == 200
    form = {"action": "answer", "body": ANSWER, "key": str(uuid.uuid4()), "prompt": "p1"}
    statuses = []

    def sending():
        statuses.append(client.post(address, form).status_code)

    with holding(person) as (slowly, go_on):
        if first == "erasing":
            assert at_once(slowly, after_a_while(go_on, sending)) == []
            assert statuses == [404]
            assert not Post.objects.exclude(kind="seed").exists()
        else:
            assert at_once(lambda: erase(person), sending) == []
            assert statuses[0] in (302, 404)  # sent and then forgotten, or refused
    nothing_is_left_of(person)


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_saves_the_profile_while_the_account_is_erased_does_not_bring_it_back():
    person, client = UserFactory(), Client()
    client.force_login(person)
    form = {
        "first_name": "กลับมา", "last_name": "อีกครั้ง", "first_name_en": "", "last_name_en": "",
        "preferred_language": "th", "text_size": "m", "theme": "auto",
    }  # fmt: skip
    answers = []
    with holding(person) as (slowly, go_on):
        saving = lambda: answers.append(client.post(reverse("profile"), form))  # noqa: E731
        assert at_once(slowly, after_a_while(go_on, saving)) == []
    assert answers[0].status_code == 302 and "login" in answers[0]["Location"]
    nothing_is_left_of(person)


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_account_is_erased_once_by_two_who_press_at_once():
    person = UserFactory()
    assert at_once(*[lambda: erase(person)] * 3) == []
    nothing_is_left_of(person)


@pytest.mark.django_db
def test_who_has_erased_the_account_gets_no_place():
    course, person = bare_course(), UserFactory()
    erase(person)
    with pytest.raises(Refused) as refusal:
        enrol(person, course.translation_key)
    assert (refusal.value.code, refusal.value.status) == ("account_erased", 404)
    assert not Enrolment.objects.exists()


@pytest.mark.django_db
def test_what_was_under_way_is_forgotten_later():
    """A draft and an opinion that were written by requests that had begun before."""
    state, person = demo_course(), UserFactory()
    enrolment = enrol(person, state.course)
    erase(person)
    entry = state.current.outline["items"][0]
    version = state.current.items.get(version__item=entry["key"]).version
    Draft.objects.create(
        user=person, seat=enrolment.seat, item=version.item, form="x", data={"body": "ของผู้ที่ลบบัญชี"}
    )
    LessonFeedback.objects.create(
        user=person, course=state.course, item=version.item, version=version, useful=True, why="ดี"
    )
    forget_ended()
    assert not Draft.objects.exists() and not LessonFeedback.objects.exists()
    nothing_is_left_of(person)
    User.objects.filter(pk=person.pk).update(erased_at=timezone.now() - timedelta(days=3))
    assert forget_latecomers() == 0
