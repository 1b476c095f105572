"""The questions at the end of a course."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from activities.core.errors import Refused
from courses.certificates.issue import issue
from courses.community import survey
from courses.community.models import SurveyAnswer
from courses.enrolment.models import CourseRun
from tests.factories.people import UserFactory

ALL_FIVE = {"content": "5", "instructor": "4", "activities": "5", "platform": "3", "at_work": "5"}


def url(enrolment):
    return reverse("survey", args=[enrolment.pk])


@pytest.fixture
def answers(completed):
    """`n` people complete the run and answer."""

    def make(run, n, **given):
        for number in range(n):
            survey.answer(completed(run), {"content": 4, "best": f"ข้อดี {number}"} | given)

    return make


def test_it_is_offered_after_completion_and_never_forced(signed_in, learner, run, completed):
    enrolment = completed(run, learner)
    assert url(enrolment) in signed_in.get("/th/my/").text
    page = signed_in.get(url(enrolment)).text
    assert "/th/my/" in page  # the way past it
    assert signed_in.post(url(enrolment), ALL_FIVE | {"best": "กิจกรรม"}).status_code == 302
    row = SurveyAnswer.objects.get()
    assert (row.enrolment, row.content, row.platform, row.best) == (enrolment, 5, 3, "กิจกรรม")
    assert url(enrolment) not in signed_in.get("/th/my/").text
    signed_in.post(url(enrolment), ALL_FIVE | {"content": "1"})
    assert SurveyAnswer.objects.get().content == 1


def test_not_before_the_end_and_not_for_others(signed_in, enrolment, run, completed):
    assert signed_in.get(url(enrolment)).status_code == 404
    with pytest.raises(Refused):
        survey.answer(enrolment, {"content": 5})
    assert signed_in.get(url(completed(run))).status_code == 404


def test_an_empty_answer_and_a_wrong_one_are_refused_and_kept(signed_in, learner, run, completed):
    enrolment = completed(run, learner)
    answer = signed_in.post(url(enrolment), {})
    assert answer.status_code == 422
    assert "โปรดตอบอย่างน้อยหนึ่งข้อ" in answer.text
    answer = signed_in.post(url(enrolment), {"content": "9", "best": "กิจกรรม"})
    assert answer.status_code == 422
    assert "กิจกรรม" in answer.text
    assert not SurveyAnswer.objects.exists()


def test_the_database_knows_the_scale(run, completed):
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyAnswer.objects.create(enrolment=completed(run), content=6)


def test_figures_from_five_answers_on(run, answers):
    answers(run, 4)
    found = survey.of_run(run)
    assert (found.answers, found.enough, found.questions, found.texts) == (4, False, (), {})
    answers(run, 1, content=1)
    found = survey.of_run(run)
    content = found.questions[0]
    assert [(bar.value, bar.count, bar.percent) for bar in content.bars] == [
        ("5", 0, 0),
        ("4", 4, 80),
        ("3", 0, 0),
        ("2", 0, 0),
        ("1", 1, 20),
    ]
    assert str(content.mean) == "3.4"
    assert sum(bar.width for bar in content.bars) == 1000
    assert not found.questions[1].enough  # nobody answered it
    assert len(found.texts["best"]) == 5


def test_a_small_run_cannot_be_told_from_the_whole(course, run, answers):
    small = CourseRun.objects.create(course=course.translation_key, pacing="cohort", name="รุ่นที่ 2")
    answers(run, 5)
    answers(small, 2)
    assert survey.of_course(course.translation_key).answers == 5
    answers(small, 3)
    assert survey.of_course(course.translation_key).answers == 10


def test_instructors_see_their_runs_figures_and_nobody_elses(
    client, run, answers, instructor, stranger, manager
):
    answers(run, 5, better="=1+1")
    page = reverse("run_survey", args=[run.pk])
    routes = [page, *(reverse(f"run_survey_{kind}", args=[run.pk]) for kind in ("csv", "xlsx"))]
    for user, status in ((instructor, 200), (manager, 200), (stranger, 404), (UserFactory(), 404)):
        client.force_login(user)
        assert [client.get(route).status_code for route in routes] == [status] * 3
    client.force_login(instructor)
    text = client.get(page).text
    assert 'role="img"' in text and "<table" in text
    assert "ข้อดี 0" in text
    assert "@agency.example" not in text.replace(instructor.email, "")
    assert page in client.get(reverse("teach_run", args=[run.pk])).text


def test_with_too_few_answers_the_page_gives_a_number_only(client, run, answers, instructor):
    answers(run, 4)
    client.force_login(instructor)
    assert "ข้อดี" not in client.get(reverse("run_survey", args=[run.pk])).text
    sheet = client.get(reverse("run_survey_csv", args=[run.pk])).content.decode("utf-8-sig")
    assert len(sheet.strip().splitlines()) == 1


def test_the_page_costs_the_same_however_many_answer(
    client, run, answers, instructor, django_assert_max_num_queries
):
    answers(run, 12)
    client.force_login(instructor)
    with django_assert_max_num_queries(10):
        client.get(reverse("run_survey", args=[run.pk]))


def test_the_page_names_the_run_in_the_readers_language(client, run, instructor):
    CourseRun.objects.filter(pk=run.pk).update(name="รุ่นทดลอง", name_en="Pilot cohort")
    client.force_login(instructor)
    page = reverse("run_survey", args=[run.pk])
    thai, english = client.get(page).text, client.get(page.replace("/th/", "/en/", 1)).text
    assert "รุ่นทดลอง" in thai and "Pilot cohort" not in thai
    assert "Pilot cohort" in english and "รุ่นทดลอง" not in english


@pytest.mark.parametrize(
    ("language", "words"),
    [("th", "บอกความเห็นของท่านต่อหลักสูตร"), ("en", "Say what you think of the course")],
)
def test_certificate_grades_and_course_mention_it_until_it_is_answered(
    client, learner, run, completed, language, words
):
    enrolment = completed(run, learner)
    certificate = issue(enrolment)
    with translation.override(language):
        pages = [
            reverse("certificate_verify", args=[certificate.code]),
            reverse("my_grades", args=["course"]),
        ]
        # The course has no English page.
        pages += [reverse("course", args=["course"])] if language == "th" else []
        address = url(enrolment)
    client.force_login(learner)
    for page in pages:
        text = client.get(page, follow=True).text
        assert f'href="{address}"' in text, page
        assert words in text, page
    client.post(address, ALL_FIVE)
    for page in pages:
        assert address not in client.get(page, follow=True).text, page


def test_who_checks_a_certificate_or_manages_is_not_asked(client, learner, run, completed, manager):
    enrolment = completed(run, learner)
    page = reverse("certificate_verify", args=[issue(enrolment).code])
    assert url(enrolment) not in client.get(page).text
    client.force_login(manager)
    assert "survey_url" not in client.get(page).context
    client.force_login(UserFactory())
    assert "survey_url" not in client.get(page).context


def test_nothing_is_asked_before_the_end(signed_in, enrolment):
    for name in ("my_grades", "course"):
        assert url(enrolment) not in signed_in.get(reverse(name, args=["course"]), follow=True).text
