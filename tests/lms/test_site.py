"""Accounts, preferences, headers, languages and errors of the site."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from lms.operations.site_tree import ensure_site
from lms.people.models import User
from tests.factories.people import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = {
    "first_name": "อรุณี",
    "last_name": "ใจดี",
    "email": "arunee@agency.example",
    "password1": "Khanom-krok-2569",
}


@pytest.fixture
def site():
    return ensure_site()


@pytest.mark.parametrize(("language", "word"), [("th", "อรุณี"), ("en", "arunee")], ids=["th", "en"])
def test_signing_up_sends_a_mail_in_the_language_of_the_page(client, site, language, word):
    response = client.post(f"/{language}/account/signup/", NEW)
    assert response.status_code == 302
    (message,) = mail.outbox
    assert message.to == [NEW["email"]]
    thai = re.search("[ก-๙]{8}", message.body.replace(NEW["first_name"], ""))
    assert bool(thai) is (language == "th")
    assert f"/{language}/account/confirm-email/" in message.body
    person = User.objects.get(email=NEW["email"])
    assert (person.first_name, person.preferred_language) == ("อรุณี", language)


def test_signing_in_works_once_the_address_is_confirmed(client, site):
    client.post("/th/account/signup/", NEW)
    sign_in = {"login": NEW["email"], "password": NEW["password1"]}
    early = client.post("/th/account/login/", sign_in)
    assert "confirm-email" in early["Location"]
    assert client.get("/th/my/").status_code == 302

    link = re.search(r"https?://[^/\s]+(/th/account/confirm-email/\S+)", mail.outbox[0].body)[1]
    page = client.get(link)
    assert page.status_code == 200
    client.post(link)
    client.logout()
    response = client.post("/th/account/login/", sign_in)
    assert response["Location"] == "/th/my/"
    assert client.get("/th/my/").status_code == 200


def test_an_address_that_has_an_account_is_not_given_away(client, site):
    UserFactory(email=NEW["email"])
    known = client.post("/th/account/signup/", NEW)
    unknown = client.post("/th/account/signup/", {**NEW, "email": "other@agency.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert User.objects.filter(email=NEW["email"]).count() == 1


def test_guessing_passwords_is_slowed_down(client, site):
    UserFactory(email="a@agency.example")
    wrong = {"login": "a@agency.example", "password": "wrong-wrong-1"}
    statuses = [client.post("/th/account/login/", wrong).status_code for _n in range(12)]
    assert statuses[0] in (200, 422)
    right = client.post("/th/account/login/", {"login": "a@agency.example", "password": PASSWORD})
    assert right.status_code != 302
    assert not client.session.get("_auth_user_id")


def test_more_than_sixty_attempts_a_minute_are_answered_429(client, site):
    form = {"login": "x@agency.example", "password": "wrong-wrong-1"}
    for _n in range(60):
        client.post("/th/account/login/", form)
    assert client.post("/th/account/login/", form).status_code == 429


def test_preferences_are_kept_without_an_account_and_in_the_profile(client, site):
    response = client.post("/preferences/", {"size": "l", "theme": "contrast", "next": "/en/help/"})
    assert response["Location"] == "/en/help/"
    assert client.cookies["sala_size"].value == "l"
    html = client.get("/en/help/").content.decode()
    assert re.search(r"<html[^>]*contrast", html)

    person = UserFactory()
    client.force_login(person)
    client.post("/preferences/", {"size": "s", "theme": "dark"})
    person.refresh_from_db()
    assert (person.text_size, person.theme) == ("s", "dark")


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"],
)
def test_preferences_lead_to_pages_of_this_site_only(client, site, target):
    response = client.post("/preferences/", {"size": "l", "next": target})
    assert response["Location"] == "/"


def test_unknown_preferences_are_ignored(client, site):
    client.post("/preferences/", {"size": "huge", "theme": '"><script>'})
    assert "sala_size" not in client.cookies
    assert client.get("/preferences/").status_code == 405


@pytest.mark.parametrize(
    "path", ["/th/", "/en/courses/", "/th/account/login/", "/th/help/", "/th/certificates/"]
)
def test_pages_run_no_inline_code(client, site, path):
    response = client.get(path)
    assert response.status_code == 200
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    html = response.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/)", html)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)


def test_a_page_that_is_not_there(client, site):
    response = client.get("/th/nothing-here/")
    assert response.status_code == 404
    assert "404.html" in [t.name for t in response.templates]
    assert 'href="/th/' in response.content.decode()
    assert re.search('<html[^>]*lang="en"', client.get("/en/nothing/").content.decode())


def test_health_needs_neither_account_nor_site(client, db):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


def test_the_same_page_in_the_other_language(client, site):
    html = client.get("/th/courses/?q=x").content.decode()
    assert 'href="/en/courses/?q=x"' in html
    assert re.search('<html[^>]*lang="th"', html)
    english = client.get("/en/courses/?q=x").content.decode()
    assert 'href="/th/courses/?q=x"' in english
    assert re.search('<html[^>]*lang="en"', english)


def test_the_front_page_is_in_thai_unless_another_language_is_wished(client, site):
    assert client.get("/")["Location"] == "/th/"
    client.cookies["django_language"] = "en"
    assert client.get("/")["Location"] == "/en/"


def test_the_profile_is_saved_or_shown_again(client, site):
    person = UserFactory()
    client.force_login(person)
    form = {
        "first_name": "มานี",
        "last_name": "มีนา",
        "preferred_language": "en",
        "text_size": "l",
        "theme": "light",
    }
    assert client.post(reverse("profile"), {**form, "first_name": ""}).status_code == 422
    assert client.post(reverse("profile"), form).status_code == 302
    person.refresh_from_db()
    assert person.get_full_name() == "มานี มีนา"


def test_maintenance_says_when_to_return(client, site, settings):
    settings.LMS_MAINTENANCE = True
    response = client.get("/th/")
    assert (response.status_code, response["Retry-After"]) == (503, "600")
