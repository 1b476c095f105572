"""Importing courses from a file."""

import shutil
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import translation
from wagtail.images import get_image_model
from wagtail.models import Page

from activities.core.models import ItemVersion
from courses import catalogue
from courses.catalogue.course_file import CourseFileRefused, import_courses
from courses.catalogue.models import CoursePage, LessonPage
from courses.releases.models import CourseRelease, CourseState
from tests.factories import files
from tests.factories.site import filled_site

DATA = Path(catalogue.__file__).parent / "data"
FILE = DATA / "dl-101.yaml"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def site(db):
    return filled_site()


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(DATA / "figures", tmp_path / "figures")
    return tmp_path


def changed(folder, old: str, new: str) -> tuple[Path, int]:
    """The demo file with its first `old` line replaced, and that line's number."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    n = next(n for n, line in enumerate(lines) if line.strip() == old)
    lines[n] = lines[n].replace(old, new)
    file = folder / "course.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file, n + 1


def refusals(file: Path) -> list[str]:
    with pytest.raises(CourseFileRefused) as caught:
        import_courses(file)
    assert not CoursePage.objects.exists()
    return [str(problem) for problem in caught.value.problems]


def test_the_course_is_on_offer_with_its_minutes(site, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        import_courses(FILE)

    state = CourseState.objects.get()
    assert (state.status, state.problems) == ("offered", [])
    release = state.current
    assert (release.lecture, release.active, release.neutral) == (135, 115, 15)
    assert [item["slug"] for item in release.outline["items"]] == [
        "a-l1", "a-l2", "a-d1", "a-l3", "a-r1", "a-l4", "a-l5", "a-w1", "a-q1",
    ]  # fmt: skip
    for item in release.outline["items"]:
        assert set(item["titles"]) == {"th", "en"}
    thai, english = CoursePage.objects.order_by("pk")
    assert thai.translation_key == english.translation_key
    assert sorted(thai.skill_groups.values_list("key", flat=True)) == [
        "governance", "literacy", "security",
    ]  # fmt: skip


def test_figures_become_images_once_with_their_descriptions(site):
    import_courses(FILE)

    assert get_image_model().objects.count() == 8
    lesson = LessonPage.objects.get(slug="a-l1", locale__language_code="en")
    picture = next(block for block in lesson.body if block.block_type == "image")
    assert picture.value["alt"].startswith("Diagram comparing")
    assert picture.value["image"].width > 0


def test_importing_twice_makes_no_second_page_and_no_second_release(
    site, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        import_courses(FILE)
    pages = Page.objects.count()

    with django_capture_on_commit_callbacks(execute=True):
        report = import_courses(FILE)

    assert (report.created, report.changed, len(report.unchanged)) == ([], [], 20)
    assert Page.objects.count() == pages
    assert CourseRelease.objects.count() == 1
    assert ItemVersion.objects.count() == 9
    assert get_image_model().objects.count() == 8


def test_a_changed_file_changes_its_page_only(site, folder):
    import_courses(FILE)
    file, _line = changed(folder, "th: เช้าวันจันทร์ที่เคาน์เตอร์หมายเลข 3", "th: เช้าวันอังคาร")

    report = import_courses(file)

    assert report.created == []
    assert len(report.changed) == 1
    lesson = LessonPage.objects.get(slug="a-l1", locale__language_code="th")
    assert lesson.body[0].value == "เช้าวันอังคาร"


def test_a_dry_run_leaves_nothing(site):
    report = import_courses(FILE, dry_run=True)

    assert len(report.created) == 20
    assert not CoursePage.objects.exists()
    assert not get_image_model().objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        (
            "en: Monday morning at counter 3",
            "en: ''",
            "courses[0].items[0].body[0].text.en",
            "is missing",
        ),
        ("minutes: 25", "minutes: long", "courses[0].items[0].minutes", "whole number"),
        ("- security", "- astrology", "courses[0].skill_groups[2]", "astrology"),
        ("tone: note", "tone: loud", "courses[0].items[0].body[4].tone", "expected one of"),
        (
            "th: figures/l1-enter-once.th.svg",
            "th: ../../secret.svg",
            "courses[0].items[0].body[7].file.th",
            "no file",
        ),
        ("format: post_first", "format: debate", "courses[0].items[2].format", "debate"),
        ("- kind: workshop", "- kind: simulation", "courses[0].items[7].kind", "simulation"),
    ],
)
def test_a_mistake_is_told_with_line_and_path(site, folder, old, new, path, message):
    file, line = changed(folder, old, new)

    (problem,) = refusals(file)

    assert problem.startswith(f"course.yaml:{line}: {path}: ")
    assert message in problem


def test_all_mistakes_are_told_at_once(site, folder):
    data = files.whole()
    items = data["courses"][0]["items"]
    del items[0]["title"]["en"]
    del items[2]["prompts"][0]["text"]["th"]
    items[8]["pass_mark"] = 200
    file = folder / "course.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")

    found = refusals(file)

    assert [line.split(": ", 1)[1] for line in found] == [
        "courses[0].items[0].title.en: is missing",
        "courses[0].items[2].prompts[0].text.th: is missing",
        "courses[0].items[8].pass_mark: expected at most 100",
    ]


def test_a_key_written_twice_and_broken_yaml_are_told_with_their_line(site, folder):
    file, line = changed(folder, "code: DL-101", "code: DL-101\n  code: DL-102")
    assert refusals(file) == [f"course.yaml:{line + 1}: courses[0].code: stands there twice"]

    file, line = changed(folder, "code: DL-101", "code: [DL-101")
    (problem,) = refusals(file)
    assert problem.startswith("course.yaml:")


def test_a_script_in_a_drawing_is_refused(site, folder):
    (folder / "figures" / "l1-enter-once.th.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
    )
    shutil.copy(FILE, folder)

    (problem,) = refusals(folder / FILE.name)

    assert "courses[0].items[0].body[7].file.th: this drawing holds a script" in problem


def test_markup_that_the_editor_cannot_hold_is_removed(site, folder):
    data = files.whole()
    data["courses"][0]["items"][0]["body"][1]["html"]["th"] = (
        '<p onclick="x()">ก<script>x</script> <a href="javascript:x()">ข</a></p>'
    )
    file = folder / "course.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")

    import_courses(file)

    lesson = LessonPage.objects.get(slug="a-l1", locale__language_code="th")
    assert lesson.body[1].value.source == "<p>ก <a>ข</a></p>"


def test_the_command_prints_the_mistakes_and_fails(site, folder, capsys):
    file, line = changed(folder, "minutes: 25", "minutes: 0")

    with pytest.raises(CommandError):
        call_command("import_course", str(file), skip_checks=True)

    assert f"course.yaml:{line}: courses[0].items[0].minutes" in capsys.readouterr().err


def test_a_lesson_is_kept_in_the_language_of_its_text(site, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        import_courses(FILE)
    version = ItemVersion.objects.get(texts__th__slug="a-l1")
    with translation.override("en"):
        html = version.content("th").html
    assert "ถามตนเอง" in html
    assert "Ask yourself" not in html
