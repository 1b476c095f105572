"""Exporting a course and importing it again."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from django.utils.translation import override
from wagtail.models import Page

from activities.core.course_export import CannotExport
from courses.catalogue.course_export import export_course
from courses.catalogue.course_file import import_courses
from courses.catalogue.models import CoursePage, LessonPage
from courses.releases.models import CourseState
from courses.releases.settle import settle, settle_all
from tests.factories.courses import make_course
from tests.factories.site import demo_course

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def course_page() -> CoursePage:
    return CoursePage.objects.get(locale__language_code="th")


def unpacked(exported, folder: Path) -> Path:
    with zipfile.ZipFile(BytesIO(exported.archive)) as archive:
        archive.extractall(folder)
    return folder / f"{exported.name}.yaml"


def test_a_round_trip_gives_the_same_file_and_the_same_digests(tmp_path):
    state = demo_course()
    before = list(state.current.items.values_list("version__digest", flat=True))
    first = export_course(course_page())
    for page in CoursePage.objects.all():
        page.delete()
    settle(state.course)

    import_courses(unpacked(first, tmp_path))
    settle_all()

    second = export_course(course_page())
    assert second.text == first.text
    assert set(second.pictures) == set(first.pictures)
    fresh = CourseState.objects.exclude(course=state.course).get()
    after = list(fresh.current.items.values_list("version__digest", flat=True))
    assert after == before


def test_the_file_reads_like_the_one_it_came_from():
    demo_course()
    data = yaml.safe_load(export_course(course_page()).text)["courses"][0]
    assert data["code"] == "DL-101"
    assert [item["kind"] for item in data["items"]].count("lecture") == 5
    talk = next(item for item in data["items"] if item["kind"] == "discussion")
    assert set(talk["prompts"][0]["text"]) == {"th", "en"}
    assert talk["points"] == [50, 30, 20]


def test_importing_an_export_changes_nothing(tmp_path):
    demo_course()
    report = import_courses(unpacked(export_course(course_page()), tmp_path))
    assert (report.created, report.changed) == ([], [])


def test_drafts_are_exported_on_request_only():
    demo_course()
    lesson = LessonPage.objects.get(slug="a-l1", locale__language_code="th")
    lesson.title = "ชื่อใหม่"
    lesson.save_revision()
    assert "ชื่อใหม่" not in export_course(course_page()).text
    assert "ชื่อใหม่" in export_course(course_page(), drafts=True).text


def test_what_a_course_file_cannot_hold_is_said():
    course = make_course()
    lesson = Page.objects.get(slug="l1").specific
    lesson.body = [("document", {"title": "x", "document": None})]
    lesson.save()
    with pytest.raises(CannotExport, match="document"):
        export_course(course)
