"""Progress in minutes, and completion."""

import pytest
from django.core import mail

from activities.core import decisions
from activities.core.enums import State
from activities.core.models import Participation
from activities.core.record import record
from courses.enrolment.enrol import enrol, enrolment_in, leave
from courses.enrolment.models import Enrolment
from courses.enrolment.progress import (
    course_completed,
    minutes_done,
    next_item,
    percent_done,
    rebuild,
    totals,
)
from tests.factories.courses import state_of
from tests.factories.people import UserFactory


def outline(*items) -> dict:
    """Items as (key, lecture, active, neutral, required)."""
    names = ("key", "lecture", "active", "neutral", "required")
    return {"items": [dict(zip(names, item, strict=True)) for item in items]}


COURSE = outline(
    ("l", 25, 0, 0, True), ("w", 0, 20, 0, True), ("q", 0, 0, 5, True), ("x", 0, 0, 0, False)
)


def test_a_part_done_item_counts_by_its_per_cent():
    done = minutes_done(COURSE, {"l": 100, "w": 50})
    assert (done.lecture_done, done.active_done, done.neutral_done) == (25, 10, 0)
    assert (done.done, done.total, done.left) == (35, 50, 15)
    assert percent_done(COURSE, {"l": 100, "w": 50}) == 70


def test_hundred_per_cent_means_that_all_required_is_done():
    assert percent_done(COURSE, {"l": 100, "w": 100, "q": 99}) == 98
    assert percent_done(COURSE, {"l": 100, "w": 100, "q": 100}) == 100
    assert percent_done(COURSE, {}) == 0


def test_what_comes_next_is_required_first():
    assert next_item(COURSE, {"l": 100})["key"] == "w"
    assert next_item(COURSE, {"l": 100, "w": 100, "q": 100})["key"] == "x"
    assert next_item(COURSE, dict.fromkeys("lwqx", 100)) is None


def test_the_legend_rounds_and_counts():
    legend = totals(COURSE, {"l": 100})
    assert (legend["total"], legend["lecture_percent"], legend["active_percent"]) == (50, 50, 40)
    assert legend["lecture_done"] == 25


def participation(enrolment, slug: str) -> Participation:
    release = state_of_run(enrolment)
    entry = next(i for i in release.outline["items"] if i["slug"] == slug)
    version = release.items.get(version__item=entry["key"]).version
    return Participation.objects.create(
        user=enrolment.user,
        seat=enrolment.seat,
        cohort=enrolment.run.key,
        item=version.item,
        version=version,
    )


def state_of_run(enrolment):
    from courses.releases.delivery import current_release

    return current_release(enrolment.run.course)


def test_what_is_recorded_in_an_item_shows_at_the_enrolment(enrolment):
    lesson = participation(enrolment, "l1")
    record(lesson, progress=40)
    enrolment.refresh_from_db()
    assert enrolment.progress == {str(lesson.item): 40}
    record(lesson, state=State.COMPLETED)
    enrolment.refresh_from_db()
    assert enrolment.progress == {str(lesson.item): 100}
    assert 0 < enrolment.percent < 100


def test_what_somebody_else_does_is_no_visit_of_the_learner(enrolment):
    lesson = participation(enrolment, "l1")
    record(lesson, progress=20)
    enrolment.refresh_from_db()
    seen, here = enrolment.last_seen_at, lesson.last_seen_at
    record(lesson, progress=40, visit=False)
    enrolment.refresh_from_db()
    lesson.refresh_from_db()
    assert enrolment.progress == {str(lesson.item): 40}
    assert (enrolment.last_seen_at, lesson.last_seen_at) == (seen, here)
    decisions.excuse(lesson, "เรียนเรื่องนี้มาแล้วจากหลักสูตรอื่น", UserFactory())
    enrolment.refresh_from_db()
    assert (enrolment.progress[str(lesson.item)], enrolment.last_seen_at) == (100, seen)


def test_the_course_completes_once_when_all_is_done(enrolment):
    told = []

    def listener(sender, enrolment, **kwargs):
        told.append(enrolment.pk)

    course_completed.connect(listener)
    try:
        for slug in ("l1", "l2", "a1", "a2"):
            record(participation(enrolment, slug), state=State.COMPLETED)
        record(Participation.objects.get(item=last_item(enrolment)), score=80)
    finally:
        course_completed.disconnect(listener)
    enrolment.refresh_from_db()
    assert (enrolment.percent, enrolment.state) == (100, "completed")
    assert enrolment.completed_at is not None
    assert told == [enrolment.pk]


def last_item(enrolment):
    return state_of_run(enrolment).outline["items"][-1]["key"]


def test_the_copy_can_be_made_anew(enrolment):
    record(participation(enrolment, "l1"), state=State.COMPLETED)
    enrolment.refresh_from_db()
    before = enrolment.progress, enrolment.percent
    Enrolment.objects.update(progress={"x": 1}, percent=0)
    enrolment.refresh_from_db()
    rebuild(enrolment)
    enrolment.refresh_from_db()
    assert (enrolment.progress, enrolment.percent) == before


def test_enrolling_twice_is_one_enrolment_and_one_mail(
    learner, course, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        first = enrol(learner, course.translation_key)
        second = enrol(learner, course.translation_key)
    assert first == second
    assert [message.to for message in mail.outbox] == [[learner.email]]
    assert "/th/learn/course/" in mail.outbox[0].body


def test_leaving_and_returning_keeps_what_was_done(enrolment, learner, course):
    record(participation(enrolment, "l1"), state=State.COMPLETED)
    leave(enrolment)
    assert enrolment_in(learner, course.translation_key) is None
    again = enrol(learner, course.translation_key)
    assert again.pk == enrolment.pk
    assert 100 in again.progress.values()


def test_nobody_enrols_in_what_is_not_on_offer(learner, course):
    from activities.core.errors import Refused
    from courses.releases.settle import settle

    course.unpublish()
    settle(course.translation_key)
    with pytest.raises(Refused) as refusal:
        enrol(learner, course.translation_key)
    assert (refusal.value.code, refusal.value.status) == ("not_offered", 409)
    assert state_of(course).status == "withdrawn"
