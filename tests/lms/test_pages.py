"""What every page of the site keeps to."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core import mail

from courses.enrolment.enrol import enrol
from lms.people.models import User
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from lms.views import WORDS
from tests.factories.people import UserFactory
from tests.factories.site import demo_course, the_run

MOST_PAGES = 120


@pytest.fixture
def course(db):
    return demo_course()


def test_health(client, db):
    assert client.get("/healthz").content == b"ok"


def test_no_page_allows_inline_scripts(course, client):
    for address in ("/th/", "/th/courses/", "/th/account/login/"):
        policy = client.get(address)["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("language", "sentence"), [("th", "กำลังบันทึกร่าง…"), ("en", "Saving the draft…")]
)
def test_scripts_find_their_sentences_at_an_address_that_may_be_kept(
    course, client, language, sentence
):
    page = client.get(f"/{language}/").content.decode()
    address = re.search(r'data-words-url="([^"]+)"', page)[1]
    assert address.startswith(f"/{language}/words/")
    answer = client.get(address)
    assert answer.json()["saving"] == sentence
    assert set(answer.json()) == set(WORDS)
    assert "immutable" in answer["Cache-Control"]
    assert "public" in answer["Cache-Control"]


def test_signing_up_sends_a_link_that_opens_the_account(course, client):
    response = client.post(
        "/th/account/signup/",
        {
            "first_name": "มานี",
            "last_name": "มีนา",
            "email": "Manee@agency.example",
            "password1": "correct-horse-9",
        },
    )
    assert response.status_code == 302
    assert User.objects.get().email == "manee@agency.example"
    link = re.search(r"/th/account/confirm-email/\S+", mail.outbox[0].body).group()
    client.post(link)
    signed_in = client.post(
        "/th/account/login/", {"login": "manee@agency.example", "password": "correct-horse-9"}
    )
    assert signed_in.status_code == 302


def test_guessing_a_password_is_slowed_down(course, client):
    user = UserFactory()
    answers = [
        client.post("/th/account/login/", {"login": user.email, "password": f"wrong-{n}"})
        for n in range(7)
    ]
    assert "ลองใหม่ภายหลัง" in answers[-1].content.decode()


def test_preferences_are_kept_and_lead_nowhere_else(course, client):
    response = client.post(
        "/preferences/", {"size": "l", "theme": "dark", "next": "https://elsewhere.example/"}
    )
    assert response["Location"] == "/"
    page = client.get("/th/").content.decode()
    assert 'data-size="l"' in page and 'data-theme="dark"' in page


@pytest.mark.parametrize("role", ["visitor", "learner", "instructor", "manager", "administrator"])
def test_no_link_of_the_site_leads_to_an_error(course, client, role):
    user = None if role == "visitor" else UserFactory(is_superuser=role == "administrator")
    if role == "instructor":
        user.groups.add(Group.objects.get(name=INSTRUCTOR))
        the_run().instructors.add(user)
    if role == "manager":
        user.groups.add(Group.objects.get(name=COURSE_MANAGER))
    if user:
        enrol(user, course.course)
        client.force_login(user)
    seen, todo, broken = set(), ["/th/", "/en/", "/th/my/", "/th/teach/"], []
    while todo and len(seen) < MOST_PAGES:
        address = todo.pop(0)
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address)
        expected = {200, 302, 403} if address.endswith("/teach/") else {200, 302}
        if response.status_code not in expected:
            broken.append((address, response.status_code))
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            found = re.findall(r'href="(/(?:th|en)/[^"#]*)', response.content.decode())
            todo += [link.replace("&amp;", "&") for link in found if link not in seen]
    assert not broken
    assert len(seen) > 20


def test_the_front_page_says_its_name_once(course, client):
    title = re.search(r"<title>(.*?)</title>", client.get("/th/").text, re.S)[1]
    assert title.count("ศาลา") == 1 and title.startswith("ศาลา · ")


def test_a_sole_confirmed_address_offers_nothing_that_would_be_refused(client, db):
    user = UserFactory()
    client.force_login(user)
    page = client.get("/th/account/email/").text
    assert user.email in page and 'name="action_add"' in page
    for action in ("action_primary", "action_send", "action_remove"):
        assert action not in page
    EmailAddress.objects.create(user=user, email="second@agency.example", verified=False)
    page = client.get("/th/account/email/").text
    for action in ("action_primary", "action_send", "action_remove"):
        assert f'name="{action}"' in page


def test_a_sole_address_that_is_not_confirmed_can_get_the_link_again(client, db):
    user = UserFactory()
    user.emailaddress_set.update(verified=False)
    client.force_login(user)
    page = client.get("/th/account/email/").text
    assert 'name="action_send"' in page and 'name="action_remove"' not in page


def test_a_link_that_was_used_says_that_nothing_more_is_needed(client, db):
    address = "/th/account/confirm-email/used-or-wrong/"
    page = client.get(address).text
    assert "ไม่ต้องทำอะไรเพิ่มเติม" in page and "/account/login/" in page
    client.force_login(UserFactory())
    page = client.get(address).text
    assert 'href="/th/my/"' in page and "ระบบจะส่งลิงก์ใหม่ให้" not in page


def test_words_that_nothing_fits_offer_no_conditions_that_fit_nothing(course, client):
    page = client.get("/th/courses/?q=ฟหกดฟหกด").text
    assert "ไม่มีหลักสูตรที่ตรงทุกเงื่อนไข" in page and 'id="filters"' not in page
    assert 'id="filters"' in client.get("/th/courses/").text
