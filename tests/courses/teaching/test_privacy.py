"""What meetings and looks say about a person: a copy for the person, and what erasing leaves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from courses.teaching import privacy
from courses.teaching.models import Attendance, AttendanceChange, Meeting, SeenAs
from tests.factories.courses import enrolled, make_course
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def noted():
    """A learner with a corrected attendance, at whose course somebody has looked."""
    enrolment, teacher = enrolled(UserFactory(), make_course("course")), UserFactory()
    meeting = Meeting.objects.create(
        run=enrolment.run,
        title="พบกันครั้งแรก",
        starts_at=timezone.now() - timedelta(hours=2),
        ends_at=timezone.now() - timedelta(hours=1),
    )
    mark = Attendance.objects.create(
        meeting=meeting, enrolment=enrolment, state="present", minutes=60, by=teacher
    )
    AttendanceChange.objects.create(
        attendance=mark, before="absent", after="present", reason="ป่วย ส่งใบรับรองแพทย์แล้ว", by=teacher
    )
    SeenAs.objects.create(enrolment=enrolment, item=enrolment.seat, by=teacher)
    return enrolment.user, teacher


def test_the_person_finds_both_in_the_copy(noted):
    learner, teacher = noted
    found = privacy.export(learner)
    assert [(row["meeting"], row["minutes"]) for row in found["attendance"]] == [("พบกันครั้งแรก", 60)]
    assert found["looked_at_as_you_see_it"][0]["by"] == str(teacher)
    assert privacy.export(teacher) == {}


def test_erasing_the_learner_leaves_the_minutes_but_no_reason(noted):
    learner, teacher = noted
    privacy.erase(learner)
    assert AttendanceChange.objects.get().reason == "–"
    assert (Attendance.objects.get().minutes, Attendance.objects.get().by) == (60, teacher)


def test_erasing_who_noted_it_leaves_the_learners_record(noted):
    learner, teacher = noted
    privacy.erase(teacher)
    assert Attendance.objects.get().by is None and SeenAs.objects.get().by is None
    assert AttendanceChange.objects.get().by is None
    assert AttendanceChange.objects.get().reason.startswith("ป่วย")
