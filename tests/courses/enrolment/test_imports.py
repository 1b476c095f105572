"""Lists of people: every mistake by its line, nothing half done, going on after a stop, undoing."""

import io
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.urls import reverse
from openpyxl import Workbook

from activities.core.models import Participation
from courses.enrolment import imports, places, runs
from courses.enrolment.enrol import join, leave
from courses.enrolment.import_rows import NotReadable, rows_of
from courses.enrolment.models import CourseRun, Enrolment, EnrolmentImport
from courses.releases.delivery import current_release, current_version
from tests.courses.enrolment.test_joining import refused
from tests.factories.courses import bare_course
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
User = get_user_model()


@pytest.fixture
def course(db):
    """People are what is tested here: the course needs no pages."""
    return bare_course()


def csv_of(*lines: str, head="email,first name,last name,group") -> bytes:
    return "\r\n".join([head, *lines]).encode("utf-8-sig")


def upload(run, by, content: bytes, name="people.csv") -> EnrolmentImport:
    """An uploaded list that has been checked, as a worker does it."""
    job = imports.start(run, name, content, by)
    imports.work(str(job.pk))
    return EnrolmentImport.objects.get(pk=job.pk)


def done(job: EnrolmentImport) -> EnrolmentImport:
    imports.work(str(job.pk))
    job.refresh_from_db()
    return job


def test_each_bad_line_has_its_message_and_nobody_is_enrolled(cohort, teacher):
    run = cohort(capacity=2)
    by = teacher(run)
    runs.add_groups(run, by, "เช้า")
    closed = UserFactory(is_active=False)
    elsewhere = UserFactory()
    join(elsewhere, cohort(name="อื่น"))
    job = upload(
        run,
        by,
        csv_of(
            "a@x.example,ก,ข,เช้า",
            "not-an-address,,,",
            "A@x.example,,,",
            "b@x.example,,,เย็น",
            f"{closed.email},,,",
            f"{elsewhere.email},,,",
            "c@x.example,,,",
            "d@x.example,,,",
            ",ไม่มี,อีเมล,",
        ),
    )
    assert job.state == "refused"
    assert [problem["line"] for problem in job.problems] == [3, 4, 5, 6, 7, 9, 10]
    assert job.mistakes == 7
    assert "2" in job.problems[1]["message"]  # the same address as in line 2
    assert (Enrolment.objects.filter(run=run).count(), job.rows.count()) == (0, 0)
    assert not User.objects.filter(email="a@x.example").exists()
    assert not imports.confirm(job, by)


def test_a_list_enrols_invites_and_brings_back(cohort, teacher, django_capture_on_commit_callbacks):
    run = cohort()
    by = teacher(run)
    runs.add_groups(run, by, "เช้า")
    known, back, there = UserFactory(), UserFactory(), UserFactory()
    place = join(back, run).enrolment
    Enrolment.objects.filter(pk=place.pk).update(percent=30)
    leave(place)
    join(there, run)
    job = upload(
        run,
        by,
        csv_of(
            f"{known.email},,,", f"{back.email},,,", f"{there.email},,,", "new@x.example,ใหม่,มา,เช้า"
        ),
    )
    assert job.state == "ready"
    assert job.counts == {"new": 2, "accounts": 1, "returned": 1, "there": 1}
    assert Enrolment.objects.filter(run=run, state="active").count() == 1
    assert imports.confirm(job, by)
    assert not imports.confirm(job, by)  # pressed twice
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        job = done(job)
    assert (job.state, job.done, job.percent) == ("done", 4, 100)
    new = Enrolment.objects.get(run=run, user__email="new@x.example")
    assert (new.group.name, new.added_by, new.user.has_usable_password()) == ("เช้า", by, False)
    place.refresh_from_db()
    assert (place.state, place.percent) == ("active", 30)
    assert [row.did for row in job.rows.all()] == ["enrolled", "returned", "there", "invited"]
    told = sorted(address for letter in mail.outbox for address in letter.to)
    assert told == sorted([known.email, back.email, "new@x.example"])
    done(job)
    assert len(mail.outbox) == 3  # nobody is written to twice


