"""A session that ends while somebody types: the text is theirs again once they have signed in."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.utils import timezone

from activities.core.models import Draft
from activities.core.record import save_draft
from courses.enrolment import kept
from courses.enrolment.enrol import leave
from courses.enrolment.player import find_for, participation_at
from tests.factories.people import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

TEXT = "ข้อความที่พิมพ์ไว้นานแล้วและไม่ควรหายไปไหนเลย"


@pytest.fixture
def typing(signed_in, enrolment, address):
    """Somebody at the form of a discussion; then the session's row goes."""
    assert signed_in.get(address("a2")).status_code == 200
    Session.objects.all().delete()
    return signed_in


def form(**values):
    return {"action": "post", "draft_form": "initial-p1", "prompt": "p1", "body": TEXT} | values


def sign_in(client, user, then="/th/my/"):
    return client.post(
        "/th/account/login/", {"login": user.email, "password": PASSWORD, "next": then}
    )


def test_the_text_is_in_the_form_again_after_signing_in(typing, learner, address):
    answer = typing.post(address("a2"), form())
    page = answer.content.decode()
    assert answer.status_code == 403
    assert TEXT in page
    assert "หมดเวลา" in page
    assert f"next={address('a2')}" in page

    assert sign_in(typing, learner, address("a2"))["Location"] == address("a2")
    assert Draft.objects.get(user=learner).data == {"prompt": "p1", "body": TEXT}
    assert TEXT in typing.get(address("a2")).content.decode()


def test_a_session_that_ended_by_itself_keeps_it_too(
    signed_in, enrolment, learner, address, settings
):
    signed_in.get(address("a2"))
    later = timezone.now() + timedelta(minutes=settings.LMS_SESSION_IDLE_MINUTES + 1)
    with time_machine.travel(later, tick=False):
        assert signed_in.post(address("a2"), form()).status_code == 403
        sign_in(signed_in, learner)
        assert Draft.objects.get(user=learner).data["body"] == TEXT


def test_every_kind_of_form_is_kept(typing, learner, address):
    typing.post(address("a1", "reflection"), {"draft_form": "reflection", "answer-q1": TEXT})
    typing.post(address("a2"), form())
    typing.post(address("a2"), form(body=f"{TEXT} ต่อ"))
    sign_in(typing, learner)
    drafts = {draft.form: draft.data for draft in Draft.objects.filter(user=learner)}
    assert drafts["reflection"] == {"answer-q1": TEXT}
    assert drafts["initial-p1"]["body"] == f"{TEXT} ต่อ"


def test_a_wrong_password_does_not_lose_it(typing, learner, address):
    typing.post(address("a2"), form())
    typing.post("/th/account/login/", {"login": learner.email, "password": "wrong"})
    assert not Draft.objects.exists()
    sign_in(typing, learner)
    assert Draft.objects.count() == 1


def test_somebody_else_at_the_same_computer_does_not_get_it(typing, learner, address):
    typing.post(address("a2"), form())
    other = UserFactory()
    answer = sign_in(typing, other)
    assert answer.status_code == 302
    assert not Draft.objects.exists()
    assert TEXT not in typing.get("/th/my/").content.decode()


def test_a_visitor_without_the_cookie_keeps_nothing_on_the_server(client, course, address):
    answer = client.post(address("a2"), form())
    page = answer.content.decode()
    assert (answer.status_code, TEXT in page) == (403, True)
    assert "คัดลอก" in page
    assert not Session.objects.exists()


def test_a_cookie_made_by_hand_counts_for_nothing(client, course, learner, address):
    client.cookies[kept.COOKIE] = kept.writer_of(learner)
    client.post(address("a2"), form())
    assert not Session.objects.exists()


def test_a_draft_that_was_saved_later_stays(typing, learner, address):
    typing.post(address("a2"), form())
    place = find_for(learner, "course", "a2")
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        save_draft(participation_at(place, learner), "initial-p1", {"body": "ใหม่กว่า"})
        sign_in(typing, learner)
    assert Draft.objects.get(form="initial-p1").data == {"body": "ใหม่กว่า"}


def test_after_a_day_it_is_gone(typing, learner, address):
    typing.post(address("a2"), form())
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        sign_in(typing, learner)
    assert not Draft.objects.exists()


def test_whoever_has_left_the_course_signs_in_all_the_same(typing, learner, enrolment, address):
    typing.post(address("a2"), form())
    leave(enrolment)
    assert sign_in(typing, learner).status_code == 302
    assert not Draft.objects.exists()


def test_what_is_too_long_is_shown_to_be_copied(typing, address):
    answer = typing.post(address("a2"), form(body="ก" * (kept.LONGEST_TEXT + 1)))
    assert "คัดลอก" in answer.content.decode()
    assert not Session.objects.exists()


def test_at_most_five_texts_wait(typing, learner, address):
    for n in range(8):
        typing.post(address("a2"), form(draft_form=f"initial-p{n}"))
    sign_in(typing, learner)
    assert Draft.objects.count() == kept.MOST_TEXTS


@pytest.fixture
def strict(learner, enrolment):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(learner)
    return client


def test_a_form_from_before_signing_in_again_becomes_a_draft(strict, learner, address):
    answer = strict.post(address("a2"), form(), headers={"origin": "http://testserver"})
    assert answer.status_code == 403
    assert TEXT in answer.content.decode()
    assert Draft.objects.get(user=learner).data["body"] == TEXT


@pytest.mark.parametrize("headers", [{}, {"origin": "https://elsewhere.example"}])
def test_what_another_site_sends_is_neither_kept_nor_repeated(strict, address, headers):
    answer = strict.post(address("a2"), form(), headers=headers)
    assert answer.status_code == 403
    assert TEXT not in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_text_for_any_other_page_is_shown_once_more(client, db):
    answer = client.post("/th/account/notifications/", {"reason": TEXT})
    assert answer.status_code == 403
    assert TEXT in answer.content.decode()
    assert client.post("/th/account/notifications/", {"email": "each"}).status_code == 302
