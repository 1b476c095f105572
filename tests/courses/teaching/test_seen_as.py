"""A course as its learners see it: nothing is written, nothing can be done, nothing is told."""

import pytest
from django.urls import reverse

from activities.core.models import Attempt, Draft, Event, Participation
from courses.enrolment.models import Enrolment
from courses.teaching.models import SeenAs
from lms.people.models import User
from tests.factories.courses import enrolled, make_course, run_of, state_of
from tests.factories.people import UserFactory

KINDS = ["discussion", "workshop", "quiz", "role_play_solo"]


@pytest.fixture
def course(db):
    return make_course("course", lectures=[25], actives=KINDS)


@pytest.fixture
def keys(course) -> dict[str, str]:
    return {e["slug"]: e["key"] for e in state_of(course).current.outline["items"]}


@pytest.fixture
def teacher(client, run, instructor):
    client.force_login(instructor)
    return client


def rows() -> list[int]:
    return [m.objects.count() for m in (User, Enrolment, Participation, Attempt, Draft, Event)]


@pytest.mark.parametrize("slug", ["l1", "a1", "a2", "a3", "a4"])
def test_a_new_learners_screens_leave_nothing(teacher, run, keys, slug):
    before = rows()
    page = teacher.get(reverse("teach_see", args=[run.pk, keys[slug]]))
    assert page.status_code == 200
    assert page.context["view_as"]["url"] == reverse("teach_run", args=[run.pk])
    assert "<fieldset disabled>" in page.content.decode()
    # Every way from here stays in this view, or leads out of it.
    urls = {entry["url"] for entry in page.context["outline"]}
    assert urls == {reverse("teach_see", args=[run.pk, key]) for key in keys.values()}
    assert rows() == before
    assert not SeenAs.objects.exists()


def test_a_participants_screen_is_theirs_and_the_look_is_in_the_record(
    teacher, run, keys, enrolment, instructor
):
    at = reverse("teach_see_as", args=[run.pk, enrolment.pk, keys["a2"]])
    before = rows()
    page = teacher.get(at)
    assert page.status_code == 200
    assert "สมชาย ใจดี" in page.context["view_as"]["text"]
    assert page.context["visit"].user == enrolment.user
    assert rows() == before
    seen = SeenAs.objects.get()
    assert (seen.by, seen.enrolment, str(seen.item)) == (instructor, enrolment, keys["a2"])
    teacher.get(at)
    assert SeenAs.objects.count() == 1  # leafing to and fro is one look
    person = teacher.get(reverse("teach_person", args=[run.pk, enrolment.pk])).content.decode()
    assert str(instructor) in person


def test_what_was_typed_and_not_sent_stays_the_learners(teacher, run, keys, enrolment, course):
    client = type(teacher)()
    client.force_login(enrolment.user)
    client.get(reverse("item", args=["course", "a2"]))
    Draft.objects.create(
        user=enrolment.user, seat=enrolment.seat, item=keys["a2"], form="work", data={"x": "ลับมาก"}
    )
    page = teacher.get(reverse("teach_see_as", args=[run.pk, enrolment.pk, keys["a2"]]))
    assert page.status_code == 200
    assert "ลับมาก" not in page.content.decode()
    assert Draft.objects.count() == 1


def test_what_is_shown_under_no_name_is_not_shown(teacher, run, keys, enrolment):
    page = teacher.get(reverse("teach_see_as", args=[run.pk, enrolment.pk, keys["a4"]]))
    assert page.status_code == 403
    assert page.context["new_url"] == reverse("teach_see", args=[run.pk, keys["a4"]])


def test_nothing_can_be_sent(teacher, run, keys, enrolment):
    before = rows()
    for at in (
        reverse("teach_see", args=[run.pk, keys["a2"]]),
        reverse("teach_see_as", args=[run.pk, enrolment.pk, keys["a2"]]),
    ):
        page = teacher.post(at, {"action": "send", "text": "x"})
        assert page.status_code == 403
        assert page.context["message"]
    assert rows() == before


def test_others_and_their_people_are_not_found(client, run, keys, enrolment, stranger, course):
    elsewhere = enrolled(UserFactory(), make_course("else", lectures=[25], actives=["discussion"]))
    new = reverse("teach_see", args=[run.pk, keys["l1"]])
    person = reverse("teach_see_as", args=[run.pk, enrolment.pk, keys["l1"]])
    for who in (stranger, enrolment.user):
        client.force_login(who)
        assert client.get(new).status_code == 404
        assert client.get(person).status_code == 404
    client.force_login(run.instructors.first() or stranger)
    assert run_of(course) == run
    wrong = reverse("teach_see_as", args=[run.pk, elsewhere.pk, keys["l1"]])
    assert client.get(wrong).status_code == 404
    assert not SeenAs.objects.exists()


def test_the_first_look_is_where_one_begins(teacher, run, keys, enrolment):
    new = teacher.get(reverse("teach_see_first", args=[run.pk]))
    assert new["Location"] == reverse("teach_see", args=[run.pk, keys["l1"]])
    theirs = teacher.get(reverse("teach_see_as_first", args=[run.pk, enrolment.pk]))
    assert theirs["Location"] == reverse("teach_see_as", args=[run.pk, enrolment.pk, keys["l1"]])
