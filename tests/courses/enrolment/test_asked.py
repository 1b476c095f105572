"""My learning tells of places that somebody waits for, of answers, and of runs that have not begun."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.enrolment.enrol import join
from courses.enrolment.models import Application, CourseRun
from courses.enrolment.staff import approve, refuse
from courses.releases.models import CourseState
from tests.courses.enrolment.conftest import cohort_of
from tests.factories.courses import bare_course
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
# The budget of the learner's dashboard.
MOST_QUERIES = 12
WHY = "ข้าพเจ้าปฏิบัติงานด้านนี้โดยตรง"


@pytest.fixture
def course(db):
    """People are what is tested here: the course needs no pages."""
    return bare_course()


def page(client, language="th"):
    response = client.get(f"/{language}/my/")
    assert response.status_code == 200
    return response.context, response.content.decode()


def wait_for(run, person, ahead=2) -> Application:
    """`person` on the waiting list of a run, behind others."""
    for _n in range(ahead + (run.capacity or 0)):
        join(UserFactory(), run)
    return join(person, run).application


def test_who_waits_sees_the_run_the_place_in_line_and_how_to_leave(signed_in, learner, cohort):
    run = cohort(capacity=1, name="รุ่น 7", name_en="Cohort 7")
    wait_for(run, learner)
    context, html = page(signed_in)
    assert [row["place"] for row in context["requests"]] == [3]
    assert "ท่านอยู่ลำดับที่ 3 ในรายชื่อสำรอง" in html
    assert "รุ่น 7" in html
    assert "ออกจากรายชื่อสำรอง" in html
    address = reverse("run_join", args=["course", run.key])
    assert f'href="{address}"' in html
    _context, html = page(signed_in, "en")
    assert "You are number 3 on the waiting list" in html
    assert "Cohort 7" in html
    assert "Leave the waiting list" in html
    # The link leads to where one leaves, and then nothing is waited for.
    signed_in.post(address, {"action": "take_back"})
    context, html = page(signed_in, "en")
    assert context["requests"] == []
    assert "waiting list" not in html


def test_the_place_in_line_is_the_one_that_the_run_counts(signed_in, learner, cohort):
    run, other = cohort(capacity=1), cohort(capacity=1, name="รุ่น 2")
    wait_for(run, learner, ahead=3)
    wait_for(other, learner, ahead=0)
    first = Application.objects.filter(run=run, state="waiting").order_by("queued_at").first()
    context, _html = page(signed_in)
    assert {row["run_label"]: row["place"] for row in context["requests"]} == {
        "รุ่น 1": 4,
        "รุ่น 2": 1,
    }
    Application.objects.filter(pk=first.pk).update(state="withdrawn")
    context, _html = page(signed_in)
    assert {row["place"] for row in context["requests"]} == {3, 1}


def test_who_came_at_the_same_instant_stands_in_the_order_of_the_rows(signed_in, learner, cohort):
    run = cohort(capacity=1)
    wait_for(run, learner, ahead=1)
    Application.objects.filter(run=run).update(queued_at=timezone.now())
    assert page(signed_in)[0]["requests"][0]["place"] == 2


def test_who_applied_sees_that_the_instructors_have_it(signed_in, learner, cohort, manager):
    run = cohort(method="approval")
    application = join(learner, run, why=WHY).application
    context, html = page(signed_in)
    assert context["requests"][0]["place"] is None
    assert "คำขอของท่านอยู่ระหว่างการพิจารณาของวิทยากร" in html
    assert "ดูหรือถอนคำขอ" in html
    _context, html = page(signed_in, "en")
    assert "Your application is with the instructors" in html
    assert "See or take back the application" in html
    approve(application, manager)
    context, _html = page(signed_in)
    assert context["requests"] == []
    assert len(context["courses"]) == 1


def test_a_refusal_says_why_and_what_to_do_next(signed_in, learner, cohort, manager):
    run = cohort(method="approval")
    application = join(learner, run, why=WHY).application
    refuse(application, manager, "โปรดแนบความเห็นชอบของผู้บังคับบัญชา")
    address = reverse("run_join", args=["course", run.key])
    _context, html = page(signed_in)
    assert "คำขอของท่านไม่ได้รับอนุมัติ เนื่องจาก “โปรดแนบความเห็นชอบของผู้บังคับบัญชา”" in html
    assert "ยื่นคำขออีกครั้ง" in html
    assert f'href="{address}"' in html
    _context, html = page(signed_in, "en")
    assert "Your application was refused: “โปรดแนบความเห็นชอบของผู้บังคับบัญชา”" in html
    assert "Apply again" in html
    # A run that takes no more applications offers what can still be done.
    CourseRun.objects.filter(pk=run.pk).update(is_open=False)
    _context, html = page(signed_in, "en")
    assert "Apply again" not in html
    assert (
        "This run takes no more applications. Choose another run, or ask the instructors." in html
    )


def test_a_refusal_goes_after_a_month_or_when_one_takes_the_course(
    signed_in, learner, cohort, manager
):
    run = cohort(method="approval")
    refuse(join(learner, run, why=WHY).application, manager, "ไม่ตรงกลุ่มเป้าหมายของรุ่น")
    assert len(page(signed_in)[0]["requests"]) == 1
    Application.objects.update(decided_at=timezone.now() - timedelta(days=31))
    assert page(signed_in)[0]["requests"] == []
    Application.objects.update(decided_at=timezone.now())
    join(learner, cohort(name="รุ่น 2"))
    assert page(signed_in)[0]["requests"] == []


def test_a_waiting_list_of_a_run_that_is_over_says_so(signed_in, learner, cohort):
    run = cohort(capacity=1)
    wait_for(run, learner, ahead=0)
    now = timezone.now()
    CourseRun.objects.filter(pk=run.pk).update(
        starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=1)
    )
    _context, html = page(signed_in, "en")
    assert "This run is over. Choose another one." in html
    assert "Begins on" not in html


def test_a_run_that_has_not_begun_says_when_and_offers_nothing_that_cannot_be_used(
    signed_in, learner, cohort
):
    begins = datetime(timezone.now().year + 1, 12, 2, 9, tzinfo=timezone.get_default_timezone())
    run = cohort(starts_at=begins, ends_at=begins + timedelta(days=30))
    join(learner, run)
    context, html = page(signed_in)
    assert f"เริ่มเรียน 2 ธันวาคม {begins.year + 543} เวลา 09.00\N{NO-BREAK SPACE}น." in html
    assert f"หลักสูตร “{context['courses'][0]['title']}” ยังไม่เริ่มเรียน" in html
    assert context["next_step"] is None
    resume = reverse("course_resume", args=["course"])
    assert resume not in html
    _context, html = page(signed_in, "en")
    assert f"Begins on 2 December {begins.year}, 09:00" in html
    CourseRun.objects.filter(pk=run.pk).update(starts_at=timezone.now() - timedelta(hours=1))
    context, html = page(signed_in, "en")
    assert "Begins on" not in html
    assert reverse("course_resume", args=["course"]) in html


def test_who_only_waits_is_not_told_that_nothing_was_chosen(signed_in, learner, cohort):
    assert "Your courses will be here" in page(signed_in, "en")[1]
    wait_for(cohort(capacity=1), learner, ahead=0)
    assert "Your courses will be here" not in page(signed_in, "en")[1]


def test_others_requests_and_withdrawn_courses_do_not_show(client, signed_in, learner, cohort):
    run = cohort(capacity=1)
    wait_for(run, learner)
    client.force_login(UserFactory())
    assert page(client)[0]["requests"] == []
    client.force_login(learner)
    state = CourseState.objects.get()
    state.status, state.current = "withdrawn", None
    state.save()
    assert page(client)[0]["requests"] == []


def test_the_page_costs_the_same_however_much_one_waits_for(signed_in, learner, manager):
    def one_more(n: int):
        course = bare_course(f"c{n}")
        join(learner, cohort_of(course))
        other = bare_course(f"w{n}")
        wait_for(cohort_of(other, capacity=1), learner, ahead=1)
        asks = bare_course(f"a{n}")
        join(learner, cohort_of(asks, method="approval"), why=WHY)
        refused = bare_course(f"r{n}")
        application = join(learner, cohort_of(refused, method="approval"), why=WHY).application
        refuse(application, manager, "ไม่ตรงกลุ่มเป้าหมายของรุ่น")

    def queries() -> list:
        page(signed_in)
        with CaptureQueriesContext(connection) as captured:
            context, _html = page(signed_in)
        return [context["requests"], captured.captured_queries]

    one_more(0)
    _rows, few = queries()
    for n in range(1, 4):
        one_more(n)
    rows, many = queries()
    assert len(rows) == 12
    assert len(many) == len(few) <= MOST_QUERIES, [q["sql"][:120] for q in many]
