"""The desk's first page: what waits for an instructor, and the runs with their filters."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.core import registry
from activities.core.enums import State
from activities.core.models import ItemVersion, Participation
from activities.discussion.enums import PostKind, PostState
from activities.discussion.models import Post
from activities.workshop.enums import SubmissionState
from activities.workshop.models import Submission
from courses.enrolment.models import Application, CourseRun, Enrolment
from tests.factories.courses import enrolled, make_course, run_of, state_of
from tests.factories.people import UserFactory


@pytest.fixture
def course(db):
    return make_course("desk", lectures=[25], actives=["discussion", "workshop", "quiz"])


@pytest.fixture
def run(course):
    return run_of(course)


def key_of(course, kind: str) -> str:
    items = state_of(course).current.outline["items"]
    return next(item["key"] for item in items if item["kind"] == kind)


def begun(course, run, kind: str, **values) -> Participation:
    """Somebody in an item of the run."""
    seat = enrolled(UserFactory(), course)
    key = key_of(course, kind)
    return Participation.objects.create(
        user=seat.user,
        seat=seat.seat,
        cohort=run.key,
        item=key,
        version=ItemVersion.objects.get(item=key),
        **values,
    )


def post(participation, **values) -> Post:
    values = {"kind": PostKind.INITIAL, "prompt": "p1", "body": "x"} | values
    return Post.objects.create(
        cohort=participation.cohort,
        item=participation.item,
        participation=participation,
        author=participation.user,
        voice=uuid.uuid4(),
        **values,
    )


@pytest.fixture
def waiting(course, run):
    """One thing of each sort that waits in the run."""
    now = timezone.now()
    Application.objects.create(run=run, user=UserFactory(), state="pending")
    post(begun(course, run, "discussion"), state=PostState.FLAGGED, reasons=[])
    appealed = begun(course, run, "discussion")
    post(appealed, state=PostState.REMOVED, state_reason="x", appealed_at=now, appeal="y")
    post(begun(course, run, "discussion"), created_at=now - timedelta(hours=49))
    begun(course, run, "quiz", state=State.NEEDS_ATTENTION)
    work = begun(course, run, "workshop")
    Submission.objects.create(
        participation=work,
        cohort=run.key,
        item=work.item,
        state=SubmissionState.LOCKED,
        submitted_at=now,
        version=1,
        needs_instructor=True,
    )
    slow = enrolled(UserFactory(), course)
    Enrolment.objects.filter(pk=slow.pk).update(last_seen_at=now - timedelta(days=8))


def shown(client) -> list[tuple[str, int]]:
    return [
        (need["text"], need["count"]) for need in client.get(reverse("teach_runs")).context["needs"]
    ]


def test_the_desk_says_what_waits_and_leads_there(client, waiting, run, course, teacher):
    client.force_login(teacher(run))
    needs = client.get("/en/teach/").context["needs"]
    assert [(need["text"], need["count"]) for need in needs] == [
        ("People who wait for your answer", 1),
        ("Authors who ask for a review of a decision", 1),
        ("Posts to check", 1),
        ("Answers without a reply for 48 hours", 1),
        ("Learners without attempts left", 1),
        ("Works with too few reviews", 1),
        ("Learners not seen for a week", 1),
    ]
    for need in needs:
        assert client.get(need["url"]).status_code == 200, need
    assert len(client.get(reverse("teach_run", args=[run.pk])).context["needs"]) == 7
    assert len(client.get(reverse("teach_needs")).context["needs"]) == 7


def test_what_waits_in_somebody_elses_run_is_not_shown(client, waiting, course, teacher, cohort):
    client.force_login(teacher(cohort()))
    assert shown(client) == []
    assert client.get(reverse("teach_needs")).context["needs"] == []


def test_a_course_manager_sees_what_waits_everywhere(client, waiting, manager):
    client.force_login(manager)
    assert len(shown(client)) == 7


def test_what_was_decided_waits_no_longer(client, course, run, teacher):
    now = timezone.now()
    decided = {"state_reason": "x", "moderated_at": now, "moderated_by": UserFactory()}
    post(begun(course, run, "discussion"), state=PostState.HIDDEN, **decided)
    post(
        begun(course, run, "discussion"),
        state=PostState.REMOVED,
        appeal="y",
        appealed_at=now - timedelta(hours=1),
        appeal_decided_at=now,
        **decided,
    )
    client.force_login(teacher(run))
    assert shown(client) == []


def test_nobody_is_stuck_in_a_run_that_is_over(client, course, cohort, teacher):
    now = timezone.now()
    over = cohort(starts_at=now - timedelta(days=60), ends_at=now - timedelta(days=1))
    Enrolment.objects.create(user=UserFactory(), run=over, last_seen_at=now - timedelta(days=20))
    client.force_login(teacher(over))
    assert shown(client) == []


def test_a_broken_kind_of_another_package_takes_nothing_else_away(
    client, waiting, run, teacher, monkeypatch
):
    class Broken:
        has_desk = True

        def needs(self, cohorts, now):
            raise registry.KindFailed("broken")

    kinds = [*registry.all_kinds(), Broken()]
    monkeypatch.setattr(registry, "all_kinds", lambda: kinds)
    client.force_login(teacher(run))
    assert len(shown(client)) == 7


@pytest.fixture
def many(course, cohort, manager):
    now, day = timezone.now(), timedelta(days=1)
    return {
        "running": cohort(name="กำลังเรียน", starts_at=now - day, ends_at=now + day),
        "upcoming": cohort(name="ยังไม่เริ่ม", starts_at=now + day, ends_at=now + 2 * day),
        "ended": cohort(name="จบแล้ว", starts_at=now - 2 * day, ends_at=now - day),
    }


def names(client, **query) -> set[str]:
    rows = client.get(reverse("teach_runs"), query).context["runs"]
    return {row["name"] for row in rows if row["name"]}


def test_runs_are_filtered_by_time_words_and_whose_they_are(client, many, manager):
    client.force_login(manager)
    assert names(client) == {run.name for run in many.values()}
    for when, run in many.items():
        assert names(client, when=when) == {run.name}
    assert names(client, q="จบ") == {"จบแล้ว"}
    assert len(names(client, q="DESK")) == 3
    assert names(client, q="ไม่มีคำนี้") == set()
    assert "ไม่มีคำนี้" in client.get(reverse("teach_runs"), {"q": "ไม่มีคำนี้"}).text
    many["ended"].instructors.add(manager)
    assert names(client, mine="1") == {"จบแล้ว"}
    tabs = client.get(reverse("teach_runs")).context["tabs"]
    assert [tab["count"] for tab in tabs[2:]] == [1, 1]


def test_the_desk_costs_the_same_for_few_and_many_runs(client, waiting, course, run, manager):
    client.force_login(manager)

    def queries() -> int:
        client.get(reverse("teach_runs"))
        with CaptureQueriesContext(connection) as captured:
            response = client.get(reverse("teach_runs"))
        assert len(response.content) < 60_000
        return len(captured)

    few = queries()
    CourseRun.objects.bulk_create(
        CourseRun(course=course.translation_key, pacing="cohort", name=f"รุ่น {n}") for n in range(60)
    )
    assert queries() == few <= 15
