"""The pages of grades: who sees what, what is refused, what it costs, what is exported."""

import io
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from courses.enrolment.rules import COURSE_MANAGERS, INSTRUCTORS
from courses.grades.models import Grade, GradeOverride, GradeRules, Recalculation, scheme_of
from courses.grades.scheme import DEFAULT
from tests.factories.courses import enrolled, make_course, run_of
from tests.factories.people import UserFactory

WHY = "เพราะตรวจพบว่าคะแนนผิด"


def url(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


@pytest.fixture
def teacher(client, instructor):
    client.force_login(instructor)
    return client


def form(**changes) -> dict:
    return {"based_on": "0", "missing": "pending", "scale": "percent", **changes}


# -- the learner --------------------------------------------------------------------------------


def test_the_learner_sees_scores_and_what_is_missing(client, learner, enrolment, does):
    client.force_login(learner)
    does(enrolment, "a1", "80")
    page = client.get(url("my_grades", "course")).content.decode()
    assert "Grade so far" in page and ">80<" in page
    assert "Why the course is not complete yet" in page
    assert page.count("Not begun yet. It is required.") == 3
    assert url("item", "course", "a2") in page
    thai = client.get(url("my_grades", "course", language="th")).content.decode()
    assert "Grade so far" not in thai


def test_the_learner_reads_the_reason_of_a_grade_set_by_hand(
    client, learner, enrolment, instructor
):
    from courses.grades.override import override

    override(enrolment, Decimal(75), "งานซ้ำกับของเพื่อน <script>", instructor)
    client.force_login(learner)
    page = client.get(url("my_grades", "course")).content.decode()
    assert "งานซ้ำกับของเพื่อน &lt;script&gt;" in page


def test_who_does_not_take_the_course_finds_nothing(client, enrolment, instructor):
    assert client.get(url("my_grades", "course")).status_code == 302
    for person in (UserFactory(), instructor, UserFactory(is_superuser=True)):
        client.force_login(person)
        assert client.get(url("my_grades", "course")).status_code == 404
    assert client.get(url("my_grades", "nothing")).status_code == 404


# -- the gradebook ------------------------------------------------------------------------------


def of_run(run, enrolment):
    return [
        url("teach_grades", run.pk),
        url("teach_grades_csv", run.pk),
        url("teach_grades_xlsx", run.pk),
        url("teach_grade_rules", run.pk),
        url("teach_grade", run.pk, enrolment.pk),
        url("teach_recalculation", run.pk, Recalculation.objects.create(run=run).pk),
    ]


def test_only_who_teaches_the_run_sees_its_grades(client, run, enrolment, learner, instructor):
    addresses = of_run(run, enrolment)
    stranger = UserFactory()
    stranger.groups.add(Group.objects.get(name=INSTRUCTORS))
    manager = UserFactory()
    manager.groups.add(Group.objects.get(name=COURSE_MANAGERS))
    for person, status in ((learner, 404), (stranger, 404), (instructor, 200), (manager, 200)):
        client.force_login(person)
        assert {client.get(address).status_code for address in addresses} == {status}
    client.logout()
    assert {client.get(address).status_code for address in addresses} == {302}


def test_people_and_jobs_of_another_run_are_not_there(teacher, run, enrolment):
    other = run_of(make_course("other", lectures=[5], actives=["discussion"]))
    elsewhere = enrolled(UserFactory(), type("C", (), {"translation_key": other.course}))
    job = Recalculation.objects.create(run=other)
    assert teacher.get(url("teach_grade", run.pk, elsewhere.pk)).status_code == 404
    assert teacher.get(url("teach_recalculation", run.pk, job.pk)).status_code == 404


def test_the_gradebook_shows_scores_and_grades(teacher, run, enrolment, does):
    does(enrolment, "a1", "80.5")
    does(enrolment, "a2", "60")
    page = teacher.get(url("teach_grades", run.pk)).content.decode()
    assert ">80.5<" in page and "<strong>70.25</strong>" in page
    assert (
        "Nobody fits this." in teacher.get(url("teach_grades", run.pk) + "?q=zzz").content.decode()
    )


def test_the_gradebook_costs_the_same_for_two_and_twenty(teacher, run, course, does):
    address = url("teach_grades", run.pk)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert teacher.get(address).status_code == 200
        return len(found)

    for _n in range(2):
        does(enrolled(UserFactory(), course), "a1", "50")
    teacher.get(address)
    few = queries()
    for _n in range(18):
        does(enrolled(UserFactory(), course), "a1", "50")
    assert queries() == few <= 12
    Grade.objects.all().delete()  # as after an upgrade: reckoned from the participations
    assert queries() <= few + 1


def test_exports_hold_no_formula(teacher, run, course, does):
    from openpyxl import load_workbook

    bad = UserFactory(first_name="=HYPERLINK(1)", last_name="x")
    does(enrolled(bad, course), "a1", "80.5")
    text = b"".join(teacher.get(url("teach_grades_csv", run.pk)).streaming_content).decode()
    assert "'=HYPERLINK(1) x" in text and ",80.5," in text
    book = load_workbook(
        io.BytesIO(b"".join(teacher.get(url("teach_grades_xlsx", run.pk)).streaming_content))
    )
    rows = list(book.active.iter_rows())
    assert rows[1][0].value == "'=HYPERLINK(1) x" and rows[1][0].data_type == "s"
    assert rows[1][4].value == 80.5
    assert not any(cell.data_type == "f" for row in rows for cell in row)


# -- one person ---------------------------------------------------------------------------------


def test_setting_a_grade_and_taking_it_back(teacher, run, enrolment, does):
    does(enrolment, "a1", "50")
    address = url("teach_grade", run.pk, enrolment.pk)
    answer = teacher.post(
        address, {"action": "override", "score": "๗๕,๕", "reason": WHY}, follow=True
    )
    assert "The grade is set, with your reason." in answer.content.decode()
    made = GradeOverride.objects.get()
    assert (made.value, Grade.objects.get().value) == (Decimal("75.5"), Decimal("75.5"))
    teacher.post(address, {"action": "take_back", "override": made.pk})
    assert Grade.objects.get().value == 50


@pytest.mark.parametrize(
    "data, said, status",
    [
        ({"action": "override", "score": "101", "reason": WHY}, "between 0 and 100", 422),
        ({"action": "override", "score": "x", "reason": WHY}, "between 0 and 100", 422),
        ({"action": "override", "score": "70", "reason": "no"}, "at least 10 characters", 422),
        ({"action": "dance"}, "does not know this action", 422),
        ({"action": "take_back", "override": "999"}, "", 404),
    ],
)
def test_refusals_keep_what_was_typed(teacher, run, enrolment, data, said, status):
    answer = teacher.post(url("teach_grade", run.pk, enrolment.pk), data)
    page = answer.content.decode()
    assert answer.status_code == status and said in page
    if "reason" in data:
        assert f">{data['reason']}</textarea>" in page and f'value="{data["score"]}"' in page
    assert not GradeOverride.objects.exists()


def test_a_learner_cannot_set_grades(client, run, enrolment, learner):
    client.force_login(learner)
    data = {"action": "override", "score": "100", "reason": WHY}
    assert client.post(url("teach_grade", run.pk, enrolment.pk), data).status_code == 404
    assert not GradeOverride.objects.exists()


# -- rules --------------------------------------------------------------------------------------


def test_rules_of_a_run_are_saved_with_a_reason_and_reckoned(
    teacher, run, enrolment, does, django_capture_on_commit_callbacks
):
    does(enrolment, "a1", "40")
    does(enrolment, "a2", "80")
    data = form(**{"item-1-weight": "3", "pass_mark": "60", "reason": WHY, "action": "save"})
    with django_capture_on_commit_callbacks(execute=True):
        answer = teacher.post(url("teach_grade_rules", run.pk), data)
    job = Recalculation.objects.get()
    assert answer["Location"] == url("teach_recalculation", run.pk, job.pk)
    page = teacher.get(answer["Location"]).content.decode()
    assert "1 person's grade or completion changed" in page
    assert Grade.objects.get().value == 50
    again = teacher.post(url("teach_grade_rules", run.pk), data)
    assert again.status_code == 409
    assert "Somebody else has changed these rules" in again.content.decode()


def test_the_effect_is_shown_and_nothing_saved(teacher, run, enrolment, does):
    does(enrolment, "a1", "40")
    does(enrolment, "a2", "80")
    data = form(**{"item-1-weight": "3", "pass_mark": "45", "action": "effect"})
    page = teacher.post(url("teach_grade_rules", run.pk), data).content.decode()
    assert "The grade of 1 person of 1 changes." in page
    assert "At the pass mark or above: 0 before, 1 after." in page
    assert 'name="item-1-weight" inputmode="decimal" autocomplete="off" value="3"' in page
    assert not GradeRules.objects.exists()


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"item-1-weight": "-1"}, "A weight is a number from 0 to 1000."),
        ({"item-1-weight": "NaN"}, "A weight is a number from 0 to 1000."),
        ({"item-1-pass": "0"}, "A pass mark is a number from 1 to 100; leave it empty for none."),
        ({"pass_mark": "101"}, "A pass mark is a number from 1 to 100; leave it empty for none."),
        ({"scale": "pass"}, "Pass or fail needs a pass mark: write one, for example 60."),
        ({"item-1-category": "c1"}, "Choose a category that has a name."),
        (
            {f"item-{n}-weight": "0" for n in (1, 2, 3)},
            "At least one item must count: give one a weight above 0.",
        ),
        (
            {"category-1-th": "อภิปราย", "category-1-drop": "1.5"},
            "Write how many of the lowest are dropped: 0 to 20.",
        ),
        ({"reason": "no"}, "Give a reason of at least 10 characters: the learner may read it."),
    ],
)
def test_rules_that_cannot_be(teacher, run, changes, said):
    data = form(**{"reason": WHY, "action": "save"} | changes)
    answer = teacher.post(url("teach_grade_rules", run.pk), data)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not GradeRules.objects.exists()
    thai = teacher.post(url("teach_grade_rules", run.pk, language="th"), data)
    assert said not in thai.content.decode()


