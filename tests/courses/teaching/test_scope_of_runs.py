"""Whose people and runs somebody meets: every list, page and export of a run, in another agency's hands.

Routes are found, not listed: one that is new is tried like the others.
"""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.urls import get_resolver, reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from courses.certificates.issue import issue
from courses.enrolment.models import Application, CourseRun, Enrolment, EnrolmentImport
from courses.grades.models import Recalculation
from courses.teaching.models import Announcement, Meeting, Message
from lms.people.roles import INSTRUCTOR
from tests.factories.courses import bare_course, make_course
from tests.factories.people import (
    AgencyFactory,
    MembershipFactory,
    UserFactory,
    administrator_of,
)
from tests.lms.test_every_url import routes_below

pytestmark = pytest.mark.django_db
# What tells of one side: every name, address, run and text of it carries its mark.
THEIRS, OURS = "ฝั่งโน้น", "ฝั่งนี้"


class Side:
    """An agency with an instructor, an administrator, and a run with people, meeting and messages."""

    def __init__(self, mark: str, course, above):
        self.mark = mark
        self.agency = AgencyFactory(below=above, name_th=f"กรม{mark}")
        self.instructor = UserFactory(first_name=f"วิทยากร{mark}")
        self.instructor.groups.add(Group.objects.get_or_create(name=INSTRUCTOR)[0])
        MembershipFactory(agency=self.agency, user=self.instructor)
        self.administrator = administrator_of(self.agency)
        now = timezone.now()
        self.run = CourseRun.objects.create(
            course=course,
            pacing="cohort",
            name=f"รุ่น{mark}",
            agency=self.agency.key,
            starts_at=now - timedelta(days=9),
            ends_at=now + timedelta(days=90),
        )
        self.run.instructors.add(self.instructor)
        self.learner = self.member()
        self.enrolment = self.enrolled(self.learner, state="completed", completed_at=now)
        self.enrolled(self.member(), last_seen_at=now - timedelta(days=8), percent=10)
        Application.objects.create(
            run=self.run, user=self.member(), state="pending", why=f"เหตุผล{mark}"
        )
        self.certificate = issue(self.enrolment)
        self.meeting = Meeting.objects.create(
            run=self.run, title=f"พบกัน{mark}", starts_at=now, ends_at=now + timedelta(hours=2)
        )
        self.announcement = Announcement.objects.create(run=self.run, title=f"ข่าว{mark}", body="x")
        self.job = Recalculation.objects.create(
            run=self.run,
            state="done",
            finished_at=now,
            changes=[{"enrolment": self.enrolment.pk, "before": "1", "after": "2"}],
        )
        self.batch = EnrolmentImport.objects.create(
            run=self.run, user=self.instructor, name=f"{mark}.csv", content=b""
        )
        Message.objects.create(
            run=self.run,
            learner=self.learner,
            author=self.learner,
            by_staff=False,
            body=f"คำถาม{mark}",
            batch=uuid.uuid4(),
        )

    def member(self):
        person = UserFactory(first_name=f"ผู้เรียน{self.mark}")
        MembershipFactory(agency=self.agency, user=person)
        return person

    def enrolled(self, person, **values) -> Enrolment:
        values = {"percent": 100 if "completed_at" in values else 0} | values
        return Enrolment.objects.create(user=person, run=self.run, **values)


@pytest.fixture
def course(db):
    return bare_course()


@pytest.fixture
def sides(course):
    """(the other agency's, ours): two departments of one ministry."""
    ministry = AgencyFactory()
    return tuple(Side(mark, course.translation_key, ministry) for mark in (THEIRS, OURS))


def of_a_run() -> dict[str, list[str]]:
    """{route: the names of its arguments} of all routes below teach/<run>/."""
    found = {}
    for name in sorted(routes_below(get_resolver().url_patterns)):
        for pattern, arguments in (
            (bit[0], bit[1]) for bit in get_resolver().reverse_dict.getlist(name) for bit in bit[0]
        ):
            if "teach/%(pk)s/" in pattern:
                found[name] = list(arguments)
    return found


def address(name: str, arguments: list[str], run: CourseRun, things: Side) -> str:
    """A route's address in a run, with the things of a side."""
    values = {
        "pk": run.pk,
        "enrolment": things.enrolment.pk,
        "meeting": things.meeting.pk,
        "announcement": things.announcement.pk,
        "job": things.job.pk,
        "batch": things.batch.pk,
        "key": uuid.uuid4(),
        "step": "work",
        "number": 1,
    }
    return reverse(name, kwargs={argument: values[argument] for argument in arguments})


