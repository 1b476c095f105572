"""An agency's report: what each line says, whom it is about, and what it costs."""

import csv
import io
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.certificates.issue import issue
from courses.enrolment.models import Enrolment
from courses.grades.models import Grade
from tests.factories.courses import enrolled, make_course, run_of
from tests.factories.people import (
    AgencyFactory,
    MembershipFactory,
    UserFactory,
    administrator_of,
)

pytestmark = pytest.mark.django_db
MOST_QUERIES = 25


@pytest.fixture
def place(client):
    ministry = AgencyFactory()
    department = AgencyFactory(below=ministry, name_th="กรมหนึ่ง")
    division = AgencyFactory(below=department, name_th="กองย่อย")
    sibling = AgencyFactory(below=ministry, name_th="กรมสอง")
    course = make_course("course", lectures=[25])
    other_course = make_course("second", lectures=[20])
    own, late = (
        MembershipFactory(agency=division, user=UserFactory(first_name=name)).user
        for name in ("มาลี", "บุญมา")
    )
    other = MembershipFactory(agency=sibling, user=UserFactory(first_name="ชูใจ")).user
    done = {}
    for person in (own, other):
        enrolment = enrolled(person, course)
        complete(enrolment, "2026-03-15T09:00:00+07:00")
        done[person] = enrolment
    Grade.objects.update_or_create(enrolment=done[own], defaults={"value": Decimal("87.5")})
    issue(done[own])
    enrolled(late, other_course)
    client.force_login(administrator_of(department))
    return {
        "own": own, "late": late, "other": other, "division": division, "sibling": sibling,
        "department": department, "course": course, "second": other_course, "done": done,
    }  # fmt: skip


def complete(enrolment, when: str) -> None:
    at = datetime.fromisoformat(when)
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state="completed", percent=100, completed_at=at, enrolled_at=at
    )
    enrolment.refresh_from_db()


def page(client, **query):
    response = client.get(reverse("agency_report"), query)
    assert response.status_code == 200
    return response


def names(client, **query) -> list[str]:
    return [row["name"].split()[0] for row in page(client, **query).context["rows"]]


def test_a_line_says_what_the_transcript_says(client, place):
    rows = page(client).context["rows"]
    assert [row["name"].split()[0] for row in rows] == ["บุญมา", "มาลี"]
    row = rows[1]
    certificate = place["done"][place["own"]].certificates.get()
    assert (row["code"], row["percent"], row["completed"]) == ("COURSE", 100, True)
    assert row["grade"].startswith("87.5") and row["certificate"] == certificate.number
    assert (row["lecture"], row["doing"], row["total"]) == (25, 20, 45)
    html = page(client).content.decode()
    assert certificate.number in html and "กองย่อย" in html and "15 มี.ค. 2569" in html


def test_nobody_of_a_sibling_agency_is_in_it_or_counted(client, place):
    found = page(client)
    html = found.content.decode()
    assert "ชูใจ" not in html and "กรมสอง" not in html
    sums = {row["title"]: (row["people"], row["completed"]) for row in found.context["sums"]}
    assert sums == {place["course"].title: (1, 1), place["second"].title: (1, 0)}
    for route in ("agency_report", "agency_report_csv", "agency_report_xlsx"):
        query = {"agency": str(place["sibling"].key)}
        assert client.get(reverse(route), query).status_code == 404
    client.force_login(administrator_of(place["sibling"]))
    assert names(client) == ["ชูใจ"], "there was somebody to see"


def test_filters(client, place):
    course = str(place["course"].translation_key)
    assert names(client, course=course) == ["มาลี"]
    assert names(client, state="completed") == ["มาลี"]
    assert names(client, state="active") == ["บุญมา"]
    assert names(client, year="2569") == ["มาลี"]
    assert names(client, year="2570") == []
    assert names(client, q="บุญ") == ["บุญมา"]
    assert names(client, agency=str(place["division"].key)) == ["บุญมา", "มาลี"]
    assert "แสดงทั้งหมด" in page(client, q="ไม่มีใคร").content.decode()
    assert names(client, state="nonsense", year="12x") == ["บุญมา", "มาลี"]
    assert client.get(reverse("agency_report"), {"course": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("when", "year"),
    [("2026-09-30T23:59:00+07:00", "2569"), ("2026-10-01T00:00:00+07:00", "2570")],
)
def test_the_fiscal_year_ends_with_september(client, place, when, year):
    complete(place["done"][place["own"]], when)
    assert names(client, year=year) == ["มาลี"]


def test_a_revoked_certificate_counts_nothing(client, place):
    place["done"][place["own"]].certificates.update(
        revoked_at=timezone.now(), revoke_reason="ออกให้ผิดคน"
    )
    row = page(client).context["rows"][1]
    assert (row["certificate"], row["total"], row["revoked"]) == ("", 0, True)
    assert "ผิดคน" not in page(client).content.decode()


def test_the_same_lines_in_files(client, place):
    query = {"course": str(place["course"].translation_key)}
    response = client.get(reverse("agency_report_csv"), query)
    assert "no-store" in response["Cache-Control"]
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    header, row = list(csv.reader(io.StringIO(text)))
    line = dict(zip(header, row, strict=True))
    assert line["คะแนนรวม" if "คะแนนรวม" in line else header[9]].startswith("87.5")
    assert row[10:15] == ["2026-03-15", "2026-03-15", "25", "20", "45"]
    response = client.get(reverse("agency_report_xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert len(list(book.active.iter_rows())) == 3


def test_many_lines_cost_what_few_cost(client, place):
    page(client)
    with CaptureQueriesContext(connection) as few:
        page(client)
    run = run_of(place["course"])
    for _n in range(20):
        member = MembershipFactory(agency=place["division"]).user
        Enrolment.objects.create(user=member, run=run)
    with CaptureQueriesContext(connection) as many:
        assert len(page(client).context["rows"]) == 22
    assert len(many) <= len(few) <= MOST_QUERIES
