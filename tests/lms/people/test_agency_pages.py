"""What an agency's administrator sees of the own people, and what not."""

import csv
import io
import uuid
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from courses.enrolment.models import CourseRun, Enrolment
from tests.factories.people import (
    AgencyFactory,
    MembershipFactory,
    UserFactory,
    administrator_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(client):
    ministry = AgencyFactory()
    department = AgencyFactory(below=ministry, name_th="กรมหนึ่ง")
    division = AgencyFactory(below=department, name_th="กองย่อย")
    sibling = AgencyFactory(below=ministry, name_th="กรมสอง")
    admin = administrator_of(department)
    own = MembershipFactory(
        agency=division, user=UserFactory(first_name="มาลี"), position="นักวิชาการ"
    ).user
    other = MembershipFactory(agency=sibling, user=UserFactory(first_name="ชูใจ")).user
    run = CourseRun.objects.create(course=uuid.uuid4())
    for person in (own, other):
        Enrolment.objects.create(
            user=person, run=run, state="completed", percent=100, completed_at=timezone.now()
        )
    client.force_login(admin)
    return {"own": own, "other": other, "division": division, "sibling": sibling, "admin": admin}


def page(client, **query) -> str:
    response = client.get(reverse("agency_people"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_own_people_are_listed_with_what_they_completed(client, place):
    html = page(client)
    assert "มาลี" in html and "นักวิชาการ" in html and "กองย่อย" in html
    assert "ชูใจ" not in html
    assert "กรมสอง" not in html


def test_people_are_found_by_name_and_division(client, place):
    assert "มาลี" in page(client, q="มาลี")
    assert "มาลี" not in page(client, q="นามสมมติ")
    html = page(client, agency=str(place["division"].key))
    assert "มาลี" in html and place["admin"].email not in html


@pytest.mark.parametrize("which", ["sibling", "nonsense", "unknown"])
def test_another_agency_does_not_exist(client, place, which):
    key = {"sibling": str(place["sibling"].key), "unknown": str(uuid.uuid4())}.get(which, which)
    for route in (
        "agency_people", "agency_csv", "agency_xlsx",
        "agency_report", "agency_report_csv", "agency_report_xlsx",
    ):  # fmt: skip
        assert client.get(reverse(route), {"agency": key}).status_code == 404


def test_a_person_of_another_agency_does_not_exist(client, place):
    assert client.get(reverse("agency_person", args=[place["own"].pk])).status_code == 200
    assert client.get(reverse("agency_person", args=[place["other"].pk])).status_code == 404


def test_whoever_has_left_is_not_listed_any_more(client, place):
    place["own"].memberships.update(until=timezone.localdate() - timedelta(days=1))
    assert "มาลี" not in page(client)
    assert client.get(reverse("agency_person", args=[place["own"].pk])).status_code == 404


@pytest.mark.parametrize("role", ["member", "manager"])
def test_who_administers_no_agency_learns_of_no_such_page(client, place, role):
    person = UserFactory(is_superuser=role == "manager")
    MembershipFactory(user=person, agency=place["sibling"])
    client.force_login(person)
    for route in ("agency_people", "agency_csv", "agency_xlsx"):
        assert client.get(reverse(route)).status_code == 404


def test_the_menu_leads_there_for_administrators_only(client, place):
    address = reverse("agency_people")
    assert f'href="{address}"' in client.get(reverse("profile")).content.decode()
    client.force_login(place["own"])
    assert f'href="{address}"' not in client.get(reverse("profile")).content.decode()


def test_tables_hold_the_same_people_and_no_formula(client, place):
    place["own"].first_name = "=HYPERLINK(1)"
    place["own"].save()
    response = client.get(reverse("agency_csv"), {"agency": str(place["division"].key)})
    assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    header, row = list(csv.reader(io.StringIO(text)))
    assert row[0].startswith("'=HYPERLINK(1)")
    assert row[4:] == ["1", "1", "0"]

    response = client.get(reverse("agency_xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    rows = list(book.active.iter_rows())
    assert len(rows) == 3
    assert [cell.value for cell in rows[0]] == header
    assert all(cell.data_type != "f" for line in rows for cell in line)
    assert {line[0].value for line in rows} >= {"'=HYPERLINK(1) ใจดี"}


def test_a_long_list_costs_what_a_list_of_one_costs(client, place, django_assert_max_num_queries):
    page(client)
    with django_assert_max_num_queries(10):
        page(client)
    for n in range(55):
        MembershipFactory(
            agency=place["division"], user=UserFactory(verified=False, last_name=f"ค{n}")
        )
    with django_assert_max_num_queries(10):
        html = page(client)
    assert len(html) < 60_000
    with django_assert_max_num_queries(12):
        client.get(reverse("agency_person", args=[place["own"].pk]))
