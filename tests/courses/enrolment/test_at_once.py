"""Two people at the same moment, each on a connection of their own."""

import pytest

from activities.core.errors import Refused
from courses.enrolment import places, staff
from courses.enrolment.enrol import enrolment_in, join, leave
from courses.enrolment.models import Application, CourseRun, Enrolment, PlaceEvent
from tests.courses.enrolment.conftest import cohort_of
from tests.factories.courses import bare_course
from tests.factories.people import UserFactory
from tests.paths.test_two_people import at_once

pytestmark = [
    pytest.mark.services("postgresql"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
WHY = "อยากใช้ในงานบริการประชาชน"


@pytest.fixture
def course():
    return bare_course()


def fresh(run) -> CourseRun:
    return CourseRun.objects.get(pk=run.pk)


def test_the_last_place_goes_to_one_person(course):
    run = cohort_of(course, capacity=1)
    people = [UserFactory() for _n in range(4)]
    errors = at_once(*[lambda p=person: join(p, fresh(run)) for person in people])
    assert errors == []
    assert places.taken(run) == 1
    assert Application.objects.filter(run=run, state="waiting").count() == 3


def test_a_double_click_enrols_once(course):
    run, person = cohort_of(course, capacity=5), UserFactory()
    assert at_once(*[lambda: join(person, fresh(run))] * 3) == []
    assert Enrolment.objects.filter(run=run).count() == 1
    assert PlaceEvent.objects.filter(run=run).count() == 1


def test_two_runs_at_once_give_one_place(course):
    runs = [cohort_of(course), cohort_of(course, name="รุ่น 2")]
    person = UserFactory()
    errors = at_once(*[lambda r=run: join(person, fresh(r)) for run in runs])
    assert [error.code for error in errors] == ["in_another_run"]
    assert Enrolment.objects.filter(user=person).count() == 1


def test_two_leave_while_two_wait(course):
    run = cohort_of(course, capacity=2)
    people = [UserFactory() for _n in range(4)]
    for person in people:
        join(person, fresh(run))
    seats = [enrolment_in(person, run.course) for person in people[:2]]
    assert at_once(*[lambda s=seat: leave(s) for seat in seats]) == []
    there = set(Enrolment.objects.filter(run=run, state="active").values_list("user", flat=True))
    assert there == {person.pk for person in people[2:]}


def test_somebody_leaves_while_another_comes(course):
    run = cohort_of(course, capacity=1)
    first, waiting, late = (UserFactory() for _n in range(3))
    seat = join(first, fresh(run)).enrolment
    join(waiting, fresh(run))
    assert at_once(lambda: leave(seat), lambda: join(late, fresh(run))) == []
    assert enrolment_in(waiting, run.course) is not None
    assert places.taken(run) == 1


def test_two_instructors_answer_the_same_application(course, django_user_model):
    run = cohort_of(course, method="approval")
    admins = [UserFactory(is_superuser=True) for _n in range(2)]
    application = join(UserFactory(), fresh(run), why=WHY).application
    errors = at_once(
        lambda: staff.approve(application, admins[0]),
        lambda: staff.refuse(application, admins[1], "ไม่ใช่กลุ่มเป้าหมาย"),
    )
    assert [type(error) for error in errors] == [Refused]
    assert errors[0].code == "decided_already"
    application.refresh_from_db()
    has_place = Enrolment.objects.filter(run=run, state="active").exists()
    assert has_place == (application.state == "admitted")
