"""Logs that nobody forges, redirects that stay here, files that have no address of their own."""

import logging

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from lms.log_lines import OneLine
from tests.factories.people import PASSWORD, UserFactory

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "http:evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "https:///evil.example",
    " https://evil.example/",
    "/\t/evil.example/",
]


@pytest.mark.parametrize(
    "typed", ["a\nERROR root: forged", "a\r\nx", "a\x1b[31mx", "a\u2028x", "a\x00x"]
)
def test_what_somebody_types_makes_no_line_of_the_log(typed):
    record = logging.LogRecord("sala", logging.INFO, __file__, 1, "Searched: %s", (typed,), None)
    line = OneLine("{levelname} {name}: {message}", style="{").format(record)
    assert len(line.splitlines()) == 1
    assert line.isprintable()


def test_thai_and_tracebacks_stay_readable_in_the_log():
    record = logging.LogRecord("sala", logging.INFO, __file__, 1, "ค้นหา: น้ำใจ", (), None)
    assert "ค้นหา: น้ำใจ" in OneLine("{message}", style="{").format(record)
    try:
        raise ValueError("x")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("sala", logging.ERROR, __file__, 1, "Failed", (), info)
    assert len(OneLine("{message}", style="{").format(record).splitlines()) > 2


def test_the_site_logs_so():
    assert django_settings.LOGGING["formatters"]["plain"]["()"] == "lms.log_lines.OneLine"


@pytest.mark.django_db
@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_leads_nowhere_else(client, target):
    person = UserFactory()
    form = {"login": person.email, "password": PASSWORD, "next": target}
    signed_in = client.post("/th/account/login/", form)
    assert signed_in["Location"] == "/th/my/"
    assert client.post("/preferences/", {"size": "l", "next": target})["Location"] == "/"
    out = client.post("/th/account/logout/", {"next": target})
    assert "evil" not in out["Location"] and "alert" not in out["Location"]


@pytest.mark.django_db
def test_next_leads_back_to_our_own_page(client):
    person = UserFactory()
    form = {"login": person.email, "password": PASSWORD, "next": reverse("own_data")}
    assert client.post("/th/account/login/", form)["Location"] == reverse("own_data")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("folder", "status"), [("documents", 404), ("private", 404), ("images", 200)]
)
def test_only_pictures_have_an_address_without_a_page_that_asks(client, folder, status):
    name = default_storage.save(f"{folder}/secret.txt", ContentFile(b"secret"))
    try:
        assert client.get(f"/media/{name}", follow=True).status_code == status
        assert client.get(f"/media/images/../{name}", follow=True).status_code == status
    finally:
        default_storage.delete(name)
