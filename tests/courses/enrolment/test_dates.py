"""The dates of a cohort and one person's page, as an instructor uses them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from activities.core.date_input import written
from activities.core.models import Decision, Draft, Participation, PhaseDates
from courses.enrolment.enrol import enrol
from courses.enrolment.models import CourseRun, Enrolment
from lms.people.roles import INSTRUCTOR
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, demo_course

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def state(db):
    return demo_course()


@pytest.fixture
def run(state):
    made = CourseRun.objects.create(
        course=state.course, pacing=CourseRun.Pacing.COHORT, name="รุ่นที่ 1"
    )
    made.instructors.add(teacher := UserFactory())
    teacher.groups.add(Group.objects.get(name=INSTRUCTOR))
    return made


@pytest.fixture
def learner(run):
    return Enrolment.objects.create(user=UserFactory(), run=run)


@pytest.fixture
def keys(state):
    return {entry["slug"]: entry["key"] for entry in state.current.outline["items"]}


@pytest.fixture
def teacher(client, run):
    teacher = run.instructors.get()
    client.force_login(teacher)
    return teacher


def dates_page(run):
    return reverse("teach_dates", args=[run.pk])


def person_page(enrolment):
    return reverse("teach_person", args=[enrolment.run_id, enrolment.pk])


def test_dates_are_set_and_shown_with_both_eras(client, run, keys, teacher):
    name = f"{keys['a-d1']}-initial-due_at"
    answer = client.post(dates_page(run), {name: "22/11/2570 16.30"})
    assert answer.status_code == 302
    row = PhaseDates.objects.get(cohort=run.key, phase="initial")
    assert timezone.localtime(row.due_at).year == 2027
    assert 'value="22/11/2570 16.30"' in client.get(dates_page(run)).text


def test_an_empty_row_takes_the_dates_away(client, run, keys, teacher):
    PhaseDates.objects.create(
        cohort=run.key, item=keys["a-d1"], phase="initial", due_at=timezone.now()
    )
    client.post(dates_page(run), {})
    assert not PhaseDates.objects.exists()


def test_a_date_that_cannot_be_read_is_refused_and_kept(client, run, keys, teacher):
    name = f"{keys['a-d1']}-initial-due_at"
    answer = client.post(dates_page(run), {name: "next week"})
    assert answer.status_code == 422
    assert 'value="next week"' in answer.text
    assert f'href="#{name}"' in answer.text
    assert not PhaseDates.objects.exists()


def test_dates_out_of_order_are_refused(client, run, keys, teacher):
    base = f"{keys['a-d1']}-initial"
    data = {f"{base}-opens_at": "22/11/2570", f"{base}-due_at": "21/11/2570"}
    assert client.post(dates_page(run), data).status_code == 422
    assert not PhaseDates.objects.exists()


def test_a_rolling_run_has_no_dates(client, state, teacher):
    rolling = CourseRun.objects.get(course=state.course, pacing=CourseRun.Pacing.ROLLING)
    rolling.instructors.add(teacher)
    page = client.get(dates_page(rolling))
    assert "ผู้เรียนในรุ่นนี้เรียนได้ตลอดเวลา" in page.text


def closed(run, key, phase="initial"):
    past = timezone.now() - DAY
    PhaseDates.objects.create(
        cohort=run.key, item=key, phase=phase, opens_at=past - DAY, due_at=past, closes_at=past
    )


def test_after_the_closing_date_the_text_is_kept_as_a_draft(client, run, learner, keys):
    closed(run, keys["a-d1"])
    client.force_login(learner.user)
    url = reverse("item", args=[SLUG, "a-d1"])
    client.get(url)
    sent = {"action": "answer", "draft_form": "initial-p1", "body": "ข้อความที่พิมพ์ไว้"}
    answer = client.post(url, sent)
    assert answer.status_code == 409
    assert "ปิดรับแล้ว" in answer.text
    assert Draft.objects.get(seat=learner.seat).data["body"] == "ข้อความที่พิมพ์ไว้"


def test_more_time_opens_it_for_one_learner(client, run, learner, keys, teacher):
    closed(run, keys["a-d1"])
    until = written(timezone.now() + DAY, "th")
    sent = {"item": keys["a-d1"], "action": "extend", "until": until, "reason": "ลาป่วยหนึ่งสัปดาห์เต็ม"}
    assert client.post(person_page(learner), sent).status_code == 302
    client.force_login(learner.user)
    url = reverse("item", args=[SLUG, "a-d1"])
    assert "ขยายเวลาให้ท่านแล้ว" in client.get(url).text
    answer = client.post(url, {"action": "answer", "body": "สั้น"})
    assert answer.status_code == 422  # too short, but no longer closed


def test_before_the_opening_date_it_says_when(client, run, learner, keys):
    PhaseDates.objects.create(
        cohort=run.key, item=keys["a-d1"], phase="initial", opens_at=timezone.now() + DAY
    )
    client.force_login(learner.user)
    url = reverse("item", args=[SLUG, "a-d1"])
    assert "เปิดวัน" in client.get(url).text
    assert client.post(url, {"action": "answer", "body": "x"}).status_code == 409


def test_a_rolling_run_costs_no_query_for_dates(client, state, keys, django_assert_max_num_queries):
    user = UserFactory()
    enrol(user, state.course)
    client.force_login(user)
    url = reverse("item", args=[SLUG, "a-d1"])
    client.get(url)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert not [q for q in queries if "phasedates" in q["sql"]]


def test_an_excuse_lets_somebody_go_on_without_the_item(client, learner, keys, teacher):
    sent = {"item": keys["a-w1"], "action": "excuse", "reason": "ย้ายหน่วยงานระหว่างอบรม"}
    client.post(person_page(learner), sent)
    learner.refresh_from_db()
    assert learner.progress[keys["a-w1"]] == 100
    assert Decision.objects.get().by == teacher
    page = client.get(person_page(learner)).text
    assert "ย้ายหน่วยงานระหว่างอบรม" in page


def test_a_score_by_hand_and_back(client, learner, keys, teacher):
    sent = {
        "item": keys["a-w1"],
        "action": "override",
        "score": "๘๐",
        "reason": "ประเมินจากการนำเสนอจริง",
    }
    client.post(person_page(learner), sent)
    assert Participation.objects.get(seat=learner.seat).score == 80
    decision = Decision.objects.get()
    client.post(
        person_page(learner),
        {"item": keys["a-w1"], "action": "take_back", "decision": decision.pk},
    )
    assert Participation.objects.get(seat=learner.seat).score is None


def test_a_refusal_keeps_what_was_typed_and_opens_the_form(client, learner, keys, teacher):
    sent = {"item": keys["a-w1"], "action": "override", "score": "120", "reason": "เหตุผลที่พิมพ์ไว้แล้ว"}
    answer = client.post(person_page(learner), sent)
    assert answer.status_code == 422
    assert "เหตุผลที่พิมพ์ไว้แล้ว" in answer.text and 'value="120"' in answer.text
    assert '<details class="disclosure" open>' in answer.text
    assert not Decision.objects.exists()


def test_an_item_of_another_course_does_not_exist(client, learner, teacher):
    sent = {"item": "11111111-1111-1111-1111-111111111111", "action": "excuse", "reason": "x" * 20}
    assert client.post(person_page(learner), sent).status_code == 404


def test_another_instructor_sees_neither_page(client, run, learner):
    other = UserFactory()
    other.groups.add(Group.objects.get(name=INSTRUCTOR))
    client.force_login(other)
    assert client.get(dates_page(run)).status_code == 404
    assert client.get(person_page(learner)).status_code == 404


def test_a_person_of_another_run_is_not_found(client, run, state, teacher):
    stranger = enrol(UserFactory(), state.course)
    assert client.get(reverse("teach_person", args=[run.pk, stranger.pk])).status_code == 404


def test_the_persons_page_costs_few_queries(
    client, learner, teacher, django_assert_max_num_queries
):
    client.get(person_page(learner))
    with django_assert_max_num_queries(15):
        assert client.get(person_page(learner)).status_code == 200
