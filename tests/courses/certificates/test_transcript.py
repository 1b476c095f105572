"""Transcripts: what counts in which year, who sees them, and what a printed one keeps saying."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from courses.certificates import privacy, transcript
from courses.certificates.issue import issue, revoke
from courses.certificates.models import Transcript
from courses.enrolment.models import CourseRun, Enrolment
from tests.factories.people import UserFactory

from .conftest import complete
from .test_certificates import objects, offer

WHY = "ตรวจพบว่าเป็นบัญชีซ้ำ"


def url(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


@pytest.mark.parametrize(
    "moment, year",
    [
        (datetime(2026, 9, 30, 16, 59, 59, tzinfo=UTC), 2569),  # 23.59 in Bangkok
        (datetime(2026, 9, 30, 17, 0, tzinfo=UTC), 2570),  # midnight there: 1 October
        (datetime(2026, 12, 31, 12, 0, tzinfo=UTC), 2570),
        (datetime(2027, 9, 1, 12, 0, tzinfo=UTC), 2570),
    ],
)
def test_the_fiscal_year_begins_on_the_first_of_october_in_bangkok(moment, year):
    assert transcript.fiscal_year(moment) == year


def learned(user, when) -> Enrolment:
    course = uuid.uuid4()
    offer(course)
    run = CourseRun.objects.create(course=course)
    enrolment = complete(user, run, when)
    issue(enrolment)
    return enrolment


@pytest.fixture
def three(holder):
    """Two courses in fiscal year 2569 (one in its last minute), one in 2570."""
    return [
        learned(holder, moment)
        for moment in (
            datetime(2026, 3, 1, 5, tzinfo=UTC),
            datetime(2026, 9, 30, 16, 59, tzinfo=UTC),
            datetime(2026, 9, 30, 17, 0, tzinfo=UTC),
        )
    ]


def test_sums_by_year_count_valid_certificates_only(three, holder, manager):
    expected = {"lecture": 100, "workshop": 60, "discussion": 35, "role_play": 20, "neutral": 15}
    found = transcript.sums(holder)
    assert list(found) == [2570, 2569]
    assert found[2570] == {"courses": 1, **expected, "total": 230}
    assert found[2569]["total"] == 460 and found[2569]["courses"] == 2
    revoke(three[0].certificates.get(), by=manager, reason=WHY)
    assert transcript.sums(holder)[2569]["total"] == 230
    [row] = [r for r in transcript.content(holder)["rows"] if r["state"] == "revoked"]
    assert (row["total"], row["certificate"]) == (0, None)


def test_what_is_under_way_counts_what_was_done(course_run, holder):
    from courses.releases.delivery import current_release

    items = current_release(course_run.course).outline["items"]
    enrolment = Enrolment.objects.create(
        user=holder,
        run=course_run,
        percent=30,
        progress={items[0]["key"]: 100, items[1]["key"]: 50},
    )
    [row] = transcript.rows([enrolment])
    assert (row["minutes"]["lecture"], row["minutes"]["workshop"], row["total"]) == (100, 30, 130)
    assert row["year"] is None


def test_ones_own_page(client, three, holder):
    client.force_login(holder)
    page = client.get(url("transcript")).content.decode()
    assert "Fiscal year 2570" in page and "Fiscal year 2569" in page
    assert three[0].certificates.get().code in page
    text = b"".join(client.get(url("transcript_csv")).streaming_content).decode()
    assert text.count("DOC-101") == 3 and "2026-10-01" in text
    client.force_login(UserFactory())
    assert "Nothing learned here yet" in client.get(url("transcript")).content.decode()


def test_names_of_courses_are_no_formulas(client, holder):
    course = uuid.uuid4()
    offer(course, titles={"th": "=1+1"}, code="@X")
    complete(holder, CourseRun.objects.create(course=course, name="+run"))
    client.force_login(holder)
    text = b"".join(client.get(url("transcript_csv")).streaming_content).decode()
    assert ",'@X,'=1+1,'+run," in text


def test_instructors_see_their_runs_and_managers_all(
    client, issued, three, holder, teacher, manager
):
    address, table = url("teach_transcript", holder.pk), url("teach_transcript_csv", holder.pk)
    client.force_login(teacher)
    page = client.get(address).content.decode()
    assert issued.code in page and three[0].certificates.get().code not in page
    assert "in the runs that you teach" in page
    assert b"".join(client.get(table).streaming_content).decode().count("DOC-101") == 1
    client.force_login(manager)
    assert b"".join(client.get(table).streaming_content).decode().count("DOC-101") == 4
    other = UserFactory()
    other.groups.set(teacher.groups.all())
    for person in (other, UserFactory()):
        client.force_login(person)
        assert {client.get(a).status_code for a in (address, table)} == {404}
    assert client.get(url("teach_transcript", 10**9)).status_code == 404


def test_the_page_costs_the_same_for_one_and_thirty(client, holder):
    client.force_login(holder)

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert client.get(url("transcript")).status_code == 200
        return len(found)

    learned(holder, datetime(2026, 3, 1, 5, tzinfo=UTC))
    Enrolment.objects.create(user=holder, run=learned(UserFactory(), None).run)
    client.get(url("transcript"))
    few = queries()
    for _n in range(30):
        learned(holder, datetime(2026, 3, 1, 5, tzinfo=UTC))
    assert queries() == few <= 13


def test_a_printed_transcript_can_be_checked_and_does_not_change(client, three, holder, manager):
    client.force_login(holder)
    first = client.post(url("transcript_print"))
    made = Transcript.objects.get()
    assert first["Location"] == url("transcript_pdf", made.code)
    assert client.post(url("transcript_print"))["Location"] == first["Location"]
    response = client.get(first["Location"])
    assert response["Content-Type"] == "application/pdf"
    assert b"/Type /Page" in objects(response.content)
    revoke(three[0].certificates.get(), by=manager, reason=WHY)
    client.post(url("transcript_print"))
    assert Transcript.objects.count() == 2
    client.logout()
    page = client.get(url("transcript_verify", made.number.lower())).content.decode()
    assert "This transcript is genuine" in page and holder.get_full_name() in page
    assert "<strong>460</strong>" in page
    assert client.get(url("transcript_verify", "AAAA")).status_code == 404


def test_the_pdf_is_the_holders(client, three, holder, manager):
    made = transcript.printed(holder)
    client.force_login(UserFactory())
    assert client.get(url("transcript_pdf", made.code)).status_code == 404
    client.force_login(manager)
    assert client.get(url("transcript_pdf", made.code)).status_code == 200


def test_erasing_drops_what_was_printed(three, holder):
    made = transcript.printed(holder)
    assert privacy.export(holder)["transcripts"][0]["number"] == made.number
    privacy.erase(holder)
    assert not Transcript.objects.exists()
