"""Double clicks, two tabs, retries after a lost answer: one effect, whichever kind it is.

Every act is sent by eight threads at the same moment, each with a connection of its own, exactly as
the page's form holds it.
"""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activities.core import registry
from activities.core.enums import State
from activities.core.models import (
    Attempt,
    Draft,
    Errand,
    Event,
    Notification,
    Participation,
    PhaseDates,
)
from activities.core.record import record
from activities.discussion.models import Post
from activities.workshop.models import Review, ReviewLease, Submission
from courses.certificates.models import Certificate
from courses.enrolment.models import CourseRun, Enrolment
from courses.releases.delivery import current_version
from courses.releases.models import CourseState
from tests.factories.courses import child, enrolled, make_course
from tests.factories.forms import form_in
from tests.factories.people import UserFactory

KINDS = ["role_play_solo", "discussion", "workshop", "quiz"]
TABS = 8
# The author's own levels for the example, so that the practice counts.
REFERENCE = {"points-specific": 1, "points-gap": 2, "points-steps": 1, "points-evidence": 1}


def course_with_everything():
    return make_course("course", lectures=[25], actives=KINDS)


def address(item: str, step: str = "") -> str:
    return reverse("item_step" if step else "item", args=["course", item] + [step] * bool(step))


def at_once(client, url: str, data: dict, times: int = TABS) -> list:
    """The answers to the same request, sent by so many at the same moment."""
    gate, answers = threading.Barrier(times), []

    def send():
        tab = Client()
        tab.cookies.update(client.cookies)
        try:
            gate.wait(timeout=30)
            answers.append(tab.post(url, data))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(answers) == times
    return answers


