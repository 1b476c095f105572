"""The sums of agencies' reports: whatever happens, in whatever order, they are what a count would give."""

import random
from collections import defaultdict
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.query import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.certificates.transcript import fiscal_year
from courses.enrolment import places
from courses.enrolment.imports import come_back
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.progress import refresh
from lms.operations.checks import sums_of_agencies
from lms.people import agency_counts, sums
from lms.people.agency_counts import kept
from lms.people.erase import erase
from lms.people.models import Agency, Membership, User
from lms.people.sum_models import CountedPerson, CountState, LearningSum, ToCount
from lms.people.tasks import check_learning, count_learning, sweep_learning
from tests.factories.courses import bare_course, enrolled
from tests.factories.people import (
    AgencyFactory,
    MembershipFactory,
    UserFactory,
    administrator_of,
)
from tests.paths.test_two_people import at_once

pytestmark = pytest.mark.django_db
STATES = ("", "active", "completed")


def account() -> User:
    return User.objects.create(email=f"{uuid4().hex}@agency.example", first_name="อรุณี")


@pytest.fixture
def site():
    """Two ministries; one has two departments, of which one has a division. Three courses, one with two
    runs. Nothing is counted yet."""
    ministry, other = AgencyFactory(), AgencyFactory()
    first, second = (AgencyFactory(below=ministry) for _n in range(2))
    division = AgencyFactory(below=first)
    courses = [uuid4() for _n in range(3)]
    runs = [
        CourseRun.objects.create(course=courses[n], pacing=pacing, name=f"รุ่น {n}")
        for n, pacing in ((0, "rolling"), (0, "cohort"), (1, "rolling"), (2, "cohort"))
    ]
    return SimpleNamespace(
        ministry=ministry, other=other, first=first, second=second, division=division,
        agencies=[ministry, other, first, second, division], runs=runs, courses=courses,
    )  # fmt: skip


def counted_by_hand(roots: list[Agency], year, state: str) -> dict:
    """{course or None for all: (people, completed, enrolments)}, row by row, as the page promises it."""
    paths = list(Agency.objects.filter(pk__in=[a.pk for a in roots]).values_list("path", flat=True))
    members = {
        m.user_id
        for m in Membership.objects.current().select_related("agency", "user")
        if m.user.erased_at is None and any(m.agency.path.startswith(path) for path in paths)
    }
    people, completed, lines = defaultdict(set), defaultdict(set), defaultdict(int)
    for e in Enrolment.objects.exclude(state="withdrawn").select_related("run"):
        if e.user_id not in members or (state and e.state != state):
            continue
        if year and (e.completed_at is None or fiscal_year(e.completed_at) != year):
            continue
        for course in (e.run.course, None):
            people[course].add(e.user_id)
            lines[course] += 1
            if e.state == "completed":
                completed[course].add(e.user_id)
    return {c: (len(people[c]), len(completed[c]), lines[c]) for c in people}


def assert_sums_are_right(site) -> None:
    assert not ToCount.objects.exists()
    tree = list(Agency.objects.all())
    questions = [[agency] for agency in tree]
    questions.append(agency_counts.tops([a for a in tree if a.pk != site.ministry.pk]))
    for roots in questions:
        for state in STATES:
            for year in (None, 2568, 2569, 2570):
                found = kept(roots, course=None, year=year, state=state)
                assert {
                    one.course: (one.people, one.completed, one.lines) for one in found
                } == counted_by_hand(roots, year, state), (roots, year, state)
    assert sums.check() == 0, "and nobody has to be set right"


# -- all that may happen to a person, a place or an agency -----------------------------------------


def enrolled_in(site, dice):
    user, run = dice.choice(list(User.objects.filter(erased_at=None))), dice.choice(site.runs)
    with transaction.atomic():
        places.give(places.lock(run), user)


def one_of(dice, **which):
    found = list(Enrolment.objects.filter(user__erased_at=None, **which).order_by("pk"))
    return dice.choice(found) if found else None


def leaves(site, dice):
    if row := one_of(dice, state="active"):
        places.withdraw(row)