def test_a_job_that_was_cut_off_goes_on_and_places_are_all_or_nothing(cohort, teacher, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    run = cohort(capacity=5)
    by = teacher(run)
    job = upload(run, by, csv_of(*[f"p{n}@x.example,,," for n in range(5)]))
    imports.confirm(job, by)
    job = imports.enrol_batch(EnrolmentImport.objects.defer("content").get(pk=job.pk))
    assert (job.done, places.taken(run)) == (2, 2)
    join(UserFactory(), run)
    CourseRun.objects.filter(pk=run.pk).update(capacity=4)
    job = done(job)
    assert (job.state, places.taken(run)) == ("stopped", 3)  # no half of the second batch
    assert job.problems[0]["line"] == 4
    CourseRun.objects.filter(pk=run.pk).update(capacity=6)
    assert imports.confirm(job, by)
    job = done(job)
    assert (job.state, job.done, places.taken(run)) == ("done", 5, 6)


def test_undo_takes_back_what_the_list_did_and_nobody_who_has_begun(cohort, teacher, time_machine):
    run = cohort()
    by = teacher(run)
    known, back, begun = UserFactory(), UserFactory(), UserFactory()
    leave(join(back, run).enrolment)
    emails = [known.email, back.email, begun.email, "new@x.example", "used@x.example"]
    job = upload(run, by, csv_of(*[f"{email},,," for email in emails]))
    imports.confirm(job, by)
    job = done(job)
    place = Enrolment.objects.get(run=run, user=begun)
    release = current_release(run.course)
    key = release.outline["items"][0]["key"]
    Participation.objects.create(
        user=begun,
        seat=place.seat,
        cohort=run.key,
        item=key,
        version=current_version(release, key),
    )
    User.objects.filter(email="used@x.example").update(last_login=job.finished_at)
    time_machine.move_to(job.finished_at + timedelta(days=8))
    assert refused(imports.undo, job, by).code == "cannot_undo"
    time_machine.move_to(job.finished_at + timedelta(days=6))
    assert imports.undo(job, by)
    job = done(job)
    assert job.state == "undone"
    left = Enrolment.objects.filter(run=run).exclude(state="withdrawn")
    assert [row.user for row in left] == [begun]
    assert not User.objects.filter(email="new@x.example").exists()
    assert User.objects.filter(email="used@x.example").exists()
    assert User.objects.filter(pk=known.pk).exists()
    assert Enrolment.objects.get(run=run, user=back).state == "withdrawn"
    assert refused(imports.undo, job, by).code == "cannot_undo"


def test_undoing_moves_up_who_waits(cohort, teacher):
    run = cohort(capacity=1)
    by = teacher(run)
    job = upload(run, by, csv_of("a@x.example,,,"))
    imports.confirm(job, by)
    job = done(job)
    waiting = UserFactory()
    join(waiting, run)
    imports.undo(job, by)
    done(job)
    assert Enrolment.objects.get(run=run).user == waiting


def test_other_peoples_lists_do_not_exist(cohort, teacher):
    run = cohort()
    job = upload(run, teacher(run), csv_of("a@x.example,,,"))
    stranger = teacher(cohort(name="อื่น"))
    assert refused(imports.start, run, "x.csv", b"", stranger).status == 404
    assert refused(imports.confirm, job, stranger).status == 404
    assert refused(imports.undo, job, stranger).status == 404


def excel(*rows) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def test_files_as_people_save_them_are_read():
    expected = [("a@x.example", "สมชาย")]

    def read(name, content):
        return [(row.email, row.first_name) for row in rows_of(name, content)]

    assert read("x.csv", "อีเมล;ชื่อ\na@x.example;สมชาย\n\n".encode("cp874")) == expected
    assert read("x.csv", "email\tชื่อ\na@x.example\tสมชาย".encode("utf-16")) == expected
    assert read("x.xlsx", excel(["Email", "ชื่อ"], ["a@x.example", "สมชาย"], [None])) == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", b""),
        ("x.csv", b"email\n"),
        ("x.csv", b"name\nsomchai"),
        ("x.csv", b"\x00\x01\x02email"),
        ("x.xlsx", b"no workbook"),
        ("x.xlsx", b"PK\x03\x04 broken"),
        ("x.csv", b"email\n" + b"a@x.example\n" * 20_001),
    ],
)
def test_what_is_no_list_is_said(name, content):
    with pytest.raises(NotReadable):
        list(rows_of(name, content))


def test_the_pages_lead_from_the_file_to_the_places_and_back(
    client, cohort, teacher, django_capture_on_commit_callbacks
):
    from django.core.files.uploadedfile import SimpleUploadedFile

    run = cohort()
    client.force_login(teacher(run))

    def post(url, data):
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(url, data)
        return client.get(response.url)

    address = reverse("teach_import", args=[run.pk])
    assert client.post(address).status_code == 422
    file = SimpleUploadedFile("list.csv", csv_of("bad,,,", "a@x.example,,,"))
    page = post(address, {"file": file})
    assert page.context["job"].state == "refused"
    assert "“bad”" in page.content.decode()
    file = SimpleUploadedFile("list.csv", csv_of("a@x.example,,,"))
    page = post(address, {"file": file})
    here = page.request["PATH_INFO"]
    assert page.context["job"].state == "ready"
    page = post(here, {"action": "confirm"})
    assert page.context["job"].state == "done"
    page = post(here, {"action": "undo"})
    assert page.context["job"].state == "undone"
    assert client.post(here, {"action": "dance"}).status_code == 422
    other = reverse("teach_import_batch", args=[run.pk, uuid.uuid4()])
    assert client.get(other).status_code == 404
    template = client.get(reverse("teach_import_template", args=[run.pk]))
    assert [row.email for row in rows_of("t.csv", template.content)] == ["somchai@agency.go.th"]
