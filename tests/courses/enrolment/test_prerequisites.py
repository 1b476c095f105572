"""Courses required before another: in the form, in the release, at enrolling, in course files."""

import shutil

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from courses.catalogue.course_export import export_course
from courses.catalogue.course_file import CourseFileRefused, import_courses
from courses.catalogue.forms import required_before
from courses.catalogue.models import CoursePage, Prerequisite
from courses.enrolment import staff
from courses.enrolment.enrol import enrol
from courses.enrolment.models import Enrolment, PlaceEvent
from courses.releases.settle import settle
from tests.courses.enrolment.test_joining import refused
from tests.factories.courses import make_course, run_of, state_of

pytestmark = pytest.mark.django_db


def require(course: CoursePage, *before: CoursePage) -> None:
    course = CoursePage.objects.get(pk=course.pk)
    course.prerequisites = [Prerequisite(course=page) for page in before]
    course.save_revision().publish()
    settle(course.translation_key)


@pytest.fixture
def basics(db):
    return make_course("basics", title="พื้นฐาน")


@pytest.fixture
def advanced(course, basics):
    require(course, basics)
    return course


def test_the_release_names_what_comes_before(advanced, basics):
    (row,) = state_of(advanced).current.outline["prerequisites"]
    assert row == {"course": str(basics.translation_key), "titles": {"th": "พื้นฐาน"}}
    assert "prerequisites" not in state_of(basics).current.outline


def test_enrolling_says_what_is_missing_and_leads_there(advanced, basics, learner, signed_in):
    error = refused(enrol, learner, advanced.translation_key)
    assert (error.code, error.status) == ("prerequisites", 409)
    assert "พื้นฐาน" in error.message
    page = signed_in.get("/th/courses/course/")
    assert page.context["missing_courses"] == [{"title": "พื้นฐาน", "slug": "basics"}]
    assert reverse("course", args=["basics"]) in page.content.decode()
    place = enrol(learner, basics.translation_key)
    Enrolment.objects.filter(pk=place.pk).update(state="completed", completed_at=timezone.now())
    assert enrol(learner, advanced.translation_key).state == "active"


def test_an_instructor_may_enrol_without_and_it_is_recorded(advanced, learner, teacher):
    run = run_of(advanced)
    by = teacher(run)
    staff.add(run, learner, by)
    event = PlaceEvent.objects.get(kind="waived")
    assert (event.user, event.by, event.note) == (learner, by, "พื้นฐาน")


def test_a_course_is_never_required_before_itself(course, basics):
    with pytest.raises(IntegrityError), transaction.atomic():
        Prerequisite.objects.create(page=course, course=course)
    require(course, basics)
    assert required_before(course.pk) == {basics.pk}
    assert required_before(basics.pk) == set()


def test_a_course_file_takes_them_along(advanced, basics, tmp_path):
    from tests.factories import files
    from tests.factories.site import FILE

    text = FILE.read_text(encoding="utf-8")
    changed = text.replace("  pacing: rolling", "  pacing: rolling\n  prerequisites: [basics]", 1)
    assert changed != text
    folder = tmp_path / "course"
    folder.mkdir()
    shutil.copytree(FILE.parent / "figures", folder / "figures")
    file = folder / "dl.yaml"
    from courses.catalogue.load_framework import load_framework

    load_framework()
    file.write_text(changed.replace("[basics]", "[no-such]"), encoding="utf-8")
    with pytest.raises(CourseFileRefused, match="no-such"):
        import_courses(file)
    make_english(basics)
    file.write_text(changed, encoding="utf-8")
    import_courses(file)
    page = CoursePage.objects.get(slug=files.course()["slug"], locale__language_code="th")
    assert [row.course.slug for row in page.prerequisites.all()] == ["basics"]
    assert import_courses(file).changed == []
    exported = export_course(page)
    assert "prerequisites:\n  - basics" in exported.text


def make_english(course):
    from tests.factories.courses import build_tree

    page = CoursePage(
        title="Basics",
        slug=course.slug,
        code="B",
        summary="x",
        translation_key=course.translation_key,
    )
    catalogue = build_tree()["en"]
    page.locale = catalogue.locale
    catalogue.add_child(instance=page)
