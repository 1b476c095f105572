"""Whom somebody may know about, in every role."""

import datetime
import uuid

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, Group
from django.db import IntegrityError, transaction

from courses.enrolment import rules
from courses.enrolment.models import CourseRun, Enrolment
from lms.people.backends import AuthenticationBackend
from lms.people.models import Agency, Membership, User
from lms.people.scope import administered_agencies, administers
from tests.factories.people import (
    AgencyFactory,
    MembershipFactory,
    UserFactory,
    administrator_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """A ministry with two departments, one with a division, and somebody in each."""
    ministry = AgencyFactory()
    department, sibling = AgencyFactory(below=ministry), AgencyFactory(below=ministry)
    division = AgencyFactory(below=department)
    places = {"ministry": ministry, "department": department, "sibling": sibling}
    places["division"] = division
    return places, {name: MembershipFactory(agency=a).user for name, a in places.items()}


def names(actor, people) -> set[str]:
    seen = set(User.objects.for_actor(actor))
    return {name for name, person in people.items() if person in seen}


@pytest.mark.parametrize(
    ("agency", "seen"),
    [
        ("ministry", {"ministry", "department", "sibling", "division"}),
        ("department", {"department", "division"}),
        ("sibling", {"sibling"}),
        ("division", {"division"}),
    ],
)
def test_an_agency_administrator_sees_the_own_subtree_never_a_siblings(tree, agency, seen):
    places, people = tree
    actor = administrator_of(places[agency])
    assert names(actor, people) == seen
    assert actor in User.objects.for_actor(actor)


def test_learners_and_members_see_themselves(tree):
    _places, people = tree
    assert set(User.objects.for_actor(people["ministry"])) == {people["ministry"]}
    assert not User.objects.for_actor(AnonymousUser()).exists()


@pytest.mark.parametrize("role", [rules.COURSE_MANAGERS, rules.CENTRAL_ADMINISTRATORS, "root"])
def test_the_centre_and_course_managers_see_everybody(tree, role):
    _places, people = tree
    actor = UserFactory(is_superuser=role == "root")
    if role != "root":
        actor.groups.add(Group.objects.get_or_create(name=role)[0])
    assert names(actor, people) == set(people)


def test_an_instructor_sees_the_people_of_the_own_runs(tree):
    _places, people = tree
    instructor, other = UserFactory(), UserFactory()
    group = Group.objects.get_or_create(name=rules.INSTRUCTORS)[0]
    for person in (instructor, other):
        person.groups.add(group)
    run = CourseRun.objects.create(course=uuid.uuid4())
    run.instructors.add(instructor)
    Enrolment.objects.create(user=people["division"], run=run)
    assert names(instructor, people) == {"division"}
    assert names(other, people) == set()


def test_whoever_was_an_instructor_sees_nobody_any_more(tree):
    _places, people = tree
    former = UserFactory()
    run = CourseRun.objects.create(course=uuid.uuid4())
    run.instructors.add(former)
    Enrolment.objects.create(user=people["division"], run=run)
    assert names(former, people) == set()


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("instructor", {"department", "division", "sibling"}),
        ("former instructor", set()),
        ("instructor of another run", {"division"}),
        ("administrator", {"department", "division"}),
        ("course manager", {"department", "division", "sibling"}),
        ("department", {"department"}),
    ],
)
def test_in_a_run_everybody_sees_whom_they_may_know_about_anywhere(tree, who, seen):
    """The short way to the same people: `seen_in` never says more than `people_for`."""
    places, people = tree
    run, other = (CourseRun.objects.create(course=uuid.uuid4()) for _n in range(2))
    for name in ("department", "division", "sibling"):
        Enrolment.objects.create(user=people[name], run=run)
    Enrolment.objects.create(user=people["division"], run=other)
    Enrolment.objects.create(user=people["ministry"], run=other)
    actor = people.get(who) or UserFactory()
    if who == "administrator":
        actor = administrator_of(places["department"])
    role = {"former instructor": None, "course manager": rules.COURSE_MANAGERS}
    if who not in people and (group := role.get(who, rules.INSTRUCTORS)) and who != "administrator":
        actor.groups.add(Group.objects.get_or_create(name=group)[0])
    if who in ("instructor", "former instructor"):
        run.instructors.add(actor)
    if who == "instructor of another run":
        other.instructors.add(actor)
    enrolments = Enrolment.objects.filter(run=run)
    found = enrolments.filter(rules.seen_in(run, actor))
    assert {name for name in people if found.filter(user=people[name]).exists()} == seen
    assert set(found) == set(enrolments.filter(user__in=rules.people_for(actor)))


def test_a_membership_counts_from_its_first_to_its_last_day(tree):
    places, people = tree
    actor = administrator_of(places["department"])
    Membership.objects.filter(user=people["division"]).update(
        since=datetime.date(2026, 3, 1), until=datetime.date(2026, 3, 31)
    )
    for day, seen in ((28, False), (29, True), (59, True), (60, False)):
        at = datetime.datetime(2026, 2, 1, 5, tzinfo=datetime.UTC) + datetime.timedelta(
            days=day - 1
        )
        with time_machine.travel(at, tick=False):
            assert ("division" in names(actor, people)) is seen, at


def test_an_agency_that_is_not_active_has_no_administrator(tree):
    places, people = tree
    actor = administrator_of(places["sibling"])
    Agency.objects.filter(pk=places["sibling"].pk).update(is_active=False)
    assert not administers(actor)
    assert names(actor, people) == set()


def test_an_account_that_is_closed_sees_nobody(tree):
    places, people = tree
    actor = administrator_of(places["ministry"])
    actor.is_active = False
    assert names(actor, people) == set()


def test_agencies_of_a_person_are_the_own_ones_and_those_above(tree, django_assert_num_queries):
    places, people = tree
    keys = {name: agency.key for name, agency in places.items()}
    person = people["division"]
    with django_assert_num_queries(2):
        found = rules.agencies_of(person)
        assert rules.agencies_of(person) == found
    assert found == {keys["division"], keys["department"], keys["ministry"]}
    assert rules.agencies_of(AnonymousUser()) == frozenset()
    assert rules.agencies_of(UserFactory()) == frozenset()


def test_roles_come_with_the_person_in_one_query(tree, django_assert_num_queries):
    places, _people = tree
    actor = administrator_of(places["department"])
    with django_assert_num_queries(1):
        found = AuthenticationBackend().get_user(actor.pk)
        assert administers(found)
        assert rules.group_names(found) == frozenset()
    with django_assert_num_queries(2):
        assert [a.pk for a in administered_agencies(found)] == [
            places["department"].pk,
            places["division"].pk,
        ]


def test_somebody_is_in_an_agency_once_and_for_a_time_in_order(tree):
    places, people = tree
    person, agency = people["division"], places["division"]
    for fields in (
        {"user": person, "agency": agency},
        {"user": person, "agency": places["ministry"], "until": datetime.date(2020, 1, 1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(since=datetime.date(2025, 1, 1), **fields)


def test_an_agency_is_called_as_the_reader_reads(tree):
    from django.utils.translation import override

    agency = AgencyFactory(name_th="กรมป่าไม้", name_en="")
    with override("en"):
        assert agency.name == "กรมป่าไม้"
        agency.name_en = "Forest Department"
        assert str(agency) == "Forest Department"
    with override("th"):
        assert str(agency) == "กรมป่าไม้"
        assert agency.level == "กระทรวง"
