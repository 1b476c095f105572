"""Grades follow scores; completion waits for pass marks; changes reach whom they should."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import translation

from activities.core import decisions
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Notification
from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from courses.grades import change, completion, grading, privacy
from courses.grades.models import Grade, GradeOverride, GradeRules, Recalculation, scheme_of
from courses.grades.override import override, standing, take_back
from courses.grades.recalculate import now
from courses.grades.scheme import DEFAULT, ItemRule, Scheme
from tests.factories.courses import enrolled
from tests.factories.people import UserFactory

D = Decimal
WHY = "เพราะตรวจพบว่าคะแนนผิด"


def rules(run, scheme, number=1) -> GradeRules:
    from courses.grades.scheme import to_json

    return GradeRules.objects.create(
        course=run.course, run=run, number=number, rules=to_json(scheme), reason=WHY
    )


def value_of(enrolment) -> Decimal | None:
    found = Grade.objects.filter(enrolment=enrolment).first()
    return found and found.value


def test_the_grade_follows_each_score(enrolment, does):
    does(enrolment, "l1")
    assert value_of(enrolment) is None
    does(enrolment, "a1", "80")
    assert value_of(enrolment) == 80
    does(enrolment, "a2", "90")
    grade = Grade.objects.get()
    assert (grade.value, grade.pending) == (85, 1)


def test_the_learner_is_told_once_all_is_scored_and_when_it_changes(enrolment, does):
    does(enrolment, "a1", "80")
    does(enrolment, "a2", "80")
    assert not Notification.objects.filter(kind="graded").exists()
    participation = does(enrolment, "a3", "80")
    assert Notification.objects.filter(kind="graded").count() == 1
    decisions.override(participation, D(50), WHY, None)
    assert Notification.objects.filter(kind="grade_changed").count() == 1
    decisions.override(participation, D(50), WHY, None)
    assert Notification.objects.filter(kind="grade_changed").count() == 1


def test_excused_from_an_item(enrolment, does):
    does(enrolment, "a1", "80")
    participation = does(enrolment, "a2", state=State.IN_PROGRESS)
    decisions.excuse(participation, WHY, None)
    assert Grade.objects.get().scores[str(participation.item)]["x"]
    assert value_of(enrolment) == 80


def test_everything_done_is_not_complete_below_a_pass_mark(enrolment, run, keys, does, release):
    rules(run, Scheme(pass_mark=D(60), items={keys["a1"]: ItemRule(pass_mark=D(70))}))
    for slug, score in (("l1", None), ("a1", "50"), ("a2", "50"), ("a3", "50")):
        does(enrolment, slug, score)
    assert (enrolment.percent, enrolment.state) == (99, "active")
    assert not Certificate.objects.exists()
    with translation.override("en"):
        found = completion.why_not(enrolment, release.outline, "th")
    assert [row["text"] for row in found] == [
        "The score is 50; at least 70 is needed.",
        "The grade is 50; at least 60 is needed.",
    ]
    assert found[0]["url"].endswith("/learn/course/a1/")
    does(enrolment, "a1", "70")
    assert enrolment.percent == 99  # the grade is 56.67
    does(enrolment, "a2", "90")
    assert (enrolment.percent, enrolment.state) == (100, "completed")
    assert Certificate.objects.filter(enrolment=enrolment).count() == 1
    assert completion.why_not(enrolment, release.outline, "th") == []


def test_exactly_at_the_mark_is_a_pass(enrolment, run, does):
    rules(run, Scheme(pass_mark=D(60)))
    for slug, score in (("l1", None), ("a1", "60"), ("a2", "59.9999"), ("a3", "60")):
        does(enrolment, slug, score)
    assert enrolment.percent == 99
    does(enrolment, "a2", "60")
    assert enrolment.percent == 100


def test_who_is_excused_needs_no_pass_mark_there(enrolment, run, keys, does):
    rules(run, Scheme(items={keys["a2"]: ItemRule(pass_mark=D(70))}))
    participation = does(enrolment, "a2", state=State.IN_PROGRESS)
    for slug, score in (("l1", None), ("a1", "50"), ("a3", "50")):
        does(enrolment, slug, score)
    assert enrolment.percent < 100
    decisions.excuse(participation, WHY, None)
    enrolment.refresh_from_db()
    assert enrolment.percent == 100


def test_why_not_yet_lists_what_is_required_with_its_state(enrolment, does, release):
    does(enrolment, "a2", state=State.WAITING)
    with translation.override("en"):
        found = completion.why_not(enrolment, release.outline, "th")
    assert [row["text"] for row in found] == [
        "Not begun yet. It is required.",
        "Not begun yet. It is required.",
        "You have done your part; this waits for others.",
        "Not begun yet. It is required.",
    ]


# -- set by hand --------------------------------------------------------------------------------


def test_a_grade_set_by_hand_stands_and_can_complete_the_course(enrolment, run, does, instructor):
    rules(run, Scheme(pass_mark=D(60)))
    for slug, score in (("l1", None), ("a1", "50"), ("a2", "50"), ("a3", "50")):
        does(enrolment, slug, score)
    seen = enrolment.last_seen_at
    made = override(enrolment, D(75), WHY, instructor)
    enrolment.refresh_from_db()
    assert (made.before, value_of(enrolment), enrolment.percent) == (50, 75, 100)
    assert enrolment.last_seen_at == seen
    does(enrolment, "a1", "90")
    grade = Grade.objects.get()
    assert (grade.value, grade.is_set, grade.computed) == (75, True, D("63.33333"))
    assert take_back(made, instructor) is True
    assert take_back(made, instructor) is False
    grade.refresh_from_db()
    assert (grade.value, grade.is_set) == (D("63.33333"), False)
    assert Notification.objects.filter(kind="grade_changed").count() == 2


def test_a_second_override_takes_the_place_of_the_first(enrolment, instructor):
    override(enrolment, D(70), WHY, instructor)
    override(enrolment, D(80), WHY, instructor)
    assert [o.value for o in standing(enrolment)] == [80]
    assert [(o.value, o.before) for o in GradeOverride.objects.all()] == [(80, 70), (70, None)]


@pytest.mark.parametrize(
    "language, said",
    [
        ("en", "Give a reason of at least 10 characters: the learner may read it."),
        ("th", "ระบุเหตุผล"),
    ],
)
def test_an_override_needs_a_reason(enrolment, instructor, language, said):
    with translation.override(language), pytest.raises(Refused) as refused:
        override(enrolment, D(70), "no", instructor)
    assert said in refused.value.message or language == "th"
    assert not GradeOverride.objects.exists()
    assert not Grade.objects.exists()


@pytest.mark.parametrize(
    "values, name",
    [
        ({"value": 101, "reason": WHY}, "a_grade_set_by_hand_is_0_to_100"),
        ({"value": 50, "reason": ""}, "a_grade_set_by_hand_has_a_reason"),
    ],
)
def test_the_database_refuses_it_too(enrolment, values, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        GradeOverride.objects.create(enrolment=enrolment, **values)


# -- changing rules -----------------------------------------------------------------------------


@pytest.fixture
def done(enrolment, does):
    """Somebody who has completed the course with 50 in everything."""
    for slug, score in (("l1", None), ("a1", "50"), ("a2", "50"), ("a3", "50")):
        does(enrolment, slug, score)
    assert enrolment.percent == 100
    return enrolment


def commit(capture, function, *args, **kwargs):
    with capture(execute=True):
        return function(*args, **kwargs)


def test_stricter_rules_leave_a_run_that_has_begun_alone(
    done, run, instructor, django_capture_on_commit_callbacks
):
    strict = Scheme(pass_mark=D(80))
    found = commit(
        django_capture_on_commit_callbacks, change.change_course, run.course, strict,
        by=instructor, based_on=0,
    )  # fmt: skip
    assert (found["keep"], found["follow"]) == ([run], [])
    assert scheme_of(run) == DEFAULT
    assert GradeRules.objects.get(run=run).kept
    assert not Recalculation.objects.exists()


def test_easier_rules_reach_it(
    enrolment, run, does, instructor, django_capture_on_commit_callbacks
):
    strict = Scheme(pass_mark=D(80))
    change.change_course(run.course, strict, by=instructor, based_on=0)
    for slug, score in (("l1", None), ("a1", "50"), ("a2", "50"), ("a3", "50")):
        does(enrolment, slug, score)
    assert enrolment.percent == 99
    found = commit(
        django_capture_on_commit_callbacks, change.change_course, run.course,
        replace(strict, pass_mark=D(50)), by=instructor, based_on=1,
    )  # fmt: skip
    assert found["follow"] == [run]
    enrolment.refresh_from_db()
    assert enrolment.percent == 100
    job = Recalculation.objects.get()
    assert (job.state, job.done, job.total, job.completed) == ("done", 1, 1, 1)
    assert job.before == {"graded": 1, "passed": 1, "completed": 0}
    assert job.after == {"graded": 1, "passed": 1, "completed": 1}
    assert Certificate.objects.filter(enrolment=enrolment).exists()


def test_a_run_of_its_own_rules_no_longer_follows(
    done, run, instructor, django_capture_on_commit_callbacks
):
    job = commit(
        django_capture_on_commit_callbacks, change.change_run, run, Scheme(pass_mark=D(80)),
        by=instructor, based_on=0, reason=WHY,
    )  # fmt: skip
    job.refresh_from_db()
    assert (job.state, job.kept, job.completed) == ("done", 1, 0)
    done.refresh_from_db()
    assert (done.percent, done.state) == (100, "completed")
    assert Grade.objects.get().remark == Grade.Remark.BELOW
    found = change.change_course(run.course, DEFAULT, by=instructor, based_on=0)
    assert found["keep"] == [run]
    commit(
        django_capture_on_commit_callbacks, change.change_run, run, Scheme(pass_mark=D(40)),
        by=instructor, based_on=1, reason=WHY,
    )  # fmt: skip
    assert Grade.objects.get().remark == ""


def test_a_runs_rules_need_a_reason(run, instructor):
    with pytest.raises(Refused) as refused:
        change.change_run(run, DEFAULT, by=instructor, based_on=0, reason=" ")
    assert refused.value.code == "no_reason"


def test_two_authors_do_not_overwrite_one_another(run, instructor):
    change.change_course(run.course, DEFAULT, by=instructor, based_on=0)
    with translation.override("en"), pytest.raises(Refused) as refused:
        change.change_course(run.course, Scheme(pass_mark=D(60)), by=instructor, based_on=0)
    assert (refused.value.status, refused.value.message) == (
        409,
        "Somebody else has changed these rules meanwhile. Look at them and save yours again.",
    )


def test_the_effect_is_known_before(done, run, release, course, does):
    other = enrolled(UserFactory(), course)
    does(other, "a1", "90")
    found = change.effect(run, release.outline, Scheme(pass_mark=D(60)))
    assert (found.people, found.changed, found.kept) == (2, 0, 1)
    assert (found.passed_before, found.passed_after) == (0, 1)
    assert (found.completed_before, found.completed_after) == (1, 1)
    assert GradeRules.objects.count() == 0


def test_a_recalculation_goes_on_where_it_stopped(run, course, does, monkeypatch):
    from courses.grades import recalculate

    monkeypatch.setattr(recalculate, "BATCH", 2)
    people = [enrolled(UserFactory(), course) for _n in range(5)]
    for enrolment in people:
        does(enrolment, "a1", "40")
    Grade.objects.update(value=None, computed=None)
    job = Recalculation.objects.create(run=run, total=5)
    assert recalculate.batch(job, DEFAULT, recalculate.served_release(run.course)) == 2
    assert Grade.objects.filter(value=40).count() == 2
    from courses.grades.tasks import recalculate_grades

    recalculate_grades(job.pk)
    recalculate_grades(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.changed, job.percent) == ("done", 5, 5, 100)
    assert len(job.changes) == 5
    assert Grade.objects.filter(value=40).count() == 5


def test_a_recalculation_that_fails_says_so(run, enrolment, monkeypatch):
    from courses.grades import recalculate

    def broken(*args):
        raise RuntimeError

    monkeypatch.setattr(recalculate, "recalculate", broken)
    with pytest.raises(RuntimeError):
        now(run)
    assert Recalculation.objects.get().state == "failed"


def test_the_command_makes_lost_grades_anew(done, run):
    Grade.objects.all().delete()
    out = StringIO()
    call_command("recalculate_grades", stdout=out)
    assert value_of(done) == 50
    assert f"run {run.pk}: 1 people, 1 changed" in out.getvalue()
    call_command("recalculate_grades", course="course", run=run.pk, stdout=out)
    with pytest.raises(CommandError, match="There is no course nothing"):
        call_command("recalculate_grades", course="nothing")
    with pytest.raises(CommandError, match="no such run"):
        call_command("recalculate_grades", run=run.pk + 1000)


def test_closing_counts_what_is_missing_for_those_without_more_time(
    run, enrolment, course, does, keys, time_machine
):
    from datetime import datetime, timedelta

    from activities.core.models import PhaseDates
    from courses.grades.tasks import recalculate_closed

    noon = datetime(2026, 11, 20, 5, tzinfo=UTC)
    time_machine.move_to(noon, tick=False)
    rules(run, Scheme(missing="zero"))
    for item in ("a2", "a3"):
        PhaseDates.objects.create(
            cohort=run.key, item=keys[item], phase="x", closes_at=noon + timedelta(hours=1)
        )
    other = enrolled(UserFactory(), course)
    for person in (enrolment, other):
        participation = does(person, "a2", state=State.IN_PROGRESS)
        does(person, "a1", "90")
    assert value_of(enrolment) == 90
    decisions.extend(participation, noon + timedelta(days=3), WHY, None)
    time_machine.move_to(noon + timedelta(hours=1), tick=False)
    scheme = scheme_of(run)
    closed = grading.Closed(scheme, run, [enrolment.seat, other.seat], noon + timedelta(hours=1))
    assert closed.of(enrolment.seat) == {keys["a2"], keys["a3"]}
    assert closed.of(other.seat) == {keys["a3"]}
    assert recalculate_closed() == 1
    assert (value_of(enrolment), value_of(other)) == (30, 45)


def test_what_is_known_about_a_person_and_what_is_forgotten(done, learner, instructor):
    override(done, D(75), WHY, instructor)
    [row] = privacy.export(learner)
    assert (row["grade"], row["computed"], row["set_by_hand"][0]["reason"]) == ("75", "50", WHY)
    assert privacy.export(instructor) == []
    privacy.erase(learner)
    privacy.erase(learner)
    assert privacy.export(learner)[0]["set_by_hand"][0]["reason"] == "–"
    assert Enrolment.objects.filter(user=learner).exists()
