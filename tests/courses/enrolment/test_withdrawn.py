"""A course that is withdrawn: nobody new, and nothing changes for those who are enrolled."""

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import override

from activities.core.errors import Refused
from courses.certificates.issue import issue
from courses.enrolment.enrol import enrol, place_in
from courses.enrolment.models import Enrolment
from courses.enrolment.progress import refresh
from courses.enrolment.search_source import Courses
from courses.releases.models import CourseRelease, CourseState
from courses.releases.settle import settle, settle_all
from lms.people.roles import COURSE_MANAGER
from search.contract import PEOPLE
from tests.factories.courses import child, enrolled, make_course, run_of, state_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return make_course("course")


@pytest.fixture
def learner(client, course):
    """Somebody who is enrolled in a course that the clock has taken off offer since."""
    person = UserFactory(preferred_language="en")
    enrolled(person, course)
    take_back(course)
    client.force_login(person)
    return client


def take_back(course) -> CourseState:
    child(course, "a1").unpublish()
    settle(course.translation_key)
    state = state_of(course)
    assert (state.status, state.current, state.closed) == ("withdrawn", None, True)
    return state


def at(name: str, *args) -> str:
    with override("en"):
        return reverse(name, args=args)


def test_the_enrolled_go_on_with_the_last_release(learner, course):
    assert learner.get(at("course_resume", "course")).status_code == 302
    for slug in ("l1", "a1"):
        page = learner.get(at("item", "course", slug))
        assert page.status_code == 200
        assert "Enrolment is closed; you go on" in page.text
    assert learner.post(at("item_ping", "course", "l1")).status_code == 204
    answer = learner.post(at("item_draft", "course", "a1"), {"draft_form": "x", "text": "kept"})
    assert answer.status_code == 200


def test_their_dashboard_and_the_course_page_say_so(learner, course):
    assert "Enrolment is closed; you go on" in learner.get(at("dashboard")).text
    page = learner.get(at("course", "course"), follow=True)
    assert page.status_code == 200
    assert "This course takes in nobody new at the moment." in page.text
    assert 'name="enrol"' not in page.text and at("enrol", "course") not in page.text


def test_the_page_in_the_catalogue_is_there_for_them_too(learner, course, client):
    course.refresh_from_db()
    assert not course.live
    assert "ขณะนี้หลักสูตรนี้ไม่รับผู้เรีย" in learner.get(course.url).text


def test_an_items_own_address_leads_into_the_player(learner, course):
    key = child(course, "a1").translation_key
    assert learner.get(at("item_by_key", key)).url == at("item", "course", "a1")


def test_in_thai(learner, course):
    page = learner.get(at("course", "course").replace("/en/", "/th/"))
    assert "ปิดรับลงทะเบียน" in page.text


def test_nobody_new_comes_in(learner, course, client):
    stranger = UserFactory(preferred_language="en")
    client.force_login(stranger)
    with override("en"), pytest.raises(Refused) as refusal:
        enrol(stranger, course.translation_key)
    assert refusal.value.message.startswith("This course is not on offer now.")
    for name, *more in (("course_resume",), ("item", "l1"), ("item", "a1")):
        assert client.get(at(name, "course", *more)).status_code == 404
    page = client.get(at("course", "course"))
    assert page.status_code == 404
    assert "This course is not on offer at the moment." in page.text
    assert "แบบฝึก" not in page.text and course.title not in page.text
    assert client.get(course.url).status_code == 404


def test_whoever_leaves_cannot_come_back_until_it_is_offered_again(learner, course):
    answer = learner.post(at("leave", "course"))
    assert answer.url == at("dashboard")
    assert learner.get(at("item", "course", "l1")).status_code == 404
    assert learner.post(at("enrol", "course")).status_code == 404


def test_an_address_that_never_was_a_course_is_not_found(learner):
    assert learner.get(at("course", "nothing")).status_code == 404


def test_a_course_that_was_never_offered_serves_nobody(course):
    other = make_course("other", lectures=[300], offered=False)
    settle(other.translation_key)
    assert (state_of(other).status, state_of(other).served) == ("draft", None)


