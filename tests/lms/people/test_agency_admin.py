"""Agencies, members and people as a central administrator looks after them."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.users.models import UserProfile

from lms.people.models import Agency, Membership, User
from lms.people.roles import CENTRAL_ADMINISTRATOR, COURSE_MANAGER, INSTRUCTOR
from tests.factories.courses import build_tree
from tests.factories.people import (
    AgencyFactory,
    MembershipFactory,
    UserFactory,
    administrator_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def central(client):
    build_tree()
    person = UserFactory()
    person.groups.add(Group.objects.get(name=CENTRAL_ADMINISTRATOR))
    client.force_login(person)
    return person


def agency_form(**fields) -> dict:
    return {"name_th": "กรมใหม่", "name_en": "New", "code": "new", "is_active": "on"} | fields


def test_agencies_are_made_listed_and_moved(client, central):
    assert client.post(reverse("agencies:add"), agency_form()).status_code == 302
    ministry = Agency.objects.get(code="new")
    below = agency_form(code="below", name_th="กองใหม่", parent=ministry.pk)
    assert client.post(reverse("agencies:add"), below).status_code == 302
    division = Agency.objects.get(code="below")
    assert division.get_parent() == ministry
    html = client.get(reverse("agencies:index")).content.decode()
    assert "— กองใหม่" in html

    other = AgencyFactory()
    moved = agency_form(code="below", parent=other.pk)
    assert client.post(reverse("agencies:edit", args=[division.pk]), moved).status_code == 302
    division.refresh_from_db()
    assert division.get_parent(update=True) == other
    top = agency_form(code="below", parent="")
    assert client.post(reverse("agencies:edit", args=[division.pk]), top).status_code == 302
    division.refresh_from_db()
    assert division.depth == 1
    assert Agency.find_problems() == ([], [], [], [], [])


def test_an_agency_never_goes_below_itself(client, central):
    ministry = AgencyFactory()
    division = AgencyFactory(below=ministry)
    form = agency_form(parent=division.pk)
    assert client.post(reverse("agencies:edit", args=[ministry.pk]), form).status_code == 200
    ministry.refresh_from_db()
    assert ministry.depth == 1


def test_an_agency_with_people_or_agencies_is_not_deleted(client, central):
    ministry = AgencyFactory()
    division = MembershipFactory(agency=AgencyFactory(below=ministry)).agency
    for agency in (ministry, division):
        client.post(reverse("agencies:delete", args=[agency.pk]))
    assert Agency.objects.count() == 2
    empty = AgencyFactory()
    client.post(reverse("agencies:delete", args=[empty.pk]))
    assert not Agency.objects.filter(pk=empty.pk).exists()


def test_members_are_named_by_their_address(client, central):
    person, agency = UserFactory(email="somsri@agency.example"), AgencyFactory()
    form = {"email": "Somsri@agency.example", "agency": agency.pk, "position": "นิติกร"}
    form |= {"role": "administrator", "since": "2026-01-05", "until": "", "target_group": ""}
    assert client.post(reverse("memberships:add"), form).status_code == 302
    made = Membership.objects.get()
    assert (made.user, made.role, made.position) == (person, "administrator", "นิติกร")

    again = client.post(reverse("memberships:add"), form)
    assert again.status_code == 200
    assert Membership.objects.count() == 1
    unknown = client.post(reverse("memberships:add"), form | {"email": "nobody@agency.example"})
    assert "nobody@agency.example" in unknown.content.decode()
    assert Membership.objects.count() == 1

    edited = form | {"position": "ผู้อำนวยการ", "until": "2025-01-01"}
    wrong = client.post(reverse("memberships:edit", args=[made.pk]), edited)
    assert wrong.status_code == 200
    edited["until"] = "2027-01-01"
    assert client.post(reverse("memberships:edit", args=[made.pk]), edited).status_code == 302
    made.refresh_from_db()
    assert made.position == "ผู้อำนวยการ"


@pytest.mark.parametrize("role", [INSTRUCTOR, COURSE_MANAGER])
def test_nobody_else_looks_after_agencies(client, role):
    build_tree()
    person = UserFactory()
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    for name in ("agencies:index", "agencies:add", "memberships:index", "wagtailusers_users:index"):
        assert client.get(reverse(name)).status_code == 302, name
    assert client.get(reverse("wagtailadmin_home")).status_code == 200


def test_an_agency_administrator_never_enters_the_authoring_site(client):
    build_tree()
    client.force_login(administrator_of(AgencyFactory()))
    for name in ("wagtailadmin_home", "agencies:index", "wagtailusers_users:index"):
        response = client.get(reverse(name))
        assert response.status_code == 403
        assert "ท่านไม่มีสิทธิ์เข้าหน้านี้" in response.content.decode()
    # Who is not signed in is asked to sign in, and is then brought back.
    client.logout()
    response = client.get(reverse("agencies:index"))
    assert response["Location"].startswith(f"{reverse('account_login')}?next=")


def test_a_central_administrator_makes_no_superuser_and_touches_none(client, central):
    root, person = UserFactory(is_superuser=True), UserFactory()
    address = reverse("wagtailusers_users:edit", args=[root.pk])
    assert client.get(address, follow=True).status_code == 404
    form = {
        "email": person.email,
        "first_name": "ใหม่",
        "last_name": "จริง",
        "is_active": "on",
        "is_superuser": "on",
    }
    response = client.post(reverse("wagtailusers_users:edit", args=[person.pk]), form)
    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.first_name, person.is_superuser) == ("ใหม่", False)


def test_several_at_once_leave_superusers_alone_and_delete_nobody(client, central):
    root, person = UserFactory(is_superuser=True), UserFactory()
    for action, who in (("set_active_state", [root, person]), ("delete", [person])):
        address = reverse("wagtail_bulk_action", args=["people", "user", action])
        query = "&".join(f"id={p.pk}" for p in who)
        client.post(f"{address}?{query}", {"mark_as_active": "False"})
    assert User.objects.filter(pk__in=[root.pk, person.pk], is_active=True).count() == 2


def test_deleting_somebody_in_the_authoring_site_erases_them(client):
    build_tree()
    client.force_login(UserFactory(is_superuser=True))
    person = UserFactory(first_name="เลือนหาย")
    response = client.post(reverse("wagtailusers_users:delete", args=[person.pk]))
    assert response.status_code == 302
    person.refresh_from_db()
    assert person.erased_at is not None
    assert person.first_name == "ผู้เรียนที่ลบบัญชี"


def test_lists_do_not_cost_more_with_more_people(client, central, django_assert_max_num_queries):
    agency = AgencyFactory()
    for _n in range(12):
        MembershipFactory(agency=agency)
    client.get(reverse("memberships:index"))
    with django_assert_max_num_queries(15):
        client.get(reverse("memberships:index"))
    with django_assert_max_num_queries(15):
        client.get(reverse("agencies:index"))


def test_a_membership_takes_years_of_either_era_and_shows_those_of_the_reader(client, central):
    """Taken as it stands, 2569 would be five centuries away, and the agency's report without the person."""
    UserProfile.objects.create(user=central, preferred_language="th")
    person, agency = UserFactory(), AgencyFactory()
    form = {
        "email": person.email,
        "agency": agency.pk,
        "position": "นิติกร",
        "target_group": "",
        "role": "member",
        "since": "2568-10-01",
        "until": "2571-02-28",
    }
    assert client.post(reverse("memberships:add"), form).status_code == 302
    membership = Membership.objects.get(user=person)
    assert (membership.since, membership.until) == (date(2025, 10, 1), date(2028, 2, 28))
    html = client.get(reverse("memberships:index")).content.decode()
    assert "1 ต.ค. 2568" in html and "28 ก.พ. 2571" in html

    form["until"] = "2572-02-29"  # the 29th of February 2029
    refused = client.post(reverse("memberships:edit", args=[membership.pk]), form)
    assert "ปีนี้ไม่มีวันดังกล่าว" in refused.content.decode()
