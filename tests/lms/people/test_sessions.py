"""When a session's id changes, and when a session is over."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from lms.people import sessions
from lms.people.roles import INSTRUCTOR
from lms.people.tasks import forget_ended
from tests.factories.people import PASSWORD, AgencyFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/th/account/data/"
START = datetime.datetime(2026, 11, 2, 3, tzinfo=datetime.UTC)


def session_id(client) -> str:
    return client.cookies["sessionid"].value


def signed_in(client) -> bool:
    return client.get(PAGE).status_code == 200


def with_id(key: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = key
    return client


def sign_in(client, person):
    form = {"login": person.email, "password": PASSWORD}
    assert client.post("/th/account/login/", form).status_code == 302


def test_the_id_changes_at_sign_in_and_the_old_one_is_dead(client):
    client.get("/th/account/login/")
    client.post("/preferences/", {"size": "l"})
    session = client.session
    session["before"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key
    before = session_id(client)
    sign_in(client, UserFactory())
    assert session_id(client) != before
    assert not Session.objects.filter(pk=before).exists()
    assert not signed_in(with_id(before))
    assert signed_in(client)


@pytest.mark.parametrize("change", ["group", "agency", "superuser"])
def test_the_id_changes_when_the_roles_change(client, change):
    person = UserFactory()
    client.force_login(person)
    assert signed_in(client)
    before = session_id(client)
    assert signed_in(client) and session_id(client) == before
    if change == "group":
        person.groups.add(Group.objects.get_or_create(name=INSTRUCTOR)[0])
    elif change == "agency":
        MembershipFactory(user=person, agency=AgencyFactory(), role="administrator")
    else:
        person.is_superuser = True
        person.save()
    assert signed_in(client)
    assert session_id(client) != before
    assert not signed_in(with_id(before))


def test_signing_out_kills_the_session_on_the_server(client):
    client.force_login(UserFactory())
    before = session_id(client)
    assert signed_in(client)
    client.post("/th/account/logout/")
    assert not Session.objects.filter(pk=before).exists()
    assert not signed_in(with_id(before))


def test_signing_out_everywhere_ends_every_session(client):
    person = UserFactory()
    phone = Client()
    client.force_login(person)
    phone.force_login(person)
    assert signed_in(phone)
    assert client.get(reverse("sign_out_everywhere")).status_code == 405
    assert client.post(reverse("sign_out_everywhere")).status_code == 302
    assert not signed_in(client)
    assert not signed_in(phone)
    person.refresh_from_db()
    client.force_login(person)
    assert signed_in(client)


def test_a_change_of_password_ends_the_other_sessions(client):
    person, phone = UserFactory(), Client()
    client.force_login(person)
    phone.force_login(person)
    new = "Khanom-krok-2569"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/th/account/password/change/", form).status_code == 302
    assert signed_in(client)
    assert not signed_in(phone)


def test_a_session_ends_after_a_time_without_a_request(client, settings):
    settings.LMS_SESSION_IDLE_MINUTES = 60
    with time_machine.travel(START, tick=False) as clock:
        client.force_login(UserFactory())
        for _hour in range(3):
            clock.shift(datetime.timedelta(minutes=59))
            assert signed_in(client)
        clock.shift(datetime.timedelta(minutes=66))  # seen is noted every five minutes
        before = session_id(client)
        assert not signed_in(client)
        assert not Session.objects.filter(pk=before).exists()


def test_a_session_ends_some_days_after_signing_in(client, settings):
    settings.LMS_SESSION_DAYS = 2
    with time_machine.travel(START, tick=False) as clock:
        client.force_login(UserFactory())
        for _hours in range(6):
            clock.shift(datetime.timedelta(hours=8))
            assert signed_in(client)
        clock.shift(datetime.timedelta(minutes=1))
        response = client.get(PAGE)
        assert response.status_code == 302
        page = client.get(response["Location"]).content.decode()
        assert "เข้าสู่ระบบ" in page


def test_a_new_secret_keeps_sessions_also_after_signing_out_everywhere(client, settings):
    person = UserFactory()
    sessions.end_all(person)
    person.refresh_from_db()
    client.force_login(person)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret"
    assert signed_in(client)


def test_looking_after_sessions_costs_no_query(client, django_assert_num_queries):
    client.force_login(UserFactory())
    signed_in(client)
    with django_assert_num_queries(3):  # session, person with roles, the page's own
        signed_in(client)


def test_what_has_ended_is_forgotten(client):
    with time_machine.travel(START, tick=False) as clock:
        client.force_login(UserFactory())
        clock.shift(datetime.timedelta(days=30))
        forget_ended()
    assert not Session.objects.exists()