def returns(site, dice):
    if row := one_of(dice, state="withdrawn"):
        with transaction.atomic():
            places.give(places.lock(row.run), row.user)


def completes(site, dice):
    if row := one_of(dice, state="active"):
        row.percent, row.state = 100, "completed"
        row.completed_at = timezone.now() - timedelta(days=dice.randrange(900))
        row.save(update_fields=["percent", "state", "completed_at"])


def is_corrected(site, dice):
    """A rule that was changed, or a mistake that was put right in the tables."""
    Enrolment.objects.filter(state="completed", pk__gt=dice.randrange(40)).update(
        completed_at=timezone.now() - timedelta(days=dice.randrange(900))
    )


def is_taken_back(site, dice):
    if row := one_of(dice, state="completed"):
        row.percent, row.state, row.completed_at = 99, "active", None
        row.save()


def moves_to_another_run(site, dice):
    row = one_of(dice, state="active", run__in=site.runs[:2])
    if row:
        there = site.runs[1] if row.run_id == site.runs[0].pk else site.runs[0]
        if not Enrolment.objects.filter(user=row.user, run=there).exists():
            row.run = there
            row.save(update_fields=["run"])


def list_is_enrolled(site, dice):
    run = dice.choice(site.runs)
    new = [account() for _n in range(3)]
    Membership.objects.bulk_create(
        [Membership(user=u, agency=dice.choice(tree()), since=today(-9)) for u in new]
    )
    Enrolment.objects.bulk_create([Enrolment(user=user, run=run) for user in new])
    if dice.random() < 0.5:  # the list is undone: who was new goes, the others leave
        Enrolment.objects.filter(user__in=new[:2], run=run).delete()
        Enrolment.objects.filter(user=new[2], run=run).update(state="withdrawn")
        if dice.random() < 0.5:
            come_back(run, [new[2].pk], timezone.now())


def tree() -> list[Agency]:
    return list(Agency.objects.all())


def today(days: int = 0):
    return timezone.localdate() + timedelta(days=days)


def joins(site, dice):
    user, agency = dice.choice(list(User.objects.filter(erased_at=None))), dice.choice(tree())
    until = dice.choice([None, None, today(3), today(-1)])
    Membership.objects.update_or_create(
        user=user, agency=agency, defaults={"since": dice.choice([today(-9), today(2)]), "until": until}
        if until != today(-1) else {"since": today(-9), "until": until},
    )  # fmt: skip


def changes_agency(site, dice):
    row, there = dice.choice(list(Membership.objects.all())), dice.choice(tree())
    if not Membership.objects.filter(user=row.user, agency=there).exists():
        row.agency, row.position = there, "ผู้อำนวยการ"
        row.save()


def goes(site, dice):
    dice.choice(list(Membership.objects.all())).delete()


def all_end(site, dice):
    Membership.objects.filter(agency=dice.choice(tree())).update(until=today(dice.choice([-1, 4])), since=today(-9))  # fmt: skip


def agency_moves(site, dice):
    moved, to = dice.choice(tree()), dice.choice(tree())
    if not to.path.startswith(moved.path):
        moved.move(to, pos="last-child")
    elif not moved.is_root():
        moved.move(Agency.get_last_root_node(), pos="last-sibling")


def agency_ends_or_begins(site, dice):
    agency = dice.choice(tree())
    agency.is_active = not agency.is_active
    agency.save()


def agencies_begin_again(site, dice):
    Agency.objects.filter(is_active=False).update(is_active=True)


def account_is_erased(site, dice):
    if dice.random() < 0.4:
        erase(dice.choice(list(User.objects.filter(erased_at=None))))


def account_is_deleted(site, dice):
    if dice.random() < 0.4:
        dice.choice(list(User.objects.filter(erased_at=None))).delete()


