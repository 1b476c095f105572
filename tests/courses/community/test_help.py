"""The help page and its letters."""

import pytest
from django.core import mail
from django.urls import reverse

from tests.factories.courses import build_tree
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
LETTER = {
    "name": "อรุณี ใจดี",
    "email": "arunee@agency.example",
    "subject": "เปิดกิจกรรมไม่ได้",
    "text": "เปิดกิจกรรมอภิปรายของ DL-101 ไม่ได้ตั้งแต่เช้า",
}
URL = "/th/help/"


@pytest.fixture(autouse=True)
def address(settings):
    settings.LMS_HELP_EMAIL = "help@sala.example"


def test_it_names_the_telephone_and_shows_what_managers_wrote(client, settings):
    build_tree()
    settings.LMS_HELP_PHONE = "02 123 4567"
    page = client.get(URL).text
    assert 'href="tel:021234567"' in page
    assert "อินเทอร์เน็ตช้าหรือขาดหาย" in page
    assert "/th/accessibility/" in page and "/th/privacy/" in page


def test_the_way_to_help_stands_on_every_page(client):
    build_tree()
    for path in ("/th/", "/th/courses/", "/th/account/login/", URL):
        assert f'href="{URL}?from=' in client.get(path).text


def test_the_statements_at_the_foot_are_never_a_dead_end(client):
    assert client.get(reverse("help_article", args=["accessibility"])).url == URL
    build_tree()
    assert client.get(reverse("help_article", args=["accessibility"])).url == "/th/accessibility/"
    assert client.get(reverse("help_article", args=["anything"])).status_code == 404


def test_a_letter_reaches_the_sites_address(client):
    assert client.post(URL, LETTER | {"page": "/th/my/"}).status_code == 302
    (letter,) = mail.outbox
    assert letter.to == ["help@sala.example"]
    assert letter.reply_to == ["arunee@agency.example"]
    assert "เปิดกิจกรรมไม่ได้" in letter.subject
    assert "/th/my/" in letter.body


def test_somebody_signed_in_need_not_say_who_they_are(client):
    user = UserFactory()
    client.force_login(user)
    assert f'value="{user.email}"' in client.get(URL).text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "no address"}, "อีเมล"),
        ({"text": "ช่วย"}, "โปรดเขียนเพิ่มเติมอีกเล็กน้อย"),
        ({"subject": ""}, "subject"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(client, change, said):
    answer = client.post(URL, LETTER | change)
    assert answer.status_code == 422
    assert said in answer.text
    assert LETTER["name"] in answer.text
    assert mail.outbox == []


def test_a_subject_of_two_lines_forges_no_header(client):
    client.post(URL, LETTER | {"subject": "a\r\nBcc: x@elsewhere.example"})
    assert all("\n" not in letter.subject for letter in mail.outbox)
    assert all(letter.bcc == [] for letter in mail.outbox)


def test_a_program_that_fills_in_everything_is_not_told_that_it_failed(client):
    assert client.post(URL, LETTER | {"website": "https://spam.example"}).status_code == 302
    assert mail.outbox == []


def test_the_sixth_letter_within_an_hour_waits_and_is_kept(client):
    for _n in range(5):
        client.post(URL, LETTER)
    answer = client.post(URL, LETTER)
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert LETTER["text"] in answer.text
    assert len(mail.outbox) == 5


def test_a_mail_server_that_is_down_loses_nothing(client, monkeypatch):
    def fails(self):
        raise OSError("down")

    monkeypatch.setattr(mail.EmailMessage, "send", fails)
    answer = client.post(URL, LETTER)
    assert answer.status_code == 503
    assert LETTER["text"] in answer.text


def test_without_an_address_there_is_no_form(client, settings):
    settings.LMS_HELP_EMAIL = ""
    assert "<textarea" not in client.get(URL).text
    assert client.post(URL, LETTER).status_code == 200
    assert mail.outbox == []
