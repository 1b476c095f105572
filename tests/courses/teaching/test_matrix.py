"""The progress matrix: the state of everybody in every item, found by filters, and as files."""

import csv
import gc
import io
import tracemalloc
import uuid
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from activities.core.enums import State
from activities.core.models import Decision, ItemVersion, Participation, PhaseDates
from courses.enrolment.models import CourseRun, Enrolment, RunGroup
from courses.grades.models import Grade, GradeRules
from courses.teaching import matrix, participants
from lms.memory import settle
from lms.people.models import User
from tests.factories.courses import bare_course, state_of
from tests.factories.people import AgencyFactory, MembershipFactory


@pytest.fixture
def course(db):
    return bare_course()


@pytest.fixture
def items(course) -> list[str]:
    return [entry["key"] for entry in state_of(course).current.outline["items"]]


@pytest.fixture
def at(client, run, instructor):
    client.force_login(instructor)
    return reverse("teach_matrix", args=[run.pk])


def take(enrolment, item, state, **values) -> Participation:
    """Somebody's participation, and the copy of it that the enrolment keeps."""
    done = values.get("completed_at") is not None or state == State.EXCUSED
    enrolment.progress[item] = 100 if done else 40
    enrolment.save()
    return Participation.objects.create(
        user=enrolment.user,
        seat=enrolment.seat,
        cohort=enrolment.run.key,
        item=item,
        version=ItemVersion.objects.get(item=item),
        state=state,
        **values,
    )


def codes(client, at, **query) -> dict[str, list[str]]:
    rows = client.get(at, query).context["rows"]
    return {row["name"]: row["codes"] for row in rows}


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.IN_PROGRESS, matrix.BEGUN),
        (State.WAITING, matrix.WAITING),
        (State.NEEDS_ATTENTION, matrix.ATTENTION),
        (State.EXCUSED, matrix.EXCUSED),
    ],
)
def test_a_cell_says_where_somebody_is(client, at, items, enrolment, state, code):
    take(enrolment, items[1], state)
    (row,) = codes(client, at).values()
    assert row == [matrix.NOT_STARTED, code]


def test_done_below_the_pass_mark_is_told_apart(client, at, run, items, enrolment):
    take(enrolment, items[0], State.COMPLETED, completed_at=timezone.now())
    take(enrolment, items[1], State.COMPLETED, completed_at=timezone.now(), score=40)
    assert list(codes(client, at).values()) == [[matrix.DONE, matrix.DONE]]
    rules = {"items": {items[1]: {"weight": "1", "category": None, "pass_mark": "50"}}}
    GradeRules.objects.create(
        course=run.course,
        number=1,
        rules={"missing": "pending", "scale": "percent", "pass_mark": None, "categories": []}
        | rules,
    )
    Grade.objects.update_or_create(
        enrolment=enrolment, defaults={"scores": {items[1]: {"s": "40", "x": False, "h": False}}}
    )
    assert list(codes(client, at).values()) == [[matrix.DONE, matrix.FAILED]]


def test_what_was_due_is_overdue_unless_there_is_more_time(
    client, at, run, items, enrolment, other
):
    CourseRun.objects.filter(pk=run.pk).update(pacing="cohort")
    now = timezone.now()
    PhaseDates.objects.create(
        cohort=run.key, item=items[1], phase="work", due_at=now - timedelta(hours=1)
    )
    Decision.objects.create(
        kind="extension", seat=other.seat, item=items[1], until=now + timedelta(days=1), reason="x"
    )
    found = codes(client, at)
    assert found["สมชาย ใจดี"] == [matrix.NOT_STARTED, matrix.OVERDUE]
    assert found[other.user.get_full_name()] == [matrix.NOT_STARTED, matrix.NOT_STARTED]
    take(enrolment, items[1], State.WAITING)
    assert codes(client, at)["สมชาย ใจดี"] == [matrix.NOT_STARTED, matrix.WAITING]


def test_filters_find_people_and_columns(client, at, run, items, enrolment, other):
    take(enrolment, items[1], State.WAITING)
    group = RunGroup.objects.create(run=run, name="ก")
    Enrolment.objects.filter(pk=enrolment.pk).update(group=group)
    agency = AgencyFactory()
    MembershipFactory(agency=AgencyFactory(below=agency), user=enrolment.user)
    for query in (
        {"group": group.pk},
        {"q": "สมชาย"},
        {"agency": agency.key},
        {"item": items[1], "item_state": "waiting"},
    ):
        assert set(codes(client, at, **query)) == {"สมชาย ใจดี"}, query
    assert len(codes(client, at, group=0)) == 1
    assert len(codes(client, at, item=items[1], item_state="not_started")) == 1
    # One item alone: its column only, in words.
    page = client.get(at, {"item": items[1]})
    assert [row["codes"] for row in page.context["rows"]] in ([["w"], ["n"]], [["n"], ["w"]])
    with translation.override("th"):
        assert f"{matrix.STATES['w'][1]}</a>" in page.content.decode()
    assert client.get(at, {"agency": "x", "section": "99", "item": "x"}).status_code == 200


