"""Getting into a run by each way, waiting, moving up, leaving: the rules, with every refusal."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from activities.core.errors import Refused
from activities.core.models import Notification
from courses.enrolment import places, rules, runs
from courses.enrolment.enrol import enrol, enrolment_in, join, leave, take_back
from courses.enrolment.models import Application, CourseRun, Enrolment, PlaceEvent
from courses.enrolment.reminders import remind
from tests.factories.courses import bare_course
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(db):
    """People are what is tested here: the course needs no pages."""
    return bare_course()


def refused(function, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return caught.value


def states(run) -> dict:
    return {row.user_id: row.state for row in Application.objects.filter(run=run)}


def test_an_open_run_gives_a_place_at_once_and_twice_is_once(cohort, learner):
    run = cohort()
    first = join(learner, run).enrolment
    assert join(learner, run).enrolment.pk == first.pk
    assert Enrolment.objects.count() == 1
    assert [e.kind for e in PlaceEvent.objects.all()] == ["enrolled"]


def test_who_comes_when_all_places_are_taken_waits_in_order_and_moves_up(cohort):
    run = cohort(capacity=1)
    first, second, third = (UserFactory() for _n in range(3))
    place = join(first, run).enrolment
    waits = join(second, run).application
    last = join(third, run).application
    assert (places.position(waits), places.position(last)) == (1, 2)
    assert join(second, run).application.pk == waits.pk
    leave(place)
    moved = enrolment_in(second, run.course)
    assert moved is not None
    assert moved.decline_until > timezone.now() + timedelta(days=2)
    assert states(run) == {second.pk: "admitted", third.pk: "waiting"}
    told = Notification.objects.get(user=second)
    assert told.kind == "run_moved_up"
    assert places.position(last) == 1


def test_who_declines_passes_the_place_on(cohort):
    run = cohort(capacity=1)
    first, second, third = (UserFactory() for _n in range(3))
    place = join(first, run).enrolment
    join(second, run)
    join(third, run)
    leave(place)
    leave(enrolment_in(second, run.course))
    assert enrolment_in(third, run.course) is not None
    assert PlaceEvent.objects.filter(user=second, kind="declined").exists()
    assert states(run)[second.pk] == "withdrawn"


def test_more_places_move_people_up(cohort, manager):
    run = cohort(capacity=1)
    people = [UserFactory() for _n in range(4)]
    for person in people:
        join(person, run)
    runs.change(run, manager, {"capacity": 3}, [])
    taken = set(Enrolment.objects.filter(run=run).values_list("user", flat=True))
    assert taken == {person.pk for person in people[:3]}
    error = refused(runs.change, run, manager, {"capacity": 2}, [])
    assert (error.code, error.status) == ("below_taken", 422)
    assert "3" in error.fields["capacity"]


def test_nobody_overtakes_who_waits(cohort):
    run = cohort(capacity=1)
    first, second, third = (UserFactory() for _n in range(3))
    join(first, run)
    join(second, run)
    CourseRun.objects.filter(pk=run.pk).update(capacity=2)  # by a hand that moves nobody up
    assert join(third, CourseRun.objects.get(pk=run.pk)).application.state == "waiting"
    assert enrolment_in(second, run.course) is not None


def test_without_a_waiting_list_a_full_run_refuses(cohort, learner):
    run = cohort(capacity=1, has_waiting_list=False)
    join(UserFactory(), run)
    assert refused(join, learner, run).code == "full"


def test_leaving_and_returning_loses_nothing(cohort, learner):
    run = cohort()
    place = join(learner, run).enrolment
    Enrolment.objects.filter(pk=place.pk).update(progress={"a": 50}, percent=20)
    leave(place)
    assert enrolment_in(learner, run.course) is None
    again = join(learner, run).enrolment
    assert (again.pk, again.seat, again.percent) == (place.pk, place.seat, 20)
    assert again.progress == {"a": 50}


def test_a_completed_course_is_not_left(cohort, learner):
    place = join(learner, cohort()).enrolment
    now = timezone.now()
    Enrolment.objects.filter(pk=place.pk).update(state="completed", completed_at=now)
    leave(place)
    place.refresh_from_db()
    assert place.state == "completed"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"is_open": False}, "closed"),
        ({"method": "staff"}, "Instructors enrol"),
        ({"enrol_from": timedelta(days=1)}, "Enrolment opens on"),
        ({"enrol_until": timedelta(days=-1)}, "Enrolment closed on"),
        ({"starts_at": timedelta(days=-9), "ends_at": timedelta(days=-1)}, "over"),
    ],
)
def test_a_run_that_takes_nobody_says_why(cohort, learner, values, words):
    now = timezone.now()
    run = cohort(**{k: now + v if isinstance(v, timedelta) else v for k, v in values.items()})
    with translation.override("en"):
        error = refused(join, learner, run)
    assert (error.status, error.code) == (409, "enrolment_closed")
    assert words in error.message
    with translation.override("th"):
        assert refused(join, learner, run).message != error.message


def test_the_key_opens_and_guessing_is_slowed(cohort, learner):
    run = cohort(method="key", enrol_key="ศาลา-2570")
    assert refused(join, learner, run, key="").code == "no_key"
    for _n in range(5):
        assert refused(join, learner, run, key="ศาลา").code == "wrong_key"
    error = refused(join, learner, run, key="ศาลา-2570")
    assert (error.code, error.status) == ("too_many_tries", 429)
    other = UserFactory()
    place = join(other, run, key=" ศาลา-2570 ").enrolment
    leave(place)
    assert join(other, run).enrolment.pk == place.pk  # who left needs no key


def test_asking_for_a_place_needs_a_sentence_and_waits_for_an_answer(cohort, learner, teacher):
    run = cohort(method="approval")
    instructor = teacher(run)
    error = refused(join, learner, run, why="ครับ")
    assert (error.code, list(error.fields)) == ("no_reason", ["why"])
    application = join(learner, run, why="อยากใช้ในงานบริการประชาชน").application
    assert application.state == "pending"
    assert Notification.objects.get(user=instructor).kind == "run_applied"
    assert take_back(application)
    assert not take_back(application)


def test_one_course_is_taken_in_one_run_at_a_time(cohort, learner):
    join(learner, cohort(name="แรก"))
    second = cohort(name="สอง")
    error = refused(join, learner, second)
    assert error.code == "in_another_run"
    assert "แรก" in error.message


def test_a_place_ends_waiting_elsewhere_in_the_course(cohort, learner):
    full, free = cohort(capacity=1), cohort()
    join(UserFactory(), full)
    waits = join(learner, full).application
    join(learner, free)
    waits.refresh_from_db()
    assert waits.state == "withdrawn"


def test_an_agencys_run_does_not_exist_for_others(cohort, learner, monkeypatch):
    agency = uuid.uuid4()
    run = cohort(agency=agency)
    assert refused(join, learner, run).status == 404
    monkeypatch.setattr(rules, "_agencies_of", lambda user: frozenset([agency]))
    assert join(learner, run).enrolment is not None


def test_enrolling_without_choosing_takes_the_rolling_run(course, cohort, learner):
    cohort()
    assert enrol(learner, course.translation_key).run.pacing == "rolling"


@pytest.mark.parametrize(
    "values",
    [
        {"capacity": 0},
        {"capacity": 2, "least_people": 3},
        {"ends_at": timedelta(days=1)},
        {"enrol_from": timedelta(days=2), "enrol_until": timedelta(days=1)},
        {"access_from": timedelta(days=99)},
        {"method": "key"},
    ],
)
def test_the_database_refuses_impossible_runs(cohort, values):
    now = timezone.now()
    values = {k: now + v if isinstance(v, timedelta) else v for k, v in values.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        cohort(**values)


def test_people_are_reminded_once_of_the_beginning_and_of_the_end_of_access(cohort, time_machine):
    begins = timezone.now() + timedelta(days=7)
    run = cohort(starts_at=begins, ends_at=begins + timedelta(days=30), access_days_after=10)
    person = UserFactory()
    join(person, run)

    def kinds():
        return list(Notification.objects.filter(user=person).values_list("kind", flat=True))

    assert remind() == 0
    time_machine.move_to(begins - timedelta(hours=23))
    remind()
    remind()
    assert kinds() == ["run_begins"]
    time_machine.move_to(begins + timedelta(days=34))
    remind()
    assert sorted(kinds()) == ["run_access_ends", "run_begins"]
