"""The demo is a place where people have been learning: what it shows is what they did."""

import io
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from activities.core.models import (
    Draft,
    Errand,
    Event,
    NoticePreference,
    Notification,
    Participation,
)
from activities.discussion.models import Post, PostReport
from activities.workshop.models import Review, Submission
from courses.certificates import transcript
from courses.certificates.models import Certificate
from courses.community import feedback, survey
from courses.enrolment import progress, teach_needs
from courses.enrolment.models import Application, CourseRun, Enrolment
from courses.grades import recalculate
from courses.grades.models import Grade, Recalculation
from courses.releases.models import CourseState
from lms.operations.lives import story
from lms.people.models import User
from search import outbox
from search.models import PassageRow

pytestmark = pytest.mark.django_db

DL, DS, DM = "DL-101", "DS-110", "DM-210"


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The command, run once for all tests of this file and taken back afterwards."""
    with django_db_blocker.unblock():
        cache.clear()
        with transaction.atomic():
            out = io.StringIO()
            call_command("demo", stdout=out)
            yield out.getvalue()
            transaction.set_rollback(True)


@pytest.fixture
def here(demo, db):
    """Within the demo's database; what a test changes is taken back."""
    return demo


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@sala.example")


def run_of(code: str) -> CourseRun:
    state = next(s for s in CourseState.objects.all() if s.current.outline["code"] == code)
    runs = CourseRun.objects.filter(course=state.course)
    return runs.get(method="approval") if code == DM else runs.get(pacing="rolling")


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client


def snapshot() -> dict:
    models = (Enrolment, Participation, Event, Post, Review, Submission, Certificate, Notification)
    return {
        model: sorted(map(str, model.objects.values_list()))
        for model in (*models, Draft, Grade, Application)
    }


def test_it_says_a_line_for_each_course(here):
    for code, count in ((DL, 9), (DS, 1), (DM, 3)):
        assert f"{code}: {count} people have been learning" in here


def test_a_second_run_changes_nothing(here):
    before = snapshot()
    out = io.StringIO()
    call_command("demo", stdout=out)
    assert snapshot() == before
    assert out.getvalue().count("as it was") == 3


def test_every_course_keeps_the_rule(here):
    call_command("check_ratio", stdout=io.StringIO())


def test_progress_and_grades_reckoned_anew_are_the_same(here):
    before = list(
        Enrolment.objects.order_by("pk").values_list("pk", "progress", "percent", "state")
    )
    for enrolment in Enrolment.objects.select_for_update().select_related("run"):
        progress.rebuild(enrolment)
    after = list(Enrolment.objects.order_by("pk").values_list("pk", "progress", "percent", "state"))
    assert after == before and any(percent == 100 for _pk, _p, percent, _s in before)
    job = recalculate.run(Recalculation.objects.create(run=run_of(DL)))
    assert (job.state, job.done, job.changed, job.completed) == ("done", 9, 0, 0)


def test_certificates_verify_and_the_transcript_shows_hours_by_method(here):
    found = list(Certificate.objects.select_related("enrolment"))
    assert sorted(c.course_code for c in found) == [DL] * 5 + [DS]
    for certificate in found:
        enrolment = certificate.enrolment
        assert certificate.completed_at == enrolment.completed_at
        assert enrolment.enrolled_at < certificate.issued_at < timezone.now() - timedelta(days=20)
        page = Client().get(reverse("certificate_verify", args=[certificate.code]))
        assert page.status_code == 200 and certificate.number in page.content.decode()
    [year] = transcript.sums(person("learner")).values()
    assert (year["courses"], year["total"]) == (1, 260)
    assert min(year[name] for name in ("workshop", "discussion", "role_play")) > 0


def test_everything_happened_in_order_and_in_the_past(here):
    last = {}
    for event in Event.objects.order_by("pk"):
        assert last.get(event.cohort, event.created_at) <= event.created_at
        last[event.cohort] = event.created_at
    assert Event.objects.count() > 200
    yesterday = timezone.now() - timedelta(hours=1)
    first = Event.objects.earliest("created_at").created_at
    assert timezone.now() - first > timedelta(days=45)
    for model, name in (
        (Event, "created_at"),
        (Post, "created_at"),
        (Review, "submitted_at"),
        (Notification, "created_at"),
        (Participation, "last_seen_at"),
    ):
        assert not model.objects.filter(**{f"{name}__gt": yesterday}).exists(), model
    for post in Post.objects.exclude(parent=None).select_related("parent"):
        assert post.parent.created_at < post.created_at
    early = Enrolment.objects.filter(last_seen_at__lt=F("enrolled_at"))
    assert not early.exists()
    # Also what stands inside JSON: a play's steps lie between its beginning and its end.
    for play in Participation.objects.filter(version__kind="role_play_solo"):
        for attempt in play.attempts.filter(state="finished"):
            at = [timezone.datetime.fromisoformat(step[2]) for step in attempt.data["path"]]
            assert attempt.started_at <= min(at) and max(at) <= attempt.finished_at


