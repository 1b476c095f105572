"""Two people at the same moment, each on a connection of their own."""

import threading
import time

import pytest
from django.db import OperationalError, close_old_connections, connection

from courses.catalogue.models import CoursePage
from courses.releases.models import CourseRelease
from courses.releases.settle import settle
from tests.factories.courses import add_lesson
from tests.paths import invariant
from tests.paths.site import build

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def at_once(*functions) -> list:
    """Run each in a thread of its own, all let go together. SQLite lets one write at a time: who is
    told to wait tries again, as a person does. Returns what went wrong."""
    gate, errors = threading.Barrier(len(functions)), []

    def run(function):
        close_old_connections()
        try:
            gate.wait(timeout=10)
            for attempt in range(20):
                try:
                    function()
                    break
                except OperationalError:
                    if attempt == 19:
                        raise
                    time.sleep(0.1)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return errors


def test_two_lessons_that_fit_alone_but_not_together():
    site = build()
    pages = [add_lesson(site.course, slug, 4, live=False) for slug in ("x", "y")]
    for page in pages:
        page.save_revision()

    def publish(page):
        def go():
            type(page).objects.get(pk=page.pk).get_latest_revision().publish()

        return go

    assert at_once(*[publish(page) for page in pages]) == []
    settle(site.course.translation_key)
    invariant.holds(serve=False)
    offered = site.state.current
    assert offered.lecture in (25, 29)


def test_one_publishes_more_lecture_while_another_takes_the_activity_away():
    site = build()
    site.draft(site.lesson, minutes=30)
    lesson, activity = site.lesson, site.activity

    def publish():
        type(lesson).objects.get(pk=lesson.pk).get_latest_revision().publish()

    def take_away():
        type(activity).objects.get(pk=activity.pk).unpublish()

    assert at_once(publish, take_away) == []
    settle(site.course.translation_key)
    invariant.holds(serve=False)
    assert site.state.current is None


def test_settling_twice_at_once_makes_one_release():
    site = build()
    lesson = site.lesson
    lesson.minutes = 26
    type(lesson).objects.filter(pk=lesson.pk).update(minutes=26)
    key = site.course.translation_key
    assert at_once(lambda: settle(key), lambda: settle(key)) == []
    settle(key)
    numbers = list(CourseRelease.objects.filter(course=key).values_list("number", flat=True))
    assert sorted(numbers) == [1, 2]
    assert CoursePage.objects.get(pk=site.course.pk).live
