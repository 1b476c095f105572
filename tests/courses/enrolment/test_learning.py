"""From enrolling to the exact step, and who is kept out."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from activities.core.models import Draft, Participation
from courses.certificates.issue import issue, revoke
from courses.certificates.models import Certificate
from courses.enrolment.enrol import enrol
from courses.enrolment.measured import measured_seconds, ping
from courses.enrolment.models import Enrolment, MeasuredTime
from lms.people.roles import INSTRUCTOR
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, demo_course, the_run

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
LEARN = f"/th/learn/{SLUG}"


@pytest.mark.parametrize("vector", VECTORS["measured_time"])
def test_measured_time_is_the_union_of_signs_of_life(vector):
    assert measured_seconds(vector["pings"], vector["theta"]) == vector["expected_seconds"]


@pytest.fixture
def course(db):
    return demo_course()


@pytest.fixture
def learner(course, client):
    user = UserFactory()
    enrol(user, course.course)
    client.force_login(user)
    return user


def test_two_tabs_count_once(course, learner):
    enrolment = Enrolment.objects.get(user=learner)
    item = course.current.outline["items"][0]["key"]
    start = timezone.now()
    for seconds in (0, 0, 30, 30, 60, 300, 330):
        ping(enrolment.seat, item, start + timedelta(seconds=seconds))
    assert MeasuredTime.objects.get(seat=enrolment.seat, item=item).seconds == 90


def test_visitors_sign_in_first(course, client):
    response = client.get(f"{LEARN}/a-l1/")
    assert (response.status_code, response["Location"]) == (
        302,
        f"/th/account/login/?next={LEARN}/a-l1/",
    )


def test_people_who_are_not_enrolled_are_told_how_to_enrol(course, client):
    client.force_login(UserFactory())
    response = client.get(f"{LEARN}/a-l1/")
    assert response.status_code == 403
    assert "ลงทะเบียนเรียน" in response.content.decode()


def test_a_lesson_marked_as_read_counts_its_minutes(course, learner, client):
    assert client.post(f"{LEARN}/a-l1/", {"action": "mark_read"}).status_code == 302
    enrolment = Enrolment.objects.get(user=learner)
    assert enrolment.percent == 25 * 100 // 265
    assert client.get(f"/th/learn/{SLUG}/")["Location"] == f"{LEARN}/a-l2/"


def test_resuming_leads_to_where_one_was(course, learner, client):
    client.get(f"{LEARN}/a-l3/")
    assert client.get(f"/th/learn/{SLUG}/")["Location"] == f"{LEARN}/a-l3/"


def test_a_refused_text_is_kept_as_a_draft(course, learner, client):
    page = client.get(f"{LEARN}/a-d1/").content.decode()
    assert 'name="draft_form"' in page
    response = client.post(
        f"{LEARN}/a-d1/-/draft/", {"draft_form": "initial-p1", "body": "ยังไม่เสร็จ"}
    )
    assert response.status_code == 200
    assert Draft.objects.get(user=learner).data["body"] == "ยังไม่เสร็จ"


def test_unknown_addresses_are_not_found(course, learner, client):
    for address in (f"{LEARN}/nothing/", "/th/learn/nothing/", f"{LEARN}/a-l1/nostep/"):
        assert client.get(address).status_code == 404


def test_a_kind_that_is_gone_is_said_in_its_place(course, learner, client):
    from activities.core import registry

    kind = registry._kinds.pop("quiz")
    try:
        response = client.get(f"{LEARN}/a-q1/")
        assert response.status_code == 503
        assert client.get(f"{LEARN}/a-l1/").status_code == 200
    finally:
        registry.register(kind)


def test_learners_see_no_teaching_page_and_instructors_only_their_runs(course, learner, client):
    run = the_run()
    assert client.get("/th/teach/").status_code == 403
    assert client.get(f"/th/teach/{run.pk}/").status_code == 404
    teacher = UserFactory()
    teacher.groups.add(Group.objects.get(name=INSTRUCTOR))
    client.force_login(teacher)
    assert client.get(f"/th/teach/{run.pk}/").status_code == 404
    run.instructors.add(teacher)
    for page in ("", "matrix/", "participants.csv"):
        assert client.get(f"/th/teach/{run.pk}/{page}").status_code == 200


def test_a_name_is_no_formula_in_the_export(course, client):
    admin = UserFactory(is_superuser=True)
    enrol(UserFactory(first_name="=HYPERLINK(1)"), course.course)
    client.force_login(admin)
    response = client.get(f"/th/teach/{the_run().pk}/participants.csv")
    text = b"".join(response.streaming_content).decode()
    assert "'=HYPERLINK(1)" in text


def test_the_dashboard_costs_the_same_with_more_people(
    course, learner, client, django_assert_max_num_queries
):
    client.get("/th/my/")
    with django_assert_max_num_queries(15):
        assert client.get("/th/my/").status_code == 200


@pytest.fixture
def certificate(course, learner) -> Certificate:
    enrolment = Enrolment.objects.select_related("run", "user").get(user=learner)
    enrolment.state, enrolment.completed_at = Enrolment.State.COMPLETED, timezone.now()
    enrolment.save()
    return issue(enrolment)


def test_a_certificate_is_issued_once_and_verifies(certificate, client):
    assert issue(certificate.enrolment).pk == certificate.pk
    client.logout()
    page = client.get(f"/th/certificates/{certificate.code}/")
    assert page.status_code == 200
    assert certificate.holder in page.content.decode()
    assert (certificate.total_minutes, certificate.active_minutes) == (265, 115)


def test_only_the_holder_downloads_the_pdf(certificate, client):
    response = client.get(f"/th/certificates/{certificate.code}/pdf/")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    client.force_login(UserFactory())
    assert client.get(f"/th/certificates/{certificate.code}/pdf/").status_code == 404


def test_a_revoked_certificate_says_so(certificate, client):
    revoke(certificate, by=None, reason="ออกผิดคน")
    assert "ออกผิดคน" in client.get(f"/th/certificates/{certificate.code}/").content.decode()
    assert client.get(f"/th/certificates/{certificate.code}/pdf/").status_code == 410


def test_guessing_numbers_is_slowed_down(course, client):
    answers = [client.get("/th/certificates/NOTHING/").status_code for _n in range(31)]
    assert (answers[0], answers[-1]) == (404, 429)


def test_participations_are_one_per_seat(course, learner, client):
    client.get(f"{LEARN}/a-l1/")
    client.get(f"{LEARN}/a-l1/")
    assert Participation.objects.filter(user=learner).count() == 1
