"""Whether lessons are of use: what learners say and what authors read."""

import pytest
from django.urls import reverse

from activities.core.models import Participation
from activities.core.privacy import all_records
from courses.community import feedback
from courses.community.models import LessonFeedback
from courses.enrolment.models import Enrolment
from tests.factories.courses import child
from tests.factories.people import UserFactory

LESSON, URL = "/th/learn/course/l1/", "/th/learn/course/l1/-/feedback/"


def say(run, course, useful=True, why="", n=1):
    """`n` people say something about the lesson, each in the run."""
    version = Participation.objects.filter(item=child(course, "l1").translation_key).first().version
    for _n in range(n):
        enrolment = Enrolment.objects.create(user=UserFactory(), run=run)
        feedback.give(enrolment, version, useful=useful, why=why)


@pytest.fixture
def begun(signed_in, enrolment):
    signed_in.get(LESSON)
    return signed_in


def test_two_buttons_below_the_lesson_keep_an_answer_that_can_be_changed(begun, learner):
    assert f'action="{URL}"' in begun.get(LESSON).text
    assert begun.post(URL, {"quick": "yes"}).url == URL
    assert LessonFeedback.objects.get(user=learner).useful
    assert begun.post(URL, {"useful": "yes", "why": "ตัวอย่างชัดเจน"}).url == LESSON
    begun.post(URL, {"quick": "no"})
    row = LessonFeedback.objects.get(user=learner)
    assert (row.useful, row.why) == (False, "ตัวอย่างชัดเจน")
    assert "ตัวอย่างชัดเจน" in begun.get(URL).text
    page = begun.get(LESSON).text
    assert 'value="no" aria-pressed="true"' in page
    assert 'value="yes" aria-pressed="false"' in page


def test_an_answer_is_needed_and_the_reason_is_kept(begun):
    answer = begun.post(URL, {"why": "เพราะยาวไป"})
    assert answer.status_code == 422
    assert "เพราะยาวไป" in answer.text
    assert "เลือกคำตอบ" in answer.text
    assert not LessonFeedback.objects.exists()


def test_only_lessons_and_only_for_people_in_the_course(begun, client, db):
    assert begun.get("/th/learn/course/a1/-/feedback/").status_code == 404
    assert "quick" not in begun.get("/th/learn/course/a1/").text
    client.force_login(UserFactory())
    assert client.post(URL, {"quick": "yes"}).status_code == 403
    client.logout()
    assert client.post(URL, {"quick": "yes"}).status_code == 302
    assert not LessonFeedback.objects.exists()


def test_shares_from_five_people_on(begun, run, course):
    key = course.translation_key
    say(run, course, n=3)
    say(run, course, useful=False, why="ยาวไป")
    (told,) = feedback.summary(key)
    assert (told.people, told.useful, told.percent, told.comments) == (4, None, None, 1)
    say(run, course)
    (told,) = feedback.summary(key)
    assert (told.people, told.useful, told.not_useful, told.percent) == (5, 4, 1, 80)


def test_authors_read_figures_and_comments_without_names(begun, run, course, client, stranger):
    say(run, course, useful=False, why="=ตัวอย่างน้อยไป", n=5)
    author, url = UserFactory(is_superuser=True), reverse("community_opinions", args=[course.pk])
    client.force_login(author)
    page = client.get(url)
    assert "=ตัวอย่างน้อยไป" in page.text
    assert "agency.example" not in page.text.replace(author.email, "")
    assert url in client.get(reverse("authoring_dashboard", args=[course.pk])).text
    sheet = client.get(reverse("community_opinions_csv", args=[course.pk])).content.decode(
        "utf-8-sig"
    )
    assert "'=ตัวอย่างน้อยไป" in sheet
    client.force_login(UserFactory())
    assert client.get(url).status_code in (302, 403)


def test_the_authors_page_costs_the_same_however_many_speak(
    begun, run, course, client, django_assert_max_num_queries
):
    say(run, course, why="ดี", n=12)
    client.force_login(UserFactory(is_superuser=True))
    client.get(reverse("community_opinions", args=[course.pk]))
    with django_assert_max_num_queries(25):  # Wagtail's own menus and panels are among them
        client.get(reverse("community_opinions", args=[course.pk]))


def test_it_is_in_a_persons_copy_and_goes_when_they_are_forgotten(begun, learner):
    begun.post(URL, {"useful": "no", "why": "ยาวไป"})
    begun.post("/th/my/deadlines/", {"action": "renew"})
    (records,) = [part for part in all_records() if part.name == "community"]
    told = records.export(learner)
    assert told["lesson_feedback"][0]["why"] == "ยาวไป"
    assert set(told) == {"lesson_feedback", "calendar"}
    records.erase(learner), records.erase(learner)
    assert records.export(learner) == {}