def test_the_routes_of_a_run_are_found():
    found = of_a_run()
    assert len(found) > 35, found
    assert {"teach_run", "teach_csv", "teach_people_xlsx", "run_survey_csv"} <= set(found)


@pytest.mark.parametrize("role", ["instructor", "administrator", "learner"])
def test_another_agencys_run_does_not_exist(client, sides, role):
    theirs, ours = sides
    client.force_login(getattr(ours, role))
    wrong = []
    for name, arguments in of_a_run().items():
        url = address(name, arguments, theirs.run, theirs)
        read, written = client.get(url).status_code, client.post(url).status_code
        # What is only ever posted says so before it says anything else.
        if read not in (404, 405) or written not in (404, 405) or {read, written} == {405}:
            wrong.append((name, read, written))
    assert wrong == []


def test_in_ones_own_run_another_agencys_people_and_things_do_not_exist(client, sides):
    theirs, ours = sides
    client.force_login(ours.instructor)
    borrowed = {"enrolment", "meeting", "announcement", "job", "batch"}
    tried = {n: a for n, a in of_a_run().items() if borrowed & set(a)}
    assert len(tried) > 10
    wrong = []
    for name, arguments in tried.items():
        url = address(name, arguments, ours.run, theirs)
        read, written = client.get(url).status_code, client.post(url).status_code
        if read != 404 or written not in (404, 405):
            wrong.append((name, read, written))
    assert wrong == []


def text_of(response) -> str:
    """What a page, a table or a workbook says."""
    content = b"".join(response) if response.streaming else response.content
    if response.headers["Content-Type"].endswith("spreadsheetml.sheet"):
        book = load_workbook(BytesIO(content), read_only=True)
        return "\n".join(
            str(value) for sheet in book for row in sheet.values for value in row if value
        )
    return content.decode()


LISTS = [
    "teach_runs",
    "teach_needs",
    "teach_courses",
    "teach_certificates",
]


def test_lists_of_runs_and_certificates_hold_ones_own_alone(client, sides, course):
    theirs, ours = sides
    client.force_login(ours.instructor)
    pages = [reverse(name) for name in LISTS]
    pages.append(reverse("teach_course_runs", args=[course.translation_key]))
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        assert THEIRS not in text_of(response), page
        assert theirs.certificate.code not in text_of(response), page
    assert OURS in text_of(client.get(reverse("teach_runs")))
    assert OURS in text_of(client.get(reverse("teach_course_runs", args=[course.translation_key])))
    assert OURS in text_of(client.get(reverse("teach_certificates")))


def test_an_instructor_without_a_run_has_empty_lists(client, sides):
    theirs, ours = sides
    ours.run.instructors.clear()
    client.force_login(ours.instructor)
    for name in LISTS:
        said = text_of(client.get(reverse(name)))
        assert THEIRS not in said, name
        assert ours.run.name not in said, name
        assert ours.certificate.code not in said, name
    context = client.get(reverse("teach_runs")).context
    assert (context["runs"], context["needs"]) == ([], [])


def test_exports_of_ones_own_run_hold_its_people_alone(client, sides):
    _theirs, ours = sides
    client.force_login(ours.instructor)
    exports = [
        name
        for name, arguments in of_a_run().items()
        if arguments == ["pk"] and name.endswith(("csv", "xlsx"))
    ]
    assert len(exports) >= 10
    with_people = 0
    for name in exports:
        response = client.get(reverse(name, args=[ours.run.pk]))
        assert response.status_code == 200, name
        said = text_of(response)
        assert THEIRS not in said, name
        with_people += OURS in said
    assert with_people >= 8


def test_pages_of_ones_own_run_name_its_people_alone(client, sides):
    theirs, ours = sides
    client.force_login(ours.instructor)
    for name, arguments in of_a_run().items():
        if {"key", "step", "number"} & set(arguments):
            continue
        response = client.get(address(name, arguments, ours.run, ours))
        if response.status_code == 200:
            assert THEIRS not in text_of(response), name
    # A search cannot widen it.
    for name in ("teach_people", "teach_grades", "teach_matrix", "teach_enrol", "teach_people_csv"):
        page = reverse(name, args=[ours.run.pk])
        said = text_of(client.get(page, {"q": theirs.learner.email}))
        assert theirs.learner.first_name not in said, name


