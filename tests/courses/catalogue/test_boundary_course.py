"""The directors' course stands exactly on the boundary of the rule: one minute decides."""

import shutil
from pathlib import Path

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from django.utils import translation
from wagtail.users.models import UserProfile

from activities.core import registry
from courses import catalogue
from courses.catalogue.course_file import import_courses
from courses.catalogue.models import CoursePage, LessonPage
from courses.releases.models import CourseRelease, CourseState
from courses.releases.settle import settle
from tests.factories import files
from tests.factories.courses import child, forget_settling
from tests.factories.people import UserFactory
from tests.factories.site import imported
from tests.paths.paths import bulk, edit
from tests.paths.site import Site

pytestmark = pytest.mark.django_db

DATA = Path(catalogue.__file__).parent / "data"
FILE = DATA / "dm-210.yaml"
SLUG = "leading-digital-change"
RULE = "The rule: lecture at most 60 per cent and other methods at least 40 per cent."
TOO_MUCH_LECTURE = (
    "Cannot publish yet: too much lecturing. Lecture 151 minutes (60.16 per cent), activities 100 "
    f"minutes (39.84 per cent) of 251 minutes in all. {RULE} What to do: add at least 1 minutes "
    "of activity or cut at least 1 minutes of lecture."
)
TOO_LITTLE_DOING = (
    "Cannot publish yet: too much lecturing. Lecture 150 minutes (60.24 per cent), activities 99 "
    f"minutes (39.76 per cent) of 249 minutes in all. {RULE} What to do: add at least 1 minutes "
    "of activity or cut at least 2 minutes of lecture."
)
# (item, its minutes one off, what the author reads)
ONE_OFF = [("dm-l1", 31, TOO_MUCH_LECTURE), ("dm-w1", 49, TOO_LITTLE_DOING)]


@pytest.fixture
def course() -> CoursePage:
    imported(FILE.name)
    forget_settling()
    return CoursePage.objects.get(slug=SLUG, locale__language_code="th")


@pytest.fixture
def site(course) -> Site:
    user = UserFactory(is_superuser=True, preferred_language="en")
    UserProfile.objects.create(user=user, preferred_language="en")
    admin = Client()
    admin.force_login(user)
    return Site(course=course, admin=admin, user=user, release=the_state().current)


def the_state() -> CourseState:
    return CourseState.objects.select_related("current").get(slug=SLUG)


def minutes(release) -> tuple[int, int, int]:
    return release.lecture, release.active, release.neutral


def said(site, response) -> str:
    page = site.admin.get(response.url) if response.status_code == 302 else response
    return " ".join(str(message) for message in page.context["messages"])


def still_on_offer(release) -> None:
    """The last release is what learners get, with its minutes."""
    assert the_state().current == release
    assert CourseRelease.objects.filter(course=release.course).count() == 1
    assert minutes(the_state().current) == (150, 100, 0)
    with translation.override("en"):
        page = Client().get(reverse("course", args=[SLUG]), follow=True)
    assert page.status_code == 200
    assert "Leading digital change in a bureau" in page.content.decode()


def test_sixty_to_forty_is_on_offer(course):
    state = the_state()
    assert (state.status, state.problems) == ("offered", [])
    assert minutes(state.current) == (150, 100, 0)
    assert (state.current.mix.add_active, state.current.mix.cut_lecture) == (0, 0)


def test_the_course_holds_nothing_that_its_author_would_be_asked_about(course):
    """No page of it declares more than its content makes plausible, or than it requires."""
    for page in course.get_children().specific():
        kind = registry.get(page.kind_name)
        assert (kind.problems(page), kind.remarks(page)) == ([], []), page.title


def test_every_text_stands_in_both_languages_and_lessons_are_full(course):
    lessons = LessonPage.objects.filter(slug__startswith="dm-l")
    assert lessons.count() == 10
    for lesson in lessons:
        assert lesson.minutes == 30
        thai = sum("\u0e00" <= c <= "\u0e7f" for c in str(lesson.body.raw_data[:]))
        if lesson.locale.language_code == "th":
            assert thai >= 3500
        else:
            assert thai == 0, lesson.title


@pytest.mark.parametrize(("item", "one_off", "message"), ONE_OFF)
def test_a_file_one_minute_off_leaves_the_last_release_on_offer(
    course, tmp_path, item, one_off, message
):
    release = the_state().current
    shutil.copytree(DATA / "figures", tmp_path / "figures")
    data = files.whole("dm-210.yaml")
    next(i for i in data["courses"][0]["items"] if i["key"] == item)["minutes"] = one_off
    file = tmp_path / "course.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")

    import_courses(file)
    state = settle(course.translation_key)

    assert state.status == "held"
    assert [problem["en"] for problem in state.problems] == [message]
    still_on_offer(release)


@pytest.mark.parametrize(("item", "one_off", "message"), ONE_OFF)
def test_publishing_one_minute_off_is_refused_in_the_authoring_site(site, item, one_off, message):
    page = child(site.course, item)
    before = page.minutes
    site.draft(page, minutes=one_off)

    text = said(site, bulk(site, "publish", page))

    assert message in text
    assert child(site.course, item).minutes == before
    assert child(site.course, item).get_latest_revision_as_object().minutes == one_off
    settle(site.course.translation_key)
    still_on_offer(site.release)


def test_the_editor_refuses_the_one_minute_and_keeps_the_draft(site):
    lesson = child(site.course, "dm-l1")

    response = edit(
        site, lesson, title=lesson.title, slug="dm-l1", minutes="31", **{"action-publish": "1"}
    )

    assert f"{TOO_MUCH_LECTURE} Your draft has been saved." in said(site, response)
    assert child(site.course, "dm-l1").minutes == 30
    assert child(site.course, "dm-l1").get_latest_revision_as_object().minutes == 31
    still_on_offer(site.release)


def test_two_minutes_of_doing_make_room_for_three_of_lecture(site):
    """The share is the same on a longer course, so it goes on as another release."""
    for item, more in (("dm-r1", 2), ("dm-l1", 3)):
        page = child(site.course, item)
        site.draft(page, minutes=page.minutes + more).publish()
        state = settle(site.course.translation_key)
        assert state.status == "offered", state.problems
    assert minutes(state.current) == (153, 102, 0)