CAUSES = [
    enrolled_in, enrolled_in, enrolled_in, completes, completes, leaves, returns, is_corrected,
    is_taken_back, moves_to_another_run, list_is_enrolled, joins, joins, changes_agency, goes, all_end,
    agency_moves, agency_ends_or_begins, agencies_begin_again, account_is_erased, account_is_deleted,
]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_a_random_walk_the_sums_are_a_count(site, seed, time_machine):
    dice = random.Random(seed)  # noqa: S311 - the same walk each time
    for _n in range(12):
        user = account()
        Membership.objects.create(user=user, agency=dice.choice(site.agencies), since=today(-9))
    assert sums.check() == 0
    assert sums.standing().filled
    done = set()
    for step in range(90):
        cause = dice.choice(CAUSES)
        cause(site, dice)
        done.add(cause)
        if step % 11 == 10:
            time_machine.move_to(timezone.now() + timedelta(days=1), tick=False)
        if step % 6 == 5:
            sums.count_waiting()
            assert_sums_are_right(site)
    assert len(done) > 14 and LearningSum.objects.exists()


# -- one by one: what the walk might pass by -------------------------------------------------------


@pytest.fixture
def learner(site):
    person = MembershipFactory(agency=site.division).user
    sums.check()
    return person


def people_in(agency, course) -> list[tuple]:
    return [(c.people, c.completed) for c in kept([agency], course=course, year=None, state="")]


def test_somebody_counts_in_the_agency_and_in_all_above_and_never_in_a_sibling(site, learner):
    Enrolment.objects.create(user=learner, run=site.runs[2])
    assert people_in(site.ministry, site.courses[1]) == [], "not before it is counted"
    count_learning()
    for agency in (site.division, site.first, site.ministry):
        assert people_in(agency, site.courses[1]) == [(1, 0)]
    for agency in (site.second, site.other):
        assert people_in(agency, site.courses[1]) == []
    assert not LearningSum.objects.filter(agency__in=[site.second, site.other]).exists()


def test_a_person_with_two_runs_and_two_places_counts_once(site, learner):
    MembershipFactory(user=learner, agency=site.second)
    for run in site.runs[:2]:
        Enrolment.objects.create(user=learner, run=run)
    count_learning()
    assert people_in(site.ministry, site.courses[0]) == [(1, 0)]
    both = kept([site.division, site.second], course=site.courses[0], year=None, state="")
    assert [(c.people, c.lines) for c in both] == [(1, 2)]


def test_a_step_of_learning_is_not_counted(site, learner):
    row = Enrolment.objects.create(user=learner, run=site.runs[2])
    count_learning()
    row = Enrolment.objects.get(pk=row.pk)
    row.progress = {"x": 50}
    refresh(row)
    Enrolment.objects.filter(pk=row.pk).update(last_seen_at=timezone.now())
    assert not ToCount.objects.exists()


def test_a_list_that_is_enrolled_costs_the_enroller_one_query_more(site):
    people = [MembershipFactory(agency=site.division).user for _n in range(20)]
    with CaptureQueriesContext(connection) as queries:
        Enrolment.objects.bulk_create([Enrolment(user=p, run=site.runs[2]) for p in people])
    assert len([q for q in queries if "people_tocount" in q["sql"]]) == 1
    sums.check()
    assert people_in(site.first, site.courses[1]) == [(20, 0)]


def test_many_people_are_counted_in_a_few_queries(site):
    def costs(number: int) -> int:
        people = [MembershipFactory(agency=site.division).user for _n in range(number)]
        Enrolment.objects.bulk_create([Enrolment(user=p, run=site.runs[2]) for p in people])
        with CaptureQueriesContext(connection) as queries:
            sums.count_waiting()
        return len(queries)

    sums.check()
    assert costs(30) <= costs(2) + 1 <= 30


def test_a_membership_that_begins_and_ends_by_its_date(site, learner, time_machine):
    Enrolment.objects.create(user=learner, run=site.runs[2])
    Membership.objects.filter(user=learner).update(since=today(1), until=today(2))
    count_learning()
    assert people_in(site.ministry, site.courses[1]) == []
    for _day, there in ((1, [(1, 0)]), (2, [(1, 0)]), (3, [])):
        time_machine.move_to(timezone.now() + timedelta(days=1), tick=False)
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        if there != people_in(site.ministry, site.courses[1]):
            assert sums.standing().as_of == midnight, "what is not counted yet is not claimed"
        sweep_learning()
        assert people_in(site.ministry, site.courses[1]) == there
        assert sums.standing().as_of == timezone.now()


