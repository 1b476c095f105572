"""What a certificate records, who may see it, and what becomes of it."""

import re
import sys
import uuid
import zlib
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from courses.certificates.issue import issue, minutes_by_method, revoke, url_of
from courses.certificates.models import Certificate
from courses.certificates.pdf import fonts, only, render
from courses.certificates.tasks import send_certificate
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.progress import course_completed
from courses.enrolment.rules import COURSE_MANAGERS, INSTRUCTORS
from courses.releases.models import CourseRelease, CourseState
from tests.factories.people import UserFactory

TITLES = {"th": "การเขียนหนังสือราชการ", "en": "Writing official letters"}


def item(kind, lecture=0, active=0, neutral=0) -> dict:
    category = "lecture" if lecture else "active" if active else "neutral"
    return {
        "key": str(uuid.uuid4()),
        "kind": kind,
        "category": category,
        "titles": {"th": "รายการ"},
        "required": True,
        "lecture": lecture,
        "active": active,
        "neutral": neutral,
    }


def offer(course, number=1, **changes) -> CourseRelease:
    outline = {
        "code": "DOC-101",
        "slug": "letters",
        "titles": TITLES,
        "items": [
            item("lesson", lecture=100),
            item("workshop", active=60),
            item("discussion", active=35),
            item("role_play_solo", active=20),
            item("quiz", neutral=15),
        ],
        **changes,
    }
    release = CourseRelease.objects.create(
        course=course,
        number=number,
        lecture=100,
        active=115,
        neutral=15,
        outline=outline,
        texts={},
        digest=str(number),
    )
    CourseState.objects.update_or_create(
        course=course, defaults={"status": "offered", "current": release, "slug": "letters"}
    )
    return release


@pytest.fixture
def enrolment(db) -> Enrolment:
    course = uuid.uuid4()
    offer(course)
    return Enrolment.objects.create(
        user=UserFactory(first_name="อรุณี", last_name="ใจดี"),
        run=CourseRun.objects.create(course=course),
        state=Enrolment.State.COMPLETED,
        percent=100,
        completed_at=timezone.now(),
    )


@pytest.fixture
def certificate(enrolment) -> Certificate:
    return issue(enrolment)


def page(code, language="th", pdf=False) -> str:
    return f"/{language}/certificates/{code}/{'pdf/' if pdf else ''}"