def one_effect(client, item: str, count, *, step="", data=None, **typed) -> list:
    """Send the item's form from eight tabs; `count` tells how often it was done, before and after."""
    url = address(item, step)
    data = data or form_in(client.get(url).content.decode(), **typed)
    before = count()
    answers = at_once(client, url, data)
    statuses = sorted(answer.status_code for answer in answers)
    assert set(statuses) <= {302, 409}, (item, data.get("action"), statuses)
    assert statuses[0] == 302
    assert count() == before + 1, (item, data.get("action"), statuses)
    for answer in answers:
        if answer.status_code == 409:
            page = answer.content.decode()
            assert "error-summary" in page
            for name in ("body", "field-now", "answer-q1"):
                if data.get(name):
                    assert data[name][:60] in page
    return answers


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_tabs_at_once_have_one_effect_in_every_kind():
    course, person, client = course_with_everything(), UserFactory(), Client()
    enrolled(person, course)
    client.force_login(person)

    def events(kind):
        return lambda: Event.objects.filter(kind=kind, actor=person).count()

    def attempts(item):
        key = child(course, item).translation_key
        return lambda: Attempt.objects.filter(participation__item=key).count()

    one_effect(client, "a1", attempts("a1"))  # begin a play
    one_effect(client, "a1", events("choice_made"), choice="b")
    one_effect(client, "a2", Post.objects.filter(author=person).count)
    one_effect(client, "a4", attempts("a4"), step="try", confirm="1")
    worksheet = form_in(client.get(address("a3")).content.decode(), action="check")
    assert {a.status_code for a in at_once(client, address("a3"), worksheet, 4)} == {302}
    assert Submission.objects.count() == 1
    one_effect(client, "a3", events("workshop_sent"), step="check")
    practised = form_in(client.get(address("a3", "practice")).content.decode(), **REFERENCE)
    assert client.post(address("a3", "practice"), practised).status_code == 302
    assert client.post(address("a3", "review"), {"action": "take"}).status_code == 302
    lease = ReviewLease.objects.get(reviewer__user=person)
    reviews = Review.objects.filter(reviewer__user=person).exclude(kind="example")
    one_effect(client, "a3", reviews.count, step=f"review-{lease.pk}")
    lesson = Participation.objects.filter(
        item=child(course, "l1").translation_key, completed_at__isnull=False
    )
    one_effect(client, "l1", lesson.count)
    for item in ("a1", "a2", "a3", "a4", "l1"):
        key = child(course, item).translation_key
        assert Participation.objects.filter(item=key).count() == 1


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_who_open_an_item_at_the_same_moment_begin_it_once():
    course, person, client = course_with_everything(), UserFactory(), Client()
    enrolled(person, course)
    client.force_login(person)
    answers = at_once(client, address("a1"), {"action": "begin", "attempt": "1"})
    assert {answer.status_code for answer in answers} <= {302, 409}
    assert Attempt.objects.count() == Participation.objects.count() == 1


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_tabs_enrol_once_and_complete_with_one_certificate():
    make_course("course", lectures=[20], actives=["role_play_solo"])
    person, client = UserFactory(), Client()
    client.force_login(person)
    answers = at_once(client, reverse("enrol", args=["course"]), {})
    assert {answer.status_code for answer in answers} == {302}
    enrolment = Enrolment.objects.get(user=person)
    assert Errand.objects.filter(task__endswith="send_welcome").count() == 1

    # All is done but the lesson, which eight tabs mark as read.
    release = CourseState.objects.get(slug="course").current
    for entry in release.outline["items"]:
        if entry["slug"] != "l1":
            participation = Participation.objects.create(
                user=person,
                seat=enrolment.seat,
                cohort=enrolment.run.key,
                item=entry["key"],
                version=current_version(release, entry["key"]),
            )
            with transaction.atomic():
                record(participation, state=State.COMPLETED)
    assert not Certificate.objects.exists()
    one_effect(client, "l1", Certificate.objects.filter(enrolment=enrolment).count)
    assert Errand.objects.filter(task__endswith="send_certificate").count() == 1
    told = Notification.objects.filter(user=person, kind="certificate")
    assert told.count() == 1


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_instructors_who_press_the_same_button_grant_one_attempt():
    course, person, client = course_with_everything(), UserFactory(), Client()
    enrolment = enrolled(person, course)
    client.force_login(person)
    for number in (1, 2, 3):
        wrong = {"action": "hand_in", "attempt": str(number), "confirm": "1"}
        assert client.post(address("a4", "try"), wrong).status_code == 302
    stuck = Participation.objects.get(item=child(course, "a4").translation_key)
    assert stuck.state == State.NEEDS_ATTENTION
    desk = reverse("teach_item_step", args=[enrolment.run.pk, stuck.item, "learners"])
    gate, answers = threading.Barrier(2), []

    def grant():
        instructor = Client()
        instructor.force_login(UserFactory(is_superuser=True))
        gate.wait(timeout=30)
        form = {"action": "grant", "learner": stuck.pk, "key": str(uuid4())}
        try:
            answers.append(instructor.post(desk, form))
        finally:
            connection.close()

    threads = [threading.Thread(target=grant) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "error-summary" in refused.content.decode()
    stuck.refresh_from_db()
    assert stuck.data["granted"] == 1


# -- The clock ---------------------------------------------------------------------------------


@pytest.fixture
def cohort(db):
    """Somebody in a cohort where everything closes in an hour."""
    course = course_with_everything()
    run = CourseRun.objects.create(
        course=course.translation_key, pacing=CourseRun.Pacing.COHORT, name="1"
    )
    for item in ("a1", "a2", "a3", "a4", "l1"):
        page = child(course, item)
        for phase in registry.get(page.kind_name).phases:
            PhaseDates.objects.create(
                cohort=run.key,
                item=page.translation_key,
                phase=phase.name,
                closes_at=timezone.now() + timedelta(hours=1),
            )
    return Enrolment.objects.create(user=UserFactory(), run=run)


@pytest.mark.parametrize("item", ["a1", "a2", "a3", "a4", "l1"])
def test_a_deadline_that_passes_between_page_and_post_refuses_and_keeps_the_text(
    cohort, client, item
):
    client.force_login(cohort.user)
    data = form_in(client.get(address(item)).content.decode())
    before = Event.objects.count(), Attempt.objects.count(), Post.objects.count()
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        answer = client.post(address(item), data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "ปิดรับแล้วเมื่อ" in page or "ปิดแล้วเมื่อ" in page or "ปิดเมื่อ" in page
    assert (Event.objects.count(), Attempt.objects.count(), Post.objects.count()) == before
    if data.get("draft_form"):
        draft = Draft.objects.get(user=cohort.user)
        for name in ("body", "field-now"):
            if name in data:
                assert draft.data[name] == data[name]
    assert not Participation.objects.filter(completed_at__isnull=False).exists()
