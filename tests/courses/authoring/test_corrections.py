"""People who have begun get mended words and easier rules by an author's decision, and nothing else."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from activities.core.changes import Change, easier
from activities.core.errors import Refused
from activities.core.models import Attempt, Event, Participation
from activities.role_play.models import RolePlaySoloPage
from courses.authoring.corrections.giving import corrections_of, give
from courses.enrolment.models import CourseRun
from courses.releases.settle import settle
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from tests.factories.courses import enrolled, make_course
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return make_course("course", lectures=[20, 5], actives=["role_play_solo"])


@pytest.fixture
def learner(course, client):
    """Somebody in the middle of a play."""
    person = UserFactory()
    enrolled(person, course)
    client.force_login(person)
    client.get("/th/learn/course/a1/")
    client.post("/th/learn/course/a1/", {"action": "begin", "attempt": "1"})
    return person


def publish(course, **changes):
    page = RolePlaySoloPage.objects.get(slug="a1")
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()
    settle(course.translation_key)


def mended(course):
    publish(course, your_role="ท่านเป็นเจ้าหน้าที่ฝึกอบรม (แก้คำผิดแล้ว)")


def the_one(course):
    (correction,) = corrections_of(course.translation_key, AnonymousUser())
    return correction


def do(course, correction, by=None):
    return give(course.translation_key, correction.old.pk, correction.new.pk, by)


def author_in(client, group=COURSE_MANAGER):
    person = UserFactory(preferred_language="en")
    person.groups.add(Group.objects.get(name=group))
    UserProfile.objects.create(user=person, preferred_language="en")
    client.force_login(person)
    return person


def page_of(course):
    return reverse("authoring_corrections", args=[course.pk])


def test_nobody_who_has_begun_gets_another_version_by_itself(course, learner, client):
    mended(course)
    assert "แก้คำผิดแล้ว" not in client.get("/th/learn/course/a1/").content.decode()
    correction = the_one(course)
    assert (correction.difference.change, correction.people) == (Change.WORDS, 1)


def test_mended_words_are_given_to_a_play_under_way(course, learner, client):
    mended(course)
    assert do(course, the_one(course)) == 1
    participation = Participation.objects.get(user=learner, version__kind="role_play_solo")
    assert Attempt.objects.get().version_id == participation.version_id
    page = client.get("/th/learn/course/a1/")
    assert "แก้คำผิดแล้ว" in page.content.decode()
    assert Event.objects.filter(kind="version_given").count() == 1
    assert corrections_of(course.translation_key, AnonymousUser()) == []


def test_given_twice_it_changes_nothing_more(course, learner):
    mended(course)
    correction = the_one(course)
    assert [do(course, correction), do(course, correction)] == [1, 0]
    assert Event.objects.filter(kind="version_given").count() == 1


def test_easier_rules_are_given(course, learner):
    publish(course, attempts_required=1, minutes=18)
    correction = the_one(course)
    assert correction.difference.change == Change.EASIER
    assert correction.difference.rules == [("attempts_required", 2, 1)]
    assert do(course, correction) == 1


@pytest.mark.parametrize("change", ["harder", "graph", "fewer plays"])
def test_what_asks_for_something_else_is_never_given(course, learner, change):
    page = RolePlaySoloPage.objects.get(slug="a1")
    if change == "harder":
        page.reflection[0].value["min_chars"] += 50
        publish(course, reflection=page.reflection)
    elif change == "graph":
        page.nodes[0].value["choices"][0]["effects"][0]["points"] = 1
        publish(course, nodes=page.nodes)
    else:
        publish(course, attempts_max=2)
    correction = the_one(course)
    assert correction.tightened
    with pytest.raises(Refused) as refused:
        do(course, correction)
    assert refused.value.code == "tightened"
    assert Participation.objects.get(user=learner).version_id == correction.old.pk


def test_a_version_that_is_no_longer_the_newest_is_refused(course, learner):
    mended(course)
    correction = the_one(course)
    publish(course, your_role="อีกครั้ง ท่านเป็นเจ้าหน้าที่ฝึกอบรมของกรม")
    with pytest.raises(Refused) as refused:
        do(course, correction)
    assert (refused.value.code, refused.value.status) == ("stale", 409)


def test_who_has_completed_keeps_the_version_of_their_record(course, learner):
    Participation.objects.filter(user=learner).update(completed_at=timezone.now())
    mended(course)
    assert corrections_of(course.translation_key, AnonymousUser()) == []


def test_another_courses_people_are_not_touched(course, learner):
    mended(course)
    correction, other = the_one(course), make_course("other", lectures=[20])
    assert corrections_of(other.translation_key, AnonymousUser()) == []
    with pytest.raises(Refused) as refused:
        give(other.translation_key, correction.old.pk, correction.new.pk, None)
    assert refused.value.status == 409


def test_the_page_lists_who_is_affected_and_gives_it(course, learner, client):
    mended(course)
    author_in(client)
    page = client.get(page_of(course)).content.decode()
    assert "Only words have changed." in page
    assert "1 person" in page
    correction = the_one(course)
    form = {"old": correction.old.pk, "new": correction.new.pk}
    assert client.post(page_of(course), form).status_code == 302
    assert "Everybody who has begun" in client.get(page_of(course)).content.decode()
    assert client.post(page_of(course), {"old": 1, "new": "x"}).status_code == 409


def test_the_page_names_rules_as_the_form_does(course, learner, client):
    publish(course, attempts_max=0)
    author_in(client)
    page = client.get(page_of(course)).content.decode()
    assert "The newest version asks for less." in page
    assert "plays at most" in page


def test_only_who_may_publish_sees_the_page(course, client):
    author_in(client, INSTRUCTOR)
    assert client.get(page_of(course)).status_code == 200
    client.force_login(UserFactory())
    assert client.get(page_of(course)).status_code in (302, 403)
    client.logout()
    assert client.get(page_of(course)).status_code == 302


def test_the_page_costs_as_many_queries_for_many_people(
    course, learner, client, django_assert_max_num_queries
):
    mended(course)
    old = the_one(course).old
    for _n in range(12):
        enrolment = enrolled(UserFactory(), course)
        Participation.objects.create(
            user=enrolment.user,
            seat=enrolment.seat,
            cohort=enrolment.run.key,
            item=old.item,
            version=old,
        )
    with django_assert_max_num_queries(6):
        assert the_one(course).people == 13


def test_of_many_runs_the_first_twenty_are_named_and_the_others_behind_a_link(
    course, learner, client
):
    mended(course)
    old = the_one(course).old
    for n in range(29):
        run = CourseRun.objects.create(
            course=course.translation_key,
            pacing="cohort",
            name=f"รุ่นที่ {n:02}",
            name_en=f"Run no. {n:02}.",
        )
        for _n in range(2 if n == 28 else 1):
            Participation.objects.create(
                user=learner, seat=uuid4(), cohort=run.key, item=old.item, version=old
            )
    author_in(client)
    client.get(page_of(course))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(page_of(course)).content.decode()
    assert len(queries) <= 15, [query["sql"][:90] for query in queries]
    assert "31 people, in 30 runs" in " ".join(page.split())
    assert "Run no. 28." in page, "where most people are comes first"
    assert page.count("Run no.") == 19 and "10 more runs" in page
    whole = client.get(page_of(course), {"runs": old.pk}).content.decode()
    assert whole.count("Run no.") == 29 and "more runs" not in whole
    assert page.count("Run no.") == client.get(page_of(course), {"runs": "x"}).content.decode().count("Run no.")  # fmt: skip


def test_runs_of_others_are_counted_and_not_named(course, learner, client):
    mended(course)
    old, instructor = the_one(course).old, author_in(client, INSTRUCTOR)
    for name in ("Own run", "Run of a sibling"):
        run = CourseRun.objects.create(course=course.translation_key, pacing="cohort", name=name)
        Participation.objects.create(
            user=learner, seat=uuid4(), cohort=run.key, item=old.item, version=old
        )
        if name == "Own run":
            run.instructors.add(instructor)
    page = client.get(page_of(course)).content.decode()
    assert "Own run" in page and "Run of a sibling" not in page
    assert "2 runs that others look after" in page
    author_in(client)
    assert "Run of a sibling" in client.get(page_of(course)).content.decode()


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("min_chars", 200, 150, True),
        ("min_chars", 150, 200, False),
        ("attempts_max", 2, 0, True),
        ("attempts_max", 0, 5, False),
        ("attempts_max", 2, 3, True),
        ("synthesis", True, False, True),
        ("points", 1, 0, False),
        ("min_chars", None, 1, False),
    ],
)
def test_what_is_easier(name, old, new, expected):
    assert easier(name, old, new) is expected