def test_categories_come_back_as_they_were_saved(teacher, run):
    data = form(
        **{
            "category-1-key": "c1",
            "category-1-th": "อภิปราย",
            "category-1-weight": "40",
            "category-1-drop": "1",
            "item-2-category": "c1",
            "reason": WHY,
            "action": "save",
        }
    )
    assert teacher.post(url("teach_grade_rules", run.pk), data).status_code == 302
    [category] = scheme_of(run).categories
    assert (category.key, category.names, category.weight, category.drop) == (
        "c1",
        {"th": "อภิปราย"},
        40,
        1,
    )
    page = teacher.get(url("teach_grade_rules", run.pk)).content.decode()
    assert '<option value="c1" selected>อภิปราย</option>' in page


def test_rules_of_a_course_are_its_authors_business(client, run, course, learner, instructor):
    address = url("course_grade_rules", run.course)
    client.force_login(learner)
    assert client.get(address).status_code == 404
    client.force_login(instructor)
    assert client.get(address).status_code == 200
    assert client.post(address, form(pass_mark="60", action="save")).status_code == 302
    assert scheme_of(run).pass_mark == 60
    assert scheme_of(run) != DEFAULT
    assert (
        client.get(url("course_grade_rules", "0" * 8 + "-0000-0000-0000-" + "0" * 12)).status_code
        == 404
    )
    admin = client.get(f"/admin/pages/{course.pk}/edit/").content.decode()
    assert f"/teach/courses/{run.course}/grades/" in admin


def test_recalculating_is_a_post(teacher, run):
    assert teacher.get(url("teach_recalculate", run.pk)).status_code == 405
    assert teacher.post(url("teach_recalculate", run.pk)).status_code == 302
    assert Recalculation.objects.filter(run=run).count() == 1


def test_items_have_the_same_number_as_on_the_other_pages_of_the_run(teacher, enrolment, run, keys):
    items = teacher.get(url("teach_grades", run.pk)).context["items"]
    # The lesson is the first item of the course and has no score.
    assert [item["n"] for item in items] == [2, 3, 4]
    items = teacher.get(url("teach_grade_rules", run.pk)).context["items"]
    assert [item["number"] for item in items] == [2, 3, 4]
