"""The home page: what is new, what begins, what goes on, what many take."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.enrolment.models import CourseRun, Enrolment
from tests.factories.courses import run_of
from tests.factories.people import UserFactory

DAY = timedelta(days=1)


@pytest.fixture
def cohort(course):
    def make(name, begins, ends=None, **values):
        now = timezone.now()
        return CourseRun.objects.create(
            course=course.translation_key,
            pacing=CourseRun.Pacing.COHORT,
            name=name,
            starts_at=now + begins * DAY,
            ends_at=now + ends * DAY if ends is not None else None,
            **values,
        )

    return make


def names(rows):
    return [row["run"] for row in rows]


def test_runs_stand_under_what_begins_and_what_goes_on(client, course, cohort):
    cohort("เริ่มเดือนหน้า", 30, 60)
    cohort("เริ่มพรุ่งนี้", 1, 30)
    cohort("กำลังเรียน", -3, 10)
    cohort("จบแล้ว", -30, -1)
    cohort("ปิดรับ", 2, 30, is_open=False)
    page = client.get("/th/")
    assert names(page.context["upcoming"]) == ["เริ่มพรุ่งนี้", "เริ่มเดือนหน้า"]
    assert names(page.context["running"]) == ["กำลังเรียน"]
    assert "/courses/course/" in page.context["upcoming"][0]["url"]


def test_a_run_of_an_agency_is_not_shown_to_others(client, course, cohort):
    import uuid

    cohort("เฉพาะกรม", 1, agency=uuid.uuid4())
    assert client.get("/th/").context["upcoming"] == []


def test_what_many_people_take_lately_is_popular(course):
    from courses.enrolment import catalogue, pages

    assert pages.popular(catalogue.entries()) == []
    from django.core.cache import cache

    cache.clear()
    run = run_of(course)
    Enrolment.objects.create(user=UserFactory(), run=run)
    assert [entry.code for entry in pages.popular(catalogue.entries())] == ["COURSE"]
    cache.clear()
    Enrolment.objects.update(enrolled_at=timezone.now() - 91 * DAY)
    assert pages.popular(catalogue.entries()) == []


def test_it_costs_at_most_ten_queries_more_than_a_page_of_the_tree(client, course, cohort):
    for n in range(8):
        cohort(f"รุ่น {n}", n + 1, n + 30)
    client.get("/th/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/th/")
    assert len(captured) <= 10, [q["sql"][:100] for q in captured]
