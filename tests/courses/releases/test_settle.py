"""What is on offer follows the pages, and never falls below 40 %."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import Page

from activities.core.models import ItemVersion
from courses.catalogue.models import CoursePage, LessonPage
from courses.releases.delivery import current_release, state_by_slug
from courses.releases.models import CourseRelease, CourseState
from courses.releases.settle import settle, settle_all
from tests.factories.courses import (
    add_activity,
    add_lesson,
    child,
    forget_settling,
    make_course,
    state_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return make_course("course", lectures=[25], actives=["role_play_solo"])


def after(course, capture, change):
    """Make a change as a request does: what waits for the commit runs."""
    forget_settling()  # of what the test prepared
    with capture(execute=True):
        change()
    return state_of(course)


def test_a_published_course_gets_a_release_with_its_items_in_order(course):
    release = state_of(course).current
    assert (release.number, release.lecture, release.active, release.neutral) == (1, 25, 20, 0)
    assert [item["slug"] for item in release.outline["items"]] == ["l1", "a1"]
    assert [entry.version.kind for entry in release.items.select_related("version")] == [
        "lesson",
        "role_play_solo",
    ]
    assert state_by_slug("course").current == release


def test_signals_settle_after_the_commit_once(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        course = make_course("course", offered=False)
    settling = [c for c in callbacks if getattr(c, "settles", None) == course.translation_key]
    assert len(settling) == 1
    state = state_of(course)
    assert (state.status, state.dirty) == ("offered", False)
    assert CourseRelease.objects.count() == 1


@pytest.mark.parametrize("minutes", [(61, 39, 0), (50, 35, 15), (181, 120, 0), (0, 0, 0)])
def test_the_database_refuses_a_release_below_the_rule(minutes):
    lecture, active, neutral = minutes
    release = CourseRelease(
        course="0" * 32,
        number=1,
        lecture=lecture,
        active=active,
        neutral=neutral,
        outline={},
        texts={},
        digest="x",
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseRelease.objects.bulk_create([release])


def test_the_database_refuses_to_lower_a_release_that_stands(course):
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseRelease.objects.update(lecture=200)


def test_a_heavy_lesson_holds_the_change_and_learners_keep_their_release(
    course, django_capture_on_commit_callbacks
):
    before = state_of(course).current
    state = after(
        course, django_capture_on_commit_callbacks, lambda: add_lesson(course, "heavy", 200)
    )
    assert (state.status, state.current) == ("held", before)
    assert state.problems[0]["code"] == "unbalanced"
    assert "225" in state.problems[0]["en"]
    assert "225" in state.problems[0]["th"]
    assert current_release(course.translation_key) == before


def test_the_change_that_restores_the_balance_releases_both(
    course, django_capture_on_commit_callbacks
):
    after(course, django_capture_on_commit_callbacks, lambda: add_lesson(course, "l2", 30))
    state = after(
        course, django_capture_on_commit_callbacks, lambda: add_activity(course, "workshop", "w1")
    )
    assert (state.status, state.problems, state.current.number) == ("offered", [], 2)
    assert (state.current.lecture, state.current.active) == (55, 80)


def test_unpublishing_an_activity_that_the_course_needs_withdraws_it(
    course, django_capture_on_commit_callbacks
):
    state = after(
        course, django_capture_on_commit_callbacks, lambda: child(course, "a1").unpublish()
    )
    assert (state.status, state.current) == ("withdrawn", None)
    assert not CoursePage.objects.get().live
    assert state_by_slug("course") is None


def test_unpublishing_a_lesson_makes_a_release_without_it(
    course, django_capture_on_commit_callbacks
):
    state = after(
        course, django_capture_on_commit_callbacks, lambda: child(course, "l1").unpublish()
    )
    assert state.status == "offered"
    assert [item["slug"] for item in state.current.outline["items"]] == ["a1"]


def test_unpublishing_the_course_takes_it_off_offer(course, django_capture_on_commit_callbacks):
    state = after(course, django_capture_on_commit_callbacks, course.unpublish)
    assert (state.status, state.current) == ("withdrawn", None)


def test_deleting_an_activity_withdraws_and_what_was_released_stays_readable(
    course, django_capture_on_commit_callbacks
):
    activity = child(course, "a1")
    state = after(course, django_capture_on_commit_callbacks, activity.delete)
    assert state.status == "withdrawn"
    version = ItemVersion.objects.get(item=activity.translation_key)
    assert version.page("th").title == activity.title


def test_deleting_the_course_withdraws_it(course, django_capture_on_commit_callbacks):
    state = after(course, django_capture_on_commit_callbacks, course.delete)
    assert (state.status, state.current) == ("withdrawn", None)


def test_moving_an_activity_to_another_course_settles_both(
    course, django_capture_on_commit_callbacks
):
    other = make_course("other", lectures=[25], actives=["discussion"])
    activity = child(course, "a1")
    activity.slug = "moved"
    activity.save()
    state = after(
        course,
        django_capture_on_commit_callbacks,
        lambda: Page.objects.get(pk=activity.pk).move(other, "last-child"),
    )
    assert state.status == "withdrawn"
    assert state_of(other).current.active == 55


def test_a_new_order_is_a_new_release(course, django_capture_on_commit_callbacks):
    first, last = child(course, "l1"), child(course, "a1")
    state = after(
        course,
        django_capture_on_commit_callbacks,
        lambda: Page.objects.get(pk=last.pk).move(Page.objects.get(pk=first.pk), "left"),
    )
    assert [item["slug"] for item in state.current.outline["items"]] == ["a1", "l1"]


def test_an_update_that_sends_no_signal_is_caught_by_the_sweep(course):
    before = state_of(course).current
    LessonPage.objects.filter(slug="l1").update(minutes=300)
    assert settle_all() == {"held": 1}
    assert state_of(course).current == before
    LessonPage.objects.filter(slug="l1").update(minutes=24)
    assert settle_all() == {"offered": 1}
    assert state_of(course).current.lecture == 24


def test_raw_unpublishing_is_caught_by_the_sweep(course):
    Page.objects.filter(pk=child(course, "a1").pk).update(live=False)
    assert settle_all() == {"withdrawn": 1}


def test_an_activity_that_expires_withdraws(course, django_capture_on_commit_callbacks):
    from django.core.management import call_command

    page = child(course, "a1")
    page.expire_at = timezone.now() - timezone.timedelta(minutes=1)
    page.save()
    state = after(
        course,
        django_capture_on_commit_callbacks,
        lambda: call_command("publish_scheduled", verbosity=0),
    )
    assert state.status == "withdrawn"


def test_saving_without_validation_does_not_get_round_the_rule(
    course, django_capture_on_commit_callbacks
):
    before = state_of(course).current
    lesson = child(course, "l1")
    lesson.minutes = 300
    state = after(course, django_capture_on_commit_callbacks, lambda: lesson.save(clean=False))
    assert (state.status, state.current) == ("held", before)


def test_publishing_again_without_a_change_makes_no_release(
    course, django_capture_on_commit_callbacks
):
    before = state_of(course).current
    state = after(
        course,
        django_capture_on_commit_callbacks,
        lambda: child(course, "l1").save_revision().publish(),
    )
    assert state.current == before
    assert CourseRelease.objects.count() == 1


def test_an_item_that_did_not_change_keeps_its_version(course, django_capture_on_commit_callbacks):
    after(course, django_capture_on_commit_callbacks, lambda: add_lesson(course, "l2", 1))
    assert CourseRelease.objects.count() == 2
    assert ItemVersion.objects.count() == 3


def test_minutes_above_what_is_required_are_not_credited_and_hold_the_course():
    course = make_course("course", lectures=[10], actives=[("role_play_solo", 200)], offered=False)
    state = settle(course.translation_key)
    assert (state.status, state.current) == ("draft", None)
    assert [problem["code"] for problem in state.problems] == ["over_ceiling"]


def test_the_same_task_twice_is_refused():
    course = make_course(
        "course", lectures=[10], actives=["role_play_solo", "role_play_solo"], offered=False
    )
    state = settle(course.translation_key)
    assert state.current is None
    assert [problem["code"] for problem in state.problems] == ["duplicate"]


def test_an_optional_activity_counts_nothing():
    course = make_course("course", lectures=[25], offered=False)
    page = child(course, "a1")
    page.required = False
    page.save_revision().publish()
    state = settle(course.translation_key)
    assert state.current is None
    assert state.problems[0]["code"] == "unbalanced"


def test_a_release_and_a_version_never_change(course):
    release = state_of(course).current
    release.lecture = 1
    with pytest.raises(ValidationError):
        release.save()
    version = ItemVersion.objects.first()
    with pytest.raises(ValidationError):
        version.save()


def test_both_languages_are_in_one_release():
    course = make_course("course", english=True)
    release = state_of(course).current
    assert sorted(release.texts) == ["en", "th"]
    assert sorted(release.outline["items"][1]["titles"]) == ["en", "th"]
    assert CourseState.objects.count() == 1


def test_settling_again_and_again_finds_nothing_new():
    course = make_course("course", actives=["role_play_solo", "discussion", "workshop"])
    for _n in range(3):
        settle_all()
    assert state_of(course).current.number == 1
    assert CourseRelease.objects.count() == 1
    assert ItemVersion.objects.count() == 4