def test_completing_it_gives_the_certificate_of_that_release(learner, course):
    enrolment = Enrolment.objects.get()
    items = state_of(course).served.outline["items"]
    enrolment.progress = {item["key"]: 100 for item in items}
    refresh(enrolment)
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.COMPLETED
    assert issue(enrolment).release == state_of(course).served


def test_the_instructor_goes_on_too(client, course):
    enrolled(UserFactory(), course)
    take_back(course)
    person = UserFactory(preferred_language="en")
    person.groups.add(Group.objects.get(name=COURSE_MANAGER))
    client.force_login(person)
    run = run_of(course)
    assert "not on offer any more" in client.get(at("teach_runs")).text
    assert "Nobody new can enrol." in client.get(at("teach_run", run.pk)).text
    assert client.get(at("teach_matrix", run.pk)).status_code == 200
    key = child(course, "a1").translation_key
    assert client.get(at("teach_item", run.pk, key)).status_code == 200


def test_a_course_that_passes_again_is_open_again(learner, course):
    child(course, "a1").save_revision().publish()
    course.refresh_from_db()
    course.save_revision().publish()
    state = settle(course.translation_key)
    assert (state.status, state.closed, state.served_id) == ("offered", False, state.current_id)
    assert enrol(UserFactory(), course.translation_key).pk


def test_settling_again_keeps_it_withdrawn(learner, course):
    last = state_of(course).served
    assert settle_all() == {"withdrawn": 1}
    course.refresh_from_db()
    course.live = True
    course.save(clean=False)
    assert settle_all() == {"withdrawn": 1}
    assert state_of(course).served == last


def test_a_course_deleted_on_purpose_goes_on_for_the_enrolled(client, course):
    person = UserFactory()
    enrolled(person, course)
    course.delete()
    settle(course.translation_key)
    client.force_login(person)
    assert client.get(at("item", "course", "a1")).status_code == 200
    assert client.get(at("course", "course")).status_code == 200
    assert state_of(course).problems == []


def test_a_new_course_at_the_old_address_leaves_the_enrolled_theirs(client, course):
    person, stranger = UserFactory(), UserFactory()
    enrolled(person, course)
    course.delete()
    settle(course.translation_key)
    new = make_course("course", lectures=[20], actives=["discussion"])
    assert place_in(person, "course")[0].course == course.translation_key
    assert place_in(stranger, "course")[0].course == new.translation_key
    client.force_login(person)
    title = client.get(at("item", "course", "a1")).context["item"]["title"]
    assert title == state_of(course).served.outline["items"][1]["titles"]["th"]


def test_only_the_enrolled_find_what_it_says(course):
    open_stamp = Courses().stamp(str(course.translation_key))
    state = take_back(course)
    passages = list(Courses().passages(str(state.course)))
    assert passages and {passage.scope for passage in passages} == {PEOPLE}
    assert {passage.audience for passage in passages} == {f"course:{state.course}"}
    assert Courses().stamp(str(state.course)) not in (None, open_stamp)


def test_few_queries_to_go_on(learner, django_assert_max_num_queries):
    learner.get(at("item", "course", "l1"))
    with django_assert_max_num_queries(15):
        learner.get(at("item", "course", "l1"))
    with django_assert_max_num_queries(15):
        learner.get(at("course", "course"))


class TestTheDatabase:
    """What no program can get round."""

    def test_the_enrolled_get_what_is_on_offer(self, course):
        release = state_of(course).current
        other = CourseRelease.objects.create(
            course=release.course,
            number=2,
            lecture=1,
            active=1,
            neutral=0,
            outline={},
            texts={},
            digest="x",
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            CourseState.objects.filter(course=release.course).update(served=other)

    def test_withdrawing_leaves_the_enrolled_a_release(self, course):
        with pytest.raises(IntegrityError), transaction.atomic():
            CourseState.objects.filter(course=course.translation_key).update(
                status="withdrawn", current=None, served=None
            )