@pytest.mark.parametrize("action", ["group", "remove", "excuse", "message"])
def test_ticking_another_runs_people_does_nothing_to_them(client, sides, action):
    theirs, ours = sides
    client.force_login(ours.instructor)
    page = reverse("teach_people", args=[ours.run.pk])
    data = {
        "to": theirs.enrolment.pk,
        "action": action,
        "reason": "ไม่ได้เข้าเรียนตามกำหนด",
        "why": "ไม่ได้เข้าเรียนตามกำหนด",
    }
    response = client.post(page, data)
    assert THEIRS not in (text_of(response) if response.status_code == 200 else "")
    theirs.enrolment.refresh_from_db()
    assert (theirs.enrolment.state, theirs.enrolment.group_id) == ("completed", None)
    assert not theirs.enrolment.withdrawn_reason


def test_another_runs_people_cannot_be_written_to(client, sides):
    theirs, ours = sides
    client.force_login(ours.instructor)
    page = reverse("teach_write", args=[ours.run.pk])
    said = text_of(client.get(page, {"to": theirs.enrolment.pk}))
    assert theirs.learner.first_name not in said
    before = Message.objects.count()
    data = {
        "to": theirs.enrolment.pk,
        "body": "เรียน {name}",
        "action": "send",
        "key": uuid.uuid4(),
    }
    assert theirs.learner.first_name not in text_of(client.post(page, data))
    assert Message.objects.count() == before


def test_an_agencys_lists_hold_its_own_people_alone(client, sides):
    theirs, ours = sides
    client.force_login(ours.administrator)
    names = [
        "agency_people",
        "agency_csv",
        "agency_xlsx",
        "agency_report",
        "agency_report_csv",
        "agency_report_xlsx",
    ]
    for name in names:
        said = text_of(client.get(reverse(name)))
        assert f"ผู้เรียน{OURS}" in said, name
        assert THEIRS not in said, name
        assert theirs.certificate.code not in said, name
    for name in ("agency_person", "teach_transcript", "teach_transcript_csv"):
        assert client.get(reverse(name, args=[theirs.learner.pk])).status_code == 404, name
        assert client.get(reverse(name, args=[ours.learner.pk])).status_code == 200, name
    for name in LISTS:
        assert client.get(reverse(name)).status_code == 403, name


def test_who_takes_both_runs_shows_each_side_its_own(client, sides):
    theirs, ours = sides
    both = theirs.enrolled(ours.learner)
    client.force_login(theirs.instructor)
    said = text_of(client.get(reverse("teach_people", args=[theirs.run.pk])))
    assert ours.learner.email in said
    assert client.get(reverse("teach_grade", args=[theirs.run.pk, both.pk])).status_code == 200
    for name in ("teach_grade", "teach_person", "teach_place", "teach_conversation"):
        url = reverse(name, args=[ours.run.pk, ours.enrolment.pk])
        assert client.get(url).status_code == 404, name
    transcript = reverse("teach_transcript", args=[ours.learner.pk])
    said = text_of(client.get(transcript))
    assert ours.certificate.code not in said
    assert ours.run.name not in said


def test_a_certificate_of_another_agency_is_neither_revoked_nor_issued_again(client, sides):
    theirs, ours = sides
    for role in ("instructor", "administrator"):
        client.force_login(getattr(ours, role))
        for name in ("certificate_revoke", "certificate_reissue"):
            url = reverse(name, args=[theirs.certificate.code])
            data = {"reason": "ออกผิดพลาดโดยไม่มีสิทธิ", "holder": "ผู้อื่น"}
            assert client.post(url, data).status_code == 404, (role, name)
        url = reverse("certificate_pdf", args=[theirs.certificate.code])
        assert client.get(url).status_code == 404
    theirs.certificate.refresh_from_db()
    assert theirs.certificate.state == "valid"


def test_authors_pages_name_the_runs_that_the_author_may_open(client, sides):
    """Instructors write courses together; whose runs there are is no part of that."""
    _theirs, ours = sides
    page = make_course("shared")
    CourseRun.objects.filter(pk__in=[side.run.pk for side in sides]).update(
        course=page.translation_key
    )
    addresses = [reverse(n, args=[page.pk]) for n in ("authoring_dashboard", "community_opinions")]
    client.force_login(ours.instructor)
    for url in addresses:
        said = text_of(client.get(url))
        assert ours.run.name in said, url
        assert THEIRS not in said, url
    with translation.override("en"):
        found = client.get(addresses[0]).context["found"]
        assert [run["name"] for run in found.own_runs] == [ours.run.name]
        # The other agency's and the one in which everybody learns at any time.
        assert found.others == 2
    client.force_login(UserFactory(is_superuser=True))
    for url in addresses:
        assert THEIRS in text_of(client.get(url)), url
