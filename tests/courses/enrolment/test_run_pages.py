"""The pages of runs: what each role sees, what happens after pressing, what a page costs."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.enrolment import rules
from courses.enrolment.enrol import enrolment_in, join
from courses.enrolment.models import Application, CourseRun, Enrolment
from tests.factories.courses import run_of, state_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


def course_url(course) -> str:
    return f"/th/courses/{course.slug}/"


def join_url(run) -> str:
    return reverse("run_join", args=["course", run.key])


def form_of(**changes) -> dict:
    return {
        "name": "รุ่น 1",
        "starts_at": "1/2/2570",
        "ends_at": "28 ก.พ. 2570",
        "capacity": "2",
        "answer_days": "3",
        "method": "open",
        "has_waiting_list": "on",
    } | changes


def test_the_course_page_offers_a_choice_of_runs(course, cohort, signed_in, learner):
    run = cohort(capacity=2)
    CourseRun.objects.filter(pacing="rolling").update(is_open=False)
    cohort(name="เต็ม", capacity=1, has_waiting_list=False)
    join(UserFactory(), CourseRun.objects.get(name="เต็ม"))
    cohort(name="ผ่านไป", starts_at=timezone.now() - timedelta(days=9), ends_at=timezone.now())
    rows = signed_in.get(course_url(course)).context["runs"]
    shown = {row["title"]: (row["left"], row["can_join"]) for row in rows}
    assert shown["รุ่น 1"] == (2, True)
    assert shown["เต็ม"] == (0, False)
    assert "ผ่านไป" not in shown
    page = signed_in.post(join_url(run), follow=True)
    assert page.redirect_chain[-1][0] == reverse("course_resume", args=["course"]) or "รุ่น 1" in (
        page.content.decode()
    )
    assert enrolment_in(learner, run.course).run_id == run.pk


def test_one_run_at_any_time_is_one_button(course, signed_in):
    context = signed_in.get(course_url(course)).context
    assert (context["can_enrol"], context["runs"]) == (True, [])


def test_an_agencys_run_is_shown_to_its_people_only(course, cohort, signed_in, monkeypatch):
    agency = uuid.uuid4()
    run = cohort(agency=agency, name="ภายใน")
    assert "ภายใน" not in signed_in.get(course_url(course)).content.decode()
    assert signed_in.get(join_url(run)).status_code == 404
    assert signed_in.post(join_url(run)).status_code == 404
    monkeypatch.setattr(rules, "_agencies_of", lambda user: frozenset([agency]))
    assert "ภายใน" in signed_in.get(course_url(course)).content.decode()
    assert signed_in.get(join_url(run)).status_code == 200


def test_a_wrong_key_is_said_and_kept(cohort, signed_in, learner):
    run = cohort(method="key", enrol_key="sala-1")
    page = signed_in.post(join_url(run), {"key": "sala-2"})
    text = page.content.decode()
    assert page.status_code == 422
    assert 'value="sala-2"' in text
    assert 'aria-invalid="true"' in text
    assert "sala-1" not in text
    signed_in.post(join_url(run), {"key": "sala-1"})
    assert enrolment_in(learner, run.course) is not None


def test_applying_waiting_and_taking_back(cohort, signed_in, learner):
    run = cohort(method="approval")
    page = signed_in.post(join_url(run), {"why": "สั้น"})
    assert page.status_code == 422
    assert "สั้น</textarea>" in page.content.decode()
    page = signed_in.post(join_url(run), {"why": "อยากใช้ในงานของหน่วยงาน"}, follow=True)
    assert page.context["waits"]
    assert page.context["position"] is None
    signed_in.post(join_url(run), {"action": "take_back"})
    assert Application.objects.get().state == "withdrawn"


def test_the_waiting_list_tells_the_position(cohort, signed_in):
    run = cohort(capacity=1)
    join(UserFactory(), run)
    join(UserFactory(), run)
    page = signed_in.post(join_url(run), follow=True)
    assert page.context["position"] == 2


def test_an_early_run_says_when_and_opens_then(cohort, signed_in, learner, address, time_machine):
    run = cohort()
    join(learner, run)
    for url in (address("l1"), reverse("course_resume", args=["course"])):
        page = signed_in.get(url)
        assert page.status_code == 403
        assert page.context["access"].early
    time_machine.move_to(run.starts_at)
    signed_in.force_login(learner)
    assert signed_in.get(address("l1")).status_code == 200


def test_after_the_end_one_may_read_or_not_as_the_run_says(
    cohort, signed_in, learner, address, time_machine
):
    run = cohort(access_days_after=10)
    join(learner, run)
    time_machine.move_to(run.access_ends - timedelta(minutes=1))
    signed_in.force_login(learner)
    assert signed_in.get(address("l1")).status_code == 200
    time_machine.move_to(run.access_ends)
    assert signed_in.get(address("l1")).status_code == 200
    page = signed_in.post(address("l1"), {"action": "done"})
    assert page.status_code == 409
    CourseRun.objects.filter(pk=run.pk).update(readable_after=False)
    page = signed_in.get(address("l1"))
    assert page.status_code == 403
    assert page.context["access"].over


def test_a_manager_makes_changes_closes_and_copies_a_run(client, course, manager, teacher):
    colleague = teacher()
    client.force_login(manager)
    new = reverse("teach_run_new", args=[course.translation_key])
    page = client.post(new, form_of(ends_at="1/1/2570", capacity="0", instructors="x@y.example"))
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"ends_at", "capacity", "instructors"}
    assert 'value="1/1/2570"' in page.content.decode()
    page = client.post(new, form_of(instructors=colleague.email))
    run = CourseRun.objects.get(pacing="cohort")
    assert page.url == reverse("teach_run", args=[run.pk])
    local = timezone.localtime(run.starts_at), timezone.localtime(run.ends_at)
    assert [(at.year, at.month, at.day, at.hour) for at in local] == [
        (2027, 2, 1, 0),
        (2027, 2, 28, 23),
    ]
    assert list(run.instructors.all()) == [colleague]
    edit = reverse("teach_run_edit", args=[run.pk])
    shown = client.get(edit).content.decode()
    assert 'value="1/2/2570 00.00"' in shown
    client.post(edit, form_of(capacity="5", method="key", enrol_key="k"))
    run.refresh_from_db()
    assert (run.capacity, run.method, run.instructors.count()) == (5, "key", 0)
    client.post(reverse("teach_run_open", args=[run.pk]), {"open": "0"})
    run.refresh_from_db()
    assert not run.is_open
    page = client.post(
        reverse("teach_run_copy", args=[run.pk]), {"name": "รุ่น 2", "starts_at": "1/3/2570"}
    )
    made = CourseRun.objects.get(name="รุ่น 2")
    assert page.url == reverse("teach_run_edit", args=[made.pk])


def test_an_instructor_answers_applications(client, cohort, teacher, learner):
    run = cohort(method="approval")
    client.force_login(teacher(run))
    application = join(learner, run, why="อยากใช้ในงานของหน่วยงาน").application
    page_url = reverse("teach_enrol", args=[run.pk])
    page = client.post(page_url, {"action": "refuse", "application": application.pk})
    assert page.status_code == 422
    client.post(page_url, {"action": "approve", "application": application.pk})
    assert enrolment_in(learner, run.course) is not None
    page = client.post(page_url, {"action": "approve", "application": application.pk})
    assert page.status_code == 409


def test_people_are_found_among_those_one_may_see(client, cohort, teacher, manager, learner):
    run = cohort()
    by = teacher(run)
    client.force_login(by)
    page_url = reverse("teach_enrol", args=[run.pk])
    assert client.get(page_url, {"q": learner.email}).context["found"] == []
    assert client.post(page_url, {"action": "add", "person": learner.pk}).status_code == 404
    client.post(page_url, {"action": "add_email", "email": learner.email})
    (found,) = client.get(page_url, {"q": learner.email}).context["found"]
    assert found["there"]
    client.force_login(manager)
    stranger = UserFactory()
    assert len(client.get(page_url, {"q": stranger.email}).context["found"]) == 1


def test_a_place_is_ended_brought_back_and_moved(client, cohort, teacher, learner):
    run, to = cohort(), cohort(name="รุ่น 2")
    client.force_login(teacher(run, to))
    place = join(learner, run).enrolment
    url = reverse("teach_place", args=[run.pk, place.pk])
    assert client.post(url, {"action": "remove", "reason": ""}).status_code == 422
    client.post(url, {"action": "remove", "reason": "ย้าย"})
    place.refresh_from_db()
    assert place.withdrawn_reason == "ย้าย"
    client.post(url, {"action": "bring_back"})
    page = client.post(url, {"action": "transfer", "to": to.pk})
    assert page.url == reverse("teach_place", args=[to.pk, place.pk])
    assert client.get(url).status_code == 404


def test_runs_of_others_are_not_found(client, cohort, teacher, learner):
    run = cohort()
    place = join(learner, run).enrolment
    client.force_login(teacher(cohort(name="อื่น")))
    names = ["teach_run_edit", "teach_run_copy", "teach_enrol", "teach_groups", "teach_import"]
    for name in names:
        assert client.get(reverse(name, args=[run.pk])).status_code == 404, name
        assert client.post(reverse(name, args=[run.pk])).status_code == 404, name
    assert client.post(reverse("teach_run_open", args=[run.pk])).status_code == 404
    assert client.get(reverse("teach_place", args=[run.pk, place.pk])).status_code == 404


def test_lists_cost_the_same_for_two_and_twenty(client, course, cohort, manager, learner):
    run = cohort(method="approval", capacity=5)
    client.force_login(manager)
    addresses = [
        course_url(course),
        "/th/courses/",
        reverse("teach_courses"),
        reverse("teach_course_runs", args=[course.translation_key]),
        reverse("teach_enrol", args=[run.pk]) + "?q=person",
    ]

    def queries() -> list[int]:
        found = []
        for url in addresses:
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            found.append(len(captured))
        return found

    def grow(n):
        for k in range(n):
            cohort(name=f"รุ่น {k}", capacity=3)
            join(UserFactory(), run, why="อยากใช้ในงานของหน่วยงาน")

    grow(2)
    two = queries()
    grow(18)
    assert queries() == two
    assert max(two) <= 15


def test_the_rolling_run_is_edited_without_dates(client, course, manager):
    run = run_of(course)
    client.force_login(manager)
    url = reverse("teach_run_edit", args=[run.pk])
    assert "starts_at" not in client.get(url).context["form"].fields
    client.post(url, {"method": "open", "answer_days": "3", "capacity": "9"})
    run.refresh_from_db()
    assert (run.capacity, run.is_open, run.starts_at) == (9, True, None)


def test_a_course_for_cohorts_has_no_rolling_run(db):
    from tests.factories.courses import make_course

    course = make_course("group", pacing="cohort")
    assert not CourseRun.objects.filter(course=course.translation_key).exists()
    assert state_of(course).current_id


def test_what_is_known_of_a_person_is_told_and_forgotten(cohort, learner):
    from courses.enrolment.privacy import erase, export

    run = cohort(method="approval")
    join(learner, run, why="อยากใช้ในงานของหน่วยงาน")
    join(learner, cohort(name="รุ่น 2"))
    told = export(learner)
    assert [row["run"] for row in told["taken"]] == ["รุ่น 2"]
    assert told["applications"][0]["why"] == "อยากใช้ในงานของหน่วยงาน"
    assert export(UserFactory()) == {}
    erase(learner)
    erase(learner)
    assert Application.objects.filter(user=learner).exclude(why="").count() == 0
    assert Enrolment.objects.filter(user=learner).count() == 1


def test_an_author_finds_the_course_before_there_is_a_run_to_teach(client, course, teacher):
    person = teacher()  # instructors may edit every course, and teach no run of this one
    client.force_login(person)
    listed = client.get(reverse("teach_courses")).context["courses"]
    url = reverse("teach_course_runs", args=[course.translation_key])
    assert [row["url"] for row in listed] == [url]
    assert client.get(url).status_code == 200

    person.groups.first().page_permissions.all().delete()
    assert client.get(reverse("teach_courses")).context["courses"] == []
    assert client.get(url).status_code == 404


def test_a_run_without_people_says_how_people_come_into_it(client, course, cohort, teacher):
    run = cohort()
    client.force_login(teacher(run))
    enrol = f'href="{reverse("teach_enrol", args=[run.pk])}"'
    for name in ("teach_run", "teach_people", "teach_matrix", "teach_grades"):
        url = reverse(name, args=[run.pk])
        page = client.get(url).content.decode()
        assert "ยังไม่มีผู้ลงทะเบียน" in page and enrol in page
        page = client.get(f"{url}?q=nobody").content.decode()
        assert "ไม่มีผู้ใดตรงกับเงื่อนไขนี้" in page and "ยังไม่มีผู้ลงทะเบียน" not in page
