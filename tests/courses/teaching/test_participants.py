"""Participants: found by every filter, changed together, and in files without formulas."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.core.models import Decision, ItemVersion, Participation
from courses.enrolment.models import Enrolment, RunGroup
from courses.grades.models import Grade
from tests.factories.courses import enrolled, state_of
from tests.factories.people import UserFactory


@pytest.fixture
def at(client, run, instructor):
    client.force_login(instructor)
    return reverse("teach_people", args=[run.pk])


def names(client, at, **query) -> set[str]:
    return {row["email"] for row in client.get(at, query).context["people"]}


def test_each_filter_finds_whom_it_should(client, at, course, run, enrolment, other):
    key = state_of(course).current.outline["items"][0]["key"]
    first, second = enrolment.user.email, other.user.email
    group = RunGroup.objects.create(run=run, name="ก")
    Enrolment.objects.filter(pk=enrolment.pk).update(
        group=group, last_seen_at=timezone.now() - timedelta(days=9)
    )
    Grade.objects.update_or_create(enrolment=enrolment, defaults={"value": 40, "computed": 40})
    Grade.objects.update_or_create(enrolment=other, defaults={"value": 90, "computed": 90})
    Participation.objects.create(
        user=other.user,
        seat=other.seat,
        cohort=run.key,
        item=key,
        version=ItemVersion.objects.get(item=key),
        completed_at=timezone.now(),
    )
    assert names(client, at) == {first, second}
    for query in (
        {"q": "สมชาย"},
        {"group": group.pk},
        {"unseen": 7},
        {"undone": key},
        {"below": "50"},
    ):
        assert names(client, at, **query) == {first}, query
    assert names(client, at, group=0) == {second}
    assert names(client, at, state="completed") == set()
    ordered = client.get(at, {"order": "grade"}).context["people"]
    assert [row["email"] for row in ordered] == [first, second]
    assert names(client, at, state="x", unseen="-1", below="nan", undone="x") == {first, second}


def test_those_who_are_ticked_are_changed_together(client, at, run, enrolment, other):
    group = RunGroup.objects.create(run=run, name="ก")
    both = {"to": [enrolment.pk, other.pk]}
    assert client.post(at, both | {"action": "group", "into": group.pk}).status_code == 302
    assert Enrolment.objects.filter(group=group).count() == 2
    there = client.post(at, both | {"action": "message"})
    assert client.get(there["Location"]).context["count"] == 2
    refused = client.post(at, both | {"action": "remove", "reason": ""})
    assert refused.status_code >= 400
    assert [row["ticked"] for row in refused.context["people"]] == [True, True]
    assert client.post(at, {"action": "remove", "reason": "x"}).status_code >= 400
    assert not Enrolment.objects.filter(state="withdrawn").exists()
    client.post(at, {"to": [other.pk], "action": "remove", "reason": "ย้ายหน่วยงาน"})
    other.refresh_from_db()
    assert (other.state, other.withdrawn_reason) == ("withdrawn", "ย้ายหน่วยงาน")


def test_those_who_are_ticked_get_more_time_or_are_excused(
    client, at, course, run, enrolment, other
):
    key = next(
        item["key"]
        for item in state_of(course).current.outline["items"]
        if item["category"] == "active"
    )
    both = {"to": [enrolment.pk, other.pk], "item": key}
    refused = client.post(at, both | {"action": "extend", "until": "เมื่อไรก็ได้", "why": "ลาป่วย"})
    assert "until" in refused.context["error"].fields
    assert "ลาป่วย" in refused.text
    refused = client.post(at, both | {"action": "excuse", "why": ""})
    assert "why" in refused.context["error"].fields
    refused = client.post(at, both | {"action": "excuse", "why": "ลาป่วย", "item": ""})
    assert "item" in refused.context["error"].fields
    assert not Decision.objects.exists()
    assert (
        client.post(at, both | {"action": "excuse", "why": "ลาป่วยตามใบรับรองแพทย์"}).status_code
        == 302
    )
    made = Decision.objects.filter(kind=Decision.Kind.EXCUSE)
    assert {row.seat for row in made} == {enrolment.seat, other.seat}


def test_files_hold_what_was_filtered_and_no_formula(client, at, course, run, enrolment):
    evil = enrolled(UserFactory(first_name="=1+1", last_name=""), course)
    query = {"q": evil.user.email}
    response = client.get(reverse("teach_people_csv", args=[run.pk]), query)
    text = b"".join(response.streaming_content).decode().removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows[1:]] == ["'=1+1"]
    response = client.get(reverse("teach_people_xlsx", args=[run.pk]), query)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    cells = list(book.active.iter_rows(min_row=2))
    assert [(row[0].value, row[0].data_type) for row in cells] == [("'=1+1", "s")]


def test_somebody_elses_participants_are_not_there(client, run, enrolment, stranger):
    client.force_login(stranger)
    for route in ("teach_people", "teach_people_csv", "teach_people_xlsx"):
        assert client.get(reverse(route, args=[run.pk])).status_code == 404
    data = {"to": [enrolment.pk], "action": "remove", "reason": "x"}
    assert client.post(reverse("teach_people", args=[run.pk]), data).status_code == 404


def test_a_page_costs_the_same_for_few_and_many(client, at, run, enrolment):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(at)
        assert len(response.content) < 60_000
        return len(captured)

    client.get(at)
    few = queries()
    Enrolment.objects.bulk_create(Enrolment(user=UserFactory(), run=run) for _n in range(100))
    assert queries() == few <= 12