def test_who_is_erased_is_in_none_of_the_tables(site, learner):
    Enrolment.objects.create(user=learner, run=site.runs[2], state="completed", completed_at=timezone.now())  # fmt: skip
    count_learning()
    assert people_in(site.ministry, site.courses[1]) == [(1, 1)]
    erase(learner)
    count_learning()
    assert people_in(site.ministry, site.courses[1]) == []
    assert not CountedPerson.objects.filter(person=learner.pk).exists()
    assert not ToCount.objects.exists() and not LearningSum.objects.exists()


def test_what_came_by_a_side_door_is_found_and_set_right(site, learner, caplog):
    row = Enrolment.objects.create(user=learner, run=site.runs[2])
    count_learning()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE enrolment_enrolment SET state = 'withdrawn'")
    count_learning()
    assert people_in(site.ministry, site.courses[1]) == [(1, 0)]
    check_learning()
    assert people_in(site.ministry, site.courses[1]) == []
    assert CountState.objects.get().repaired == 1
    assert "set right" in caplog.text
    Enrolment.objects.filter(pk=row.pk).update(state="active")
    count_learning()
    QuerySet.update(LearningSum.objects.filter(agency=site.first), people=7)
    LearningSum.objects.filter(agency=site.division).delete()
    assert sums.check() > 0 and sums.check() == 0
    for agency in (site.division, site.first, site.ministry):
        assert people_in(agency, site.courses[1]) == [(1, 0)]


def test_the_command_fills_and_checks(site, learner):
    Enrolment.objects.create(user=learner, run=site.runs[2])
    CountState.objects.all().delete()
    out = StringIO()
    call_command("count_learning", stdout=out)
    call_command("count_learning", stdout=out)
    assert out.getvalue().splitlines() == ["The sums stand for everybody now.", "OK"]
    assert people_in(site.ministry, site.courses[1]) == [(1, 0)]


def test_an_agency_of_many_is_counted_in_portions(site, learner, monkeypatch):
    monkeypatch.setattr(sums, "AT_ONCE", 3)
    people = [MembershipFactory(agency=site.division).user for _n in range(8)]
    Enrolment.objects.bulk_create([Enrolment(user=p, run=site.runs[2]) for p in people])
    sums.check()
    site.first.refresh_from_db()
    site.first.move(Agency.objects.get(pk=site.other.pk), pos="last-child")
    assert ToCount.objects.count() == 1
    monkeypatch.setattr(sums, "BATCHES_AT_ONCE", 1)
    count_learning()
    assert ToCount.objects.exists() and sums.standing().as_of < timezone.now()
    sweep_learning()
    assert people_in(site.other, site.courses[1]) == [(8, 0)]
    assert people_in(site.ministry, site.courses[1]) == []


def test_who_runs_the_site_hears_of_sums_that_are_missing_old_or_were_wrong(site, learner):
    def heard() -> list[str]:
        return [w.id for w in sums_of_agencies(None, databases=["default"])]

    assert heard() == [] and sums_of_agencies(None) == []
    now = timezone.now()
    ToCount.objects.create(person=learner.pk, at=now - timedelta(hours=1))
    CountState.objects.update(checked_at=now - timedelta(days=3), repaired=2)
    assert heard() == ["sala.W021", "sala.W022", "sala.W023"]
    sums.check()
    assert heard() == []
    CountState.objects.update(filled_at=None)
    assert heard() == ["sala.W020"]
    Membership.objects.all().delete()
    assert heard() == []


# -- on the page -----------------------------------------------------------------------------------


@pytest.fixture
def report(client, site):
    def asked(**query):
        response = client.get(reverse("agency_report"), query)
        assert response.status_code == 200
        return response

    return asked