def test_no_message_leaves_the_site(here):
    assert mail.outbox == []
    assert not Errand.objects.filter(done_at=None).exists()
    assert Notification.objects.exists()
    assert not Notification.objects.filter(mailed_at=None).exists()
    wishes = NoticePreference.objects.filter(user=person("anong"))
    assert wishes.get().email == NoticePreference.Email.NEVER


def test_the_learner_sees_every_block_of_the_dashboard(here):
    page = client_of("learner").get(reverse("dashboard"))
    shown = page.context
    assert shown["next_step"]["url"].endswith("/a-d1/")
    assert {row.course_code for row in shown["deadlines"]} == {DM}
    [waits] = shown["waiting"]
    assert "1" in waits["text"] and waits["until"] > timezone.now()
    assert {row["code"]: row["percent"] for row in shown["courses"]} == {DL: 69, DM: 26, DS: 100}
    [draft] = shown["drafts"]
    assert draft["url"].endswith("/dm-w1/")
    [certificate] = shown["certificates"]
    assert certificate["total_minutes"] == 260
    html = page.content.decode()
    for text in ("ลงมือทำ", certificate["pdf_url"], draft["url"]):
        assert text in html
    own = Post.objects.get(author=person("learner"), kind="initial", cohort=run_of(DL).key)
    assert Post.objects.filter(parent=own, author=person("boonmee")).exists()


def test_the_instructor_finds_what_needs_one_today(here):
    with override("en"):
        found = {row["text"]: row["count"] for row in teach_needs.found(CourseRun.objects.all())}
    assert found["Messages of learners"] == 1
    assert found["People who wait for your answer"] == 1
    assert found["Posts to check"] == 1
    assert found["Works with too few reviews"] == 1
    assert "Answers without a reply for 48 hours" in found
    assert "Learners not seen for a week" in found
    client = client_of("instructor")
    run = run_of(DL)
    hathai = Enrolment.objects.get(run=run, user=person("hathai"))
    for name, args in (
        ("teach_needs", []),
        ("teach_run", [run.pk]),
        ("teach_person", [run.pk, hathai.pk]),
        ("teach_grades", [run.pk]),
        ("teach_messages", [run.pk]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 200
    report = PostReport.objects.get()
    assert report.post.author == person("fongchan") and report.upheld is None
    unanswered = Post.objects.filter(cohort=run.key, kind="initial", answers=0)
    assert [post.author for post in unanswered] == [person("hathai")]


def test_people_stand_at_different_points(here):
    run = run_of(DL)
    states = {e.user.first_name: e.state for e in Enrolment.objects.filter(run=run)}
    assert sorted(states.values()) == ["active"] * 4 + ["completed"] * 5
    discussion = Participation.objects.get(user=person("itsara"), version__kind="discussion")
    assert discussion.state == "excused"
    late = Post.objects.get(author=person("kamon"))
    assert late.late and not Post.objects.get(author=person("learner"), cohort=late.cohort).late
    quiz = Participation.objects.get(user=person("ekachai"), version__kind="quiz")
    assert [a.data["passed"] for a in quiz.attempts.order_by("number")] == [False, True]
    endings = {
        attempt.data["ending"]
        for p in Participation.objects.filter(version__kind="role_play_solo", cohort=run.key)
        for attempt in p.attempts.all()
    }
    assert endings == {"e1", "e2", "e3"}
    grades = Submission.objects.filter(cohort=run.key, grade__isnull=False)
    assert len(set(grades.values_list("grade", flat=True))) >= 4


def test_charts_are_shown_of_the_survey_and_of_a_lesson(here):
    told = survey.of_run(run_of(DL))
    assert told.enough and all(question.enough for question in told.questions)
    assert len(told.texts["best"]) == 5
    lessons = feedback.summary(run_of(DL).course)
    assert any(lesson.percent is not None and lesson.comments for lesson in lessons)


def test_the_agency_sees_its_own_people_at_different_points(here):
    client = client_of("agency")
    page = client.get(reverse("agency_people"))
    html = page.content.decode()
    for name in ("สมหญิง", "อนงค์", "บุญมี", "เฉลิม", "ดวงใจ", "กมล"):
        assert name in html
    for name in ("เอกชัย", "ฟองจันทร์", "หทัย"):
        assert name not in html
    address = re.search(r'href="(/[a-z]{2}/agency/people/\d+/)"', html)[1]
    assert client.get(address).status_code == 200


def test_what_people_wrote_can_be_found(here):
    outbox.apply_changes()  # what is done after the commit
    assert PassageRow.objects.filter(source="posts").exists()


def test_a_story_that_does_not_fit_says_where(here):
    told = story.of(DL)
    state = CourseState.objects.get(course=run_of(DL).course)
    told["days"] = [{"ago": 3, "at": "09.00", "who": "admin", "acts": [{"dance": True}]}]
    people = {"admin": person("admin")}
    with pytest.raises(story.Untold, match="admin, 3 days ago, dance"):
        story.live(told, state, run_of(DL), people, {})
    assert story.of("XX-999") is None