def test_the_foot_counts_those_who_are_done_or_excused(client, at, items, enrolment, other):
    take(enrolment, items[0], State.COMPLETED, completed_at=timezone.now())
    take(other, items[0], State.EXCUSED)
    context = client.get(at).context
    assert [item["done"] for item in context["items"]] == [2, 0]
    assert context["count"] == 2


def test_a_cell_leads_to_the_person_at_that_item(client, at, run, items, enrolment):
    page = client.get(at).content.decode()
    assert f"<a href={enrolment.pk}/2/ aria-labelledby=n>" in page
    assert 'id="n"' in page
    there = client.get(f"{at}{enrolment.pk}/2/")
    person = reverse("teach_person", args=[run.pk, enrolment.pk])
    assert there["Location"] == f"{person}#i-{items[1]}"
    assert client.get(f"{at}{enrolment.pk}/9/").status_code == 404


def test_nobody_else_sees_it(client, run, enrolment, stranger):
    for person in (enrolment.user, stranger):
        client.force_login(person)
        for name in ("teach_matrix", "teach_matrix_csv", "teach_matrix_xlsx"):
            assert client.get(reverse(name, args=[run.pk])).status_code == 404
        cell = reverse("teach_matrix_cell", args=[run.pk, enrolment.pk, 1])
        assert client.get(cell).status_code == 404


def test_files_say_the_states_in_words_and_hold_no_formula(
    client, at, run, items, enrolment, other
):
    enrolment.user.first_name = "=1+1"
    enrolment.user.save()
    take(enrolment, items[0], State.WAITING)
    text = b"".join(client.get(reverse("teach_matrix_csv", args=[run.pk])).streaming_content)
    head, *rows = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert head[-2:] == ["l1", "a2"]
    mine = next(row for row in rows if row[1] == enrolment.user.email)
    assert mine[0].startswith("'=1+1")
    with translation.override("th"):
        assert mine[-2:] == [str(matrix.STATES["w"][1]), str(matrix.STATES["n"][1])]
    sheet = client.get(reverse("teach_matrix_xlsx", args=[run.pk]), {"q": other.user.email})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sheet.streaming_content)))
    assert [row[1].value for row in book.active.iter_rows(min_row=2)] == [other.user.email]


def many(run, count: int) -> None:
    people = User.objects.bulk_create(
        User(email=f"{uuid.uuid4()}@sala.example", first_name=f"น{n}") for n in range(count)
    )
    Enrolment.objects.bulk_create(Enrolment(user=one, run=run) for one in people)


def test_a_hundred_people_cost_as_many_queries_as_one(client, at, run, enrolment):
    def queries() -> int:
        client.get(at)
        with CaptureQueriesContext(connection) as found:
            client.get(at)
        return len(found)

    few = queries()
    many(run, 110)
    assert queries() == few <= 15
    assert len(client.get(at).context["rows"]) == 100
    assert len(client.get(at, {"page": 2}).context["rows"]) == 11


def test_memory_does_not_grow_with_the_table(client, run, instructor):
    """Three times as many rows hold no more memory at once, in any of the files. What is only not
    collected yet does not count, so it is collected now and then."""
    names = ["teach_matrix_csv", "teach_people_csv", "teach_grades_csv", "teach_csv"]
    client.force_login(instructor)
    # What tests before this one left in memory is not gone through each time: it took three quarters.
    settle()

    def lines_of(name: str):
        return client.get(reverse(name, args=[run.pk])).streaming_content

    def held(name: str, lines_in_all: int) -> int:
        content = lines_of(name)
        most, lines = 0, 0
        gc.collect()
        tracemalloc.start()
        for lines, _line in enumerate(content, start=1):
            if lines % 200 == 0:
                gc.collect()
                most = max(most, tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert lines == lines_in_all
        return most

    many(run, 600)  # more than are read together
    for name in names:  # what is kept for good is there from now on
        assert len(list(lines_of(name))) == 601
    few = {name: held(name, 601) for name in names}
    many(run, 1_200)
    for name in names:
        assert held(name, 1_801) < few[name] * 1.2 + 200_000, name


def test_the_orders_have_names():
    assert [name for name, _label in participants.order_choices()] == list(participants.ORDERS)
