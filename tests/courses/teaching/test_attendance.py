"""Meetings: the roll call, corrections, what it adds up to, and what completing asks for."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.core.errors import Refused
from courses.community.calendar import feed
from courses.enrolment import runs
from courses.enrolment.models import CourseRun, Enrolment
from courses.grades.completion import why_not
from courses.teaching import attendance, privacy
from courses.teaching.attendance import Mark
from courses.teaching.models import Attendance, AttendanceChange, AttendanceRule, Meeting
from tests.factories.courses import bare_course, state_of
from tests.factories.people import UserFactory


@pytest.fixture
def course(db):
    return bare_course()


@pytest.fixture
def meeting(run):
    start = timezone.now() - timedelta(hours=3)
    return Meeting.objects.create(
        run=run, title="พบกันครั้งแรก", starts_at=start, ends_at=start + timedelta(minutes=120)
    )


@pytest.fixture
def teacher(client, run, instructor):
    client.force_login(instructor)
    return client


@pytest.mark.parametrize(
    ("mark", "minutes"),
    [
        (Mark("present"), 120),
        (Mark("late", 30), 90),
        (Mark("late", 120), 0),
        (Mark("late", 500), 0),
        (Mark("absent"), 0),
        (Mark("excused"), 0),
    ],
)
def test_minutes_are_clipped_to_the_meeting(meeting, mark, minutes):
    assert attendance.minutes_at(meeting, mark) == minutes


def test_the_roll_is_called_by_a_plain_form(teacher, run, meeting, enrolment, other):
    at = reverse("teach_roll", args=[run.pk, meeting.pk])
    sent = {f"state-{enrolment.pk}": "late", f"late-{enrolment.pk}": "๓๐", "action": "save"}
    assert teacher.post(at, sent).status_code == 302
    row = Attendance.objects.get()
    assert (row.enrolment, row.state, row.late_minutes, row.minutes) == (enrolment, "late", 30, 90)
    teacher.post(at, sent | {"action": "others_present"})
    assert Attendance.objects.get(enrolment=other).state == "present"
    assert AttendanceChange.objects.count() == 2  # what was the same is not noted again


def test_late_needs_minutes_and_what_was_chosen_is_kept(teacher, run, meeting, enrolment, other):
    at = reverse("teach_roll", args=[run.pk, meeting.pk])
    sent = {
        f"state-{enrolment.pk}": "late", f"late-{enrolment.pk}": "999", f"state-{other.pk}": "absent",
    }  # fmt: skip
    page = teacher.post(at, sent)
    assert page.status_code == 400 or page.status_code == 422
    people = {p["pk"]: p for p in page.context["people"]}
    assert (people[enrolment.pk]["late"], people[other.pk]["state"]) == ("999", "absent")
    assert people[enrolment.pk]["error"]
    assert not Attendance.objects.exists()
    assert teacher.post(at, {}).status_code == 422


def test_a_correction_needs_a_reason_which_stays(teacher, run, meeting, enrolment, instructor):
    attendance.call_roll(meeting, instructor, {enrolment.pk: Mark("absent")})
    at = reverse("teach_roll", args=[run.pk, meeting.pk])
    refused = teacher.post(at, {f"state-{enrolment.pk}": "present"})
    assert "reason" in refused.context["error"].fields
    teacher.post(at, {f"state-{enrolment.pk}": "present", "reason": "เข้าระบบด้วยชื่ออื่น"})
    assert Attendance.objects.get().minutes == 120
    change = AttendanceChange.objects.exclude(before="").get()
    assert (change.before, change.after, change.by) == ("absent", "present", instructor)
    assert "เข้าระบบด้วยชื่ออื่น" in teacher.get(at).content.decode()


def test_nobody_else_calls_it(client, run, meeting, enrolment, stranger):
    for who in (stranger, enrolment.user):
        client.force_login(who)
        for name, args in (
            ("teach_meetings", [run.pk]),
            ("teach_meeting", [run.pk, meeting.pk]),
            ("teach_roll", [run.pk, meeting.pk]),
            ("teach_attendance_csv", [run.pk]),
        ):
            assert client.get(reverse(name, args=args)).status_code == 404
            assert client.post(reverse(name, args=args), {}).status_code in (404, 405)
        with pytest.raises(Refused):
            attendance.call_roll(meeting, who, {enrolment.pk: Mark("present")})


def test_people_of_another_run_are_left_alone(meeting, instructor, course):
    elsewhere = CourseRun.objects.create(course=course.translation_key, pacing="cohort")
    there = Enrolment.objects.create(user=UserFactory(), run=elsewhere)
    assert attendance.call_roll(meeting, instructor, {there.pk: Mark("present")}) == 0
    assert not Attendance.objects.exists()


def test_a_meeting_is_made_changed_and_kept_once_it_was_called(
    teacher, run, meeting, enrolment, instructor
):
    attendance.call_roll(meeting, instructor, {enrolment.pk: Mark("late", 20)})
    at = reverse("teach_meetings", args=[run.pk])
    sent = {"title": "ครั้งที่สอง", "starts_at": "22/11/2569 09.00", "action": "save"}
    bad = teacher.post(at, sent | {"ends_at": "22/11/2569 08.00"})
    assert bad.status_code == 422 and bad.context["form"]["title"].value() == "ครั้งที่สอง"
    assert teacher.post(at, sent | {"ends_at": "22 Nov 2026 12:00"}).status_code == 302
    assert Meeting.objects.get(title="ครั้งที่สอง").minutes == 180
    own = reverse("teach_meeting", args=[run.pk, meeting.pk])
    assert teacher.post(own, {"action": "delete"}).status_code == 409
    meeting.ends_at = meeting.starts_at + timedelta(minutes=60)
    attendance.save_meeting(meeting, instructor)
    assert Attendance.objects.get().minutes == 40


def test_per_cent_leaves_out_what_somebody_is_excused_from(
    teacher, run, meeting, enrolment, other, instructor
):
    second = Meeting.objects.create(
        run=run,
        title="ครั้งที่สอง",
        starts_at=meeting.starts_at - timedelta(days=1),
        ends_at=meeting.ends_at - timedelta(days=1),
    )
    attendance.call_roll(
        meeting, instructor, {enrolment.pk: Mark("late", 30), other.pk: Mark("present")}
    )
    attendance.call_roll(second, instructor, {enrolment.pk: Mark("excused")})
    found = attendance.attended_of(run, [enrolment, other])
    assert found == {enrolment.pk: 75, other.pk: 50}
    text = b"".join(teacher.get(reverse("teach_people_csv", args=[run.pk])).streaming_content)
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert {row[1]: row[-1] for row in rows[1:]} == {
        enrolment.user.email: "75",
        other.user.email: "50",
    }
    table = teacher.get(reverse("teach_attendance_csv", args=[run.pk]))
    assert ",75," in b"".join(table.streaming_content).decode()


def test_completing_asks_for_attendance_and_says_so(run, meeting, enrolment, course, instructor):
    outline = state_of(course).current.outline
    attendance.set_rule(run, instructor, 80)
    Enrolment.objects.filter(pk=enrolment.pk).update(
        percent=99, progress={entry["key"]: 100 for entry in outline["items"]}
    )
    enrolment.refresh_from_db()
    (row,) = why_not(enrolment, outline, "en")
    assert row["icon"] == "calendar"
    attendance.call_roll(meeting, instructor, {enrolment.pk: Mark("late", 30)})
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None  # 75 %
    attendance.call_roll(meeting, instructor, {enrolment.pk: Mark("late", 24)}, "นาฬิกาผิด")
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.percent) == ("completed", 100)
    attendance.call_roll(meeting, instructor, {enrolment.pk: Mark("absent")}, "ไม่ได้มา")
    enrolment.refresh_from_db()
    assert enrolment.state == "completed"  # what was completed stays so


def test_whoever_is_excused_from_everything_may_complete(run, meeting, enrolment, instructor):
    attendance.set_rule(run, instructor, 100)
    attendance.call_roll(meeting, instructor, {enrolment.pk: Mark("excused")})
    assert attendance.EnoughAttended().holds(enrolment, None)


@pytest.mark.parametrize("raw", ["0", "101", "x", "-1", "1.5"])
def test_the_rule_is_a_percentage(teacher, run, raw):
    at = reverse("teach_meetings", args=[run.pk])
    page = teacher.post(at, {"action": "rule", "least": raw})
    assert page.context["error"].fields["least"] and page.context["least"] == raw
    assert not AttendanceRule.objects.exists()


def test_learners_find_meetings_with_their_dates(
    client, run, course, enrolment, instructor, meeting
):
    start = timezone.now() + timedelta(days=2)
    Meeting.objects.create(
        run=run,
        title="พบกันในห้อง",
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        place="ห้อง 5",
    )
    attendance.call_roll(meeting, instructor, {enrolment.pk: Mark("present")})
    client.force_login(enrolment.user)
    (soon,) = client.get(reverse("dashboard")).context["deadlines"]
    assert soon.url == reverse("my_meetings", args=["course"])
    own = client.get(soon.url)
    assert own.context["attended"] == 100
    calendar = feed(enrolment.user, "th").decode()
    assert "LOCATION:ห้อง 5" in calendar and calendar.count("BEGIN:VEVENT") == 2
    client.force_login(UserFactory())
    assert client.get(soon.url).status_code == 404


def test_a_copied_run_takes_its_meetings_along(run, meeting, instructor):
    CourseRun.objects.filter(pk=run.pk).update(pacing="cohort", starts_at=meeting.starts_at)
    run.refresh_from_db()
    attendance.set_rule(run, instructor, 60)
    later = run.starts_at + timedelta(days=30)
    made = runs.copy(run, instructor, later, "รุ่น 2", "")
    (moved,) = made.meetings.all()
    assert moved.starts_at - meeting.starts_at == timedelta(days=30)
    assert attendance.least_of(made) == 60 and not moved.attendances.exists()


def test_a_roll_that_nobody_called_waits_at_the_desk(teacher, run, meeting, enrolment, instructor):
    url = reverse("teach_meetings", args=[run.pk])
    assert url in [need["url"] for need in teacher.get(reverse("teach_needs")).context["needs"]]
    attendance.call_roll(meeting, instructor, {enrolment.pk: Mark("present")})
    assert url not in [need["url"] for need in teacher.get(reverse("teach_needs")).context["needs"]]


def test_pages_cost_as_many_queries_for_many(teacher, run, meeting, course, enrolment):
    places = [
        reverse("teach_roll", args=[run.pk, meeting.pk]),
        reverse("teach_meetings", args=[run.pk]),
        reverse("teach_people", args=[run.pk]),
        reverse("teach_person", args=[run.pk, enrolment.pk]),
    ]

    def costs() -> list[int]:
        found = []
        for at in places:
            teacher.get(at)
            with CaptureQueriesContext(connection) as queries:
                assert teacher.get(at).status_code == 200
            found.append(len(queries))
        return found

    few = costs()
    for _n in range(12):
        Enrolment.objects.create(user=UserFactory(), run=run)
    assert costs() == few
    assert max(few) <= 15, few


def test_what_was_noted_goes_into_ones_own_data_and_its_reasons_are_forgotten(
    meeting, enrolment, other, instructor
):
    both = {enrolment.pk: Mark("absent"), other.pk: Mark("absent")}
    attendance.call_roll(meeting, instructor, both)
    late = {enrolment.pk: Mark("late", 20), other.pk: Mark("late", 20)}
    attendance.call_roll(meeting, instructor, late, "ป่วยมาสาย")
    (noted,) = privacy.export(enrolment.user)["attendance"]
    assert (noted["state"], noted["minutes_late"], noted["minutes"]) == ("late", 20, 100)
    privacy.erase(enrolment.user)
    reasons = dict(
        AttendanceChange.objects.exclude(before="").values_list("attendance__enrolment", "reason")
    )
    assert reasons == {enrolment.pk: "–", other.pk: "ป่วยมาสาย"}
    privacy.erase(instructor)
    assert not AttendanceChange.objects.filter(by=instructor).exists()
    assert Attendance.objects.filter(enrolment=other, by=None).exists()