def test_the_page_shows_the_sums_and_since_when(client, site, learner, report):
    client.force_login(administrator_of(site.first))
    Enrolment.objects.create(user=learner, run=site.runs[2])
    count_learning()
    page = report()
    assert [(r["people"], r["completed"]) for r in page.context["sums"]] == [(1, 0)]
    html = page.content.decode()
    assert "ข้อมูล ณ วันที่" in html and "หลักสูตรละหนึ่งครั้งต่อคน" in html
    # What nobody has counted for a minute is counted when somebody asks.
    late = Enrolment.objects.create(user=learner, run=site.runs[3])
    assert len(report().context["sums"]) == 1
    ToCount.objects.update(at=timezone.now() - timedelta(minutes=2))
    assert len(report().context["sums"]) == 2 and not ToCount.objects.exists()
    late.delete()


def test_lines_are_the_same_whichever_way_they_are_found(client, site, report, monkeypatch):
    dice = random.Random(5)  # noqa: S311 - the same people each time
    client.force_login(administrator_of(site.ministry))
    for n in range(40):
        person = MembershipFactory(
            agency=dice.choice(site.agencies), user=UserFactory(first_name=f"ก{n % 7}")
        ).user
        for run in dice.sample(site.runs, dice.randrange(4)):
            done = dice.choice([None, timezone.now()])
            state = "completed" if done else dice.choice(["active", "withdrawn"])
            Enrolment.objects.create(user=person, run=run, state=state, completed_at=done)
    sums.check()
    queries = [{}, {"state": "completed"}, {"course": str(site.courses[0])}, {"agency": str(site.first.key)}]  # fmt: skip
    for query in queries:
        found = []
        for way in ("walked", "ordered"):
            other = "ordered" if way == "walked" else "walked"
            monkeypatch.setattr(agency_counts.Lines, other, getattr(agency_counts.Lines, way))
            first = report(**query)
            pages = range(1, first.context["page_obj"].paginator.num_pages + 1)
            lines = [
                (row["url"], row["course"], row["run"], row["state"], row["enrolled_at"])
                for number in pages
                for row in report(page=number, **query).context["rows"]
            ]
            assert len(lines) == first.context["page_obj"].paginator.count
            found.append(lines)
            monkeypatch.undo()
        assert found[0] == found[1] and found[0]


def test_the_page_asks_fifteen_times_whatever_is_asked(client, site, report):
    client.force_login(administrator_of(site.ministry))
    courses = [bare_course(slug) for slug in ("one", "two")]
    for _n in range(5):
        person = MembershipFactory(agency=site.first).user
        for course in courses:
            enrolled(person, course)
    sums.check()
    course, agency = str(courses[0].translation_key), str(site.first.key)
    for query in ({}, {"state": "active"}, {"agency": agency}, {"course": course, "page": 2}):
        report(**query)
        with CaptureQueriesContext(connection) as queries:
            assert report(**query).context["rows"]
        assert len(queries) <= 15, query


# -- two at once -----------------------------------------------------------------------------------


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_changes_at_once_none_is_lost(site):
    people = [MembershipFactory(agency=site.division).user for _n in range(6)]
    sums.check()

    def learn(person):
        def go():
            for run in site.runs[1:]:
                Enrolment.objects.create(user=person, run=run)
            Enrolment.objects.filter(user=person, run=site.runs[3]).update(state="withdrawn")

        return go

    def move():
        agency = Agency.objects.get(pk=site.first.pk)
        with transaction.atomic():
            agency.move(Agency.objects.get(pk=site.other.pk), pos="last-child")

    errors = at_once(*[learn(person) for person in people], move, sums.check)
    assert errors == []
    sums.count_waiting()
    assert_sums_are_right(site)
    assert people_in(site.other, site.courses[1]) == [(6, 0)]


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_joins_while_the_agency_moves_counts_where_it_stands(site):
    person = account()
    Enrolment.objects.create(user=person, run=site.runs[2])
    sums.check()

    def join():
        Membership.objects.create(user=person, agency_id=site.division.pk, since=today(-1))

    def move():
        Agency.objects.get(pk=site.first.pk).move(
            Agency.objects.get(pk=site.other.pk), "last-child"
        )

    assert at_once(join, move) == []
    sums.count_waiting()
    assert people_in(site.other, site.courses[1]) == [(1, 0)]
    assert people_in(site.ministry, site.courses[1]) == []