def objects(pdf: bytes) -> bytes:
    """A PDF's objects in the clear: WeasyPrint packs most of them into compressed streams."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return pdf + b"".join(
        zlib.decompressobj().decompress(part) for part in packed if part[:1] == b"x"
    )


def test_minutes_are_counted_by_method(certificate):
    assert (
        certificate.lecture_minutes,
        certificate.workshop_minutes,
        certificate.discussion_minutes,
        certificate.role_play_minutes,
        certificate.neutral_minutes,
        certificate.total_minutes,
    ) == (100, 60, 35, 20, 15, 230)


def test_no_minute_of_a_plugins_kind_is_lost():
    minutes = minutes_by_method({"items": [item("simulation", active=30)]})
    assert sum(minutes.values()) == 30


def test_a_certificate_is_issued_once(enrolment, certificate):
    assert issue(enrolment).pk == certificate.pk
    assert Certificate.objects.count() == 1


def test_nothing_is_issued_before_the_course_is_completed(enrolment):
    enrolment.completed_at = None
    assert issue(enrolment) is None
    assert not Certificate.objects.exists()


def test_completing_a_course_issues_and_tells_the_learner(
    enrolment, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        course_completed.send(sender=Enrolment, enrolment=enrolment)
    certificate = Certificate.objects.get(enrolment=enrolment)
    [message] = mail.outbox
    assert message.to == [enrolment.user.email]
    assert TITLES["th"] in message.subject
    assert page(certificate.code) in message.body


def test_a_certificate_that_was_not_committed_is_not_announced(enrolment):
    with pytest.raises(RuntimeError), transaction.atomic():
        course_completed.send(sender=Enrolment, enrolment=enrolment)
        raise RuntimeError
    assert not Certificate.objects.exists()
    assert mail.outbox == []


def test_the_message_is_in_the_language_of_its_reader(certificate):
    user = certificate.enrolment.user
    user.preferred_language = "en"
    user.save()
    send_certificate(certificate.pk)
    assert TITLES["en"] in mail.outbox[0].subject
    assert page(certificate.code, "en") in mail.outbox[0].body


def test_numbers_are_long_and_never_the_same(enrolment, certificate):
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{16}", certificate.code)
    field = Certificate._meta.get_field("code")
    assert len({field.get_default() for _n in range(200)}) == 200


def test_a_certificate_stays_what_it_was_when_names_and_courses_change(enrolment, certificate):
    enrolment.user.first_name = "คนอื่น"
    enrolment.user.save()
    offer(enrolment.run.course, number=2, titles={"th": "ชื่อใหม่"}, code="NEW-1")
    again = issue(enrolment)
    assert again.holder == "อรุณี ใจดี"
    assert (again.titles, again.course_code, again.release.number) == (TITLES, "DOC-101", 1)


def test_anybody_sees_what_a_valid_certificate_says(certificate, client):
    response = client.get(page(certificate.code, "en"))
    text = response.content.decode()
    assert response.status_code == 200
    assert "This certificate is genuine and valid" in text
    assert certificate.holder in text
    assert "DOC-101" in text
    assert page(certificate.code, "en", pdf=True) not in text
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_a_number_is_found_however_it_is_typed(certificate, client):
    response = client.get("/th/certificates/", {"code": f" {certificate.number.lower()} "})
    assert (response.status_code, response["Location"]) == (302, page(certificate.code))
    assert client.get(page(certificate.number.lower())).status_code == 200


@pytest.mark.parametrize("code", ["AAAABBBBCCCCDDDD", "ก", "%00", "x" * 300])
def test_an_unknown_number_gets_the_form_again(db, client, code):
    response = client.get(page(code, "en"))
    assert response.status_code == 404
    assert 'name="code"' in response.content.decode()


def test_the_form_is_open_to_everybody(db, client):
    assert 'name="code"' in client.get("/th/certificates/").content.decode()


def test_the_thirty_first_look_in_a_minute_waits(certificate, client):
    answers = [client.get(page(certificate.code)) for _n in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert client.get(page(certificate.code), REMOTE_ADDR="192.0.2.9").status_code == 200


def test_people_behind_the_same_proxy_do_not_share_a_limit(certificate, client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for _n in range(31):
        last = client.get(page(certificate.code), headers={"x-forwarded-for": "192.0.2.1"})
    other = client.get(page(certificate.code), headers={"x-forwarded-for": "192.0.2.2"})
    assert (last.status_code, other.status_code) == (429, 200)


def test_the_holder_gets_a_file_that_nobody_else_may_keep(certificate, client):
    client.force_login(certificate.enrolment.user)
    response = client.get(page(certificate.code, pdf=True))
    assert response.content.startswith(b"%PDF")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].isascii()
    assert response["Content-Disposition"].startswith("attachment; ")
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("group", "superuser", "status"),
    [
        (None, False, 404),
        (INSTRUCTORS, False, 404),
        (COURSE_MANAGERS, False, 200),
        (None, True, 200),
    ],
)
def test_others_get_the_file_only_when_they_manage_courses(
    certificate, client, group, superuser, status
):
    other = UserFactory(is_superuser=superuser)
    if group:
        other.groups.add(Group.objects.get_or_create(name=group)[0])
    client.force_login(other)
    assert client.get(page(certificate.code, pdf=True)).status_code == status


def test_visitors_sign_in_before_they_get_the_file(certificate, client):
    response = client.get(page(certificate.code, pdf=True))
    assert response.status_code == 302
    assert response["Location"].startswith("/th/account/login/")


@pytest.mark.parametrize("length", [10, 300])
def test_the_file_is_one_page_of_a4_in_sarabun(certificate, length):
    certificate.holder = ("อรุณี ใจดี " * 40)[:length]
    certificate.titles = {"th": "หลักสูตร" * 30, "en": "A course " * 20} if length > 99 else TITLES
    content = objects(render(certificate))
    assert len(re.findall(rb"/Type /Page\b(?!s)", content)) == 1
    [box] = re.findall(rb"/MediaBox \[([^\]]+)\]", content)
    assert [round(float(side)) for side in box.split()] == [0, 0, 842, 595]
    assert b"Sarabun" in content


def test_the_printer_reads_the_fonts_and_nothing_else(tmp_path):
    files = fonts()
    assert len(files) == 4
    door = only(files)
    for address in files:
        assert door(address).read()[:4] == b"wOFF"
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for address in (secret.as_uri(), "http://192.0.2.1/", "data:text/plain,x"):
        with pytest.raises(ValueError, match="Not part of a certificate"):
            door(address)


def test_a_holders_name_is_text(certificate):
    certificate.holder = "<b>A & B</b>"
    html = render_to_string("certificates/certificate_pdf.html", {"certificate": certificate})
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in html


def test_the_sheet_says_the_course_code_and_the_buddhist_year(certificate):
    certificate.issued_at = datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Bangkok"))
    html = render_to_string("certificates/certificate_pdf.html", {"certificate": certificate})
    for words in ("DOC-101", TITLES["th"], TITLES["en"], certificate.number):
        assert words in html
    assert "ให้ไว้ ณ วันที่ 23 พฤศจิกายน 2569" in html
    assert certificate.code not in html


def test_without_the_printers_libraries_the_page_says_so(certificate, client, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)  # importing it fails
    client.force_login(certificate.enrolment.user)
    response = client.get(page(certificate.code, "en", pdf=True))
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "The PDF cannot be made at the moment" in response.content.decode()


def test_a_revoked_certificate_says_so_and_has_no_file(certificate, client):
    manager = UserFactory()
    revoke(certificate, by=manager, reason=" Issued to the wrong person ")
    shown = client.get(page(certificate.code, "en"))
    assert shown.status_code == 200
    assert "This certificate has been revoked" in shown.content.decode()
    assert "genuine and valid" not in shown.content.decode()
    assert "Issued to the wrong person" not in shown.content.decode()
    assert (certificate.revoked_by, certificate.revoke_reason) == (
        manager,
        "Issued to the wrong person",
    )
    client.force_login(certificate.enrolment.user)
    gone = client.get(page(certificate.code, "en", pdf=True))
    assert gone.status_code == 410
    assert "Issued to the wrong person" in gone.content.decode()
    assert "This certificate has been revoked" in gone.content.decode()
    assert url_of(certificate.enrolment) is None


def test_revoking_again_changes_nothing(certificate):
    revoke(certificate, by=None, reason="first")
    revoke(certificate, by=None, reason="second")
    assert certificate.revoke_reason == "first"


def test_a_revoked_certificate_is_not_issued_anew(certificate):
    revoke(certificate, by=None, reason="first")
    assert issue(certificate.enrolment).revoked_at is not None


def test_nobody_revokes_without_a_reason(certificate):
    with pytest.raises(ValueError, match="reason"):
        revoke(certificate, by=None, reason="  ")
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.update(revoked_at=timezone.now())


def test_the_command_revokes_by_the_printed_number(certificate):
    call_command("revoke_certificate", certificate.number, reason="Issued twice")
    certificate.refresh_from_db()
    assert certificate.revoke_reason == "Issued twice"
    with pytest.raises(CommandError):
        call_command("revoke_certificate", "NOTHING", reason="x")


def test_a_manager_revokes_with_a_reason_and_nobody_else_can(certificate, client):
    address = page(certificate.code, "en") + "revoke/"
    client.force_login(certificate.enrolment.user)
    assert client.post(address, {"reason": "I want it gone, please"}).status_code == 404
    client.force_login(UserFactory(is_superuser=True))
    assert "Revoke this certificate" in client.get(page(certificate.code, "en")).content.decode()
    refused = client.post(address, {"reason": "oops"})
    assert refused.status_code == 422
    assert ">oops</textarea>" in refused.content.decode()
    certificate.refresh_from_db()
    assert certificate.revoked_at is None
    client.post(address, {"reason": "Issued to the wrong person"})
    certificate.refresh_from_db()
    assert certificate.revoke_reason == "Issued to the wrong person"
