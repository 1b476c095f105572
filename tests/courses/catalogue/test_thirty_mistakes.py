"""A file with thirty kinds of mistakes gives thirty messages, each with its line and place."""

import copy
import shutil
from pathlib import Path

import pytest
import yaml
from django.utils.translation import override

from courses import catalogue
from courses.catalogue.course_file import CourseFileRefused, import_courses
from courses.catalogue.models import CoursePage
from tests.factories.courses import course_file
from tests.factories.site import filled_site

pytestmark = pytest.mark.django_db

FIGURES = Path(catalogue.__file__).parent / "data" / "figures"


def item(course, kind, n=0):
    return [entry for entry in course["items"] if entry["kind"] == kind][n]


def spoil(course: dict) -> dict[str, str]:
    """Put the mistakes into a course; returns {path: part of the message}."""
    index = {id(entry): n for n, entry in enumerate(course["items"])}
    wanted = {}

    def expect(owner, place: str, message: str):
        prefix = "courses[0]"
        if owner is not course:
            prefix += f".items[{index[id(owner)]}]"
        wanted[f"{prefix}.{place}"] = message

    lessons = [entry for entry in course["items"] if entry["kind"] == "lecture"]
    talk, play = item(course, "discussion"), item(course, "role_play_solo")
    work, quiz = item(course, "workshop"), item(course, "assessment")

    course["level"] = "foundatoin"
    expect(course, "level", "did you mean “foundation”?")
    course["pacing"] = "sometimes"
    expect(course, "pacing", "expected one of")
    course["language"] = "en"
    expect(course, "language", "expected th")
    course["target_groups"] = ["nobody"]
    expect(course, "target_groups[0]", "not in a framework in use")
    course["skill_groups"] = "literacy"
    expect(course, "skill_groups", "expected a list")
    course["slug"] = "Not A Slug"
    expect(course, "slug", "expected small letters")
    del course["summary"]["en"]
    expect(course, "summary.en", "is missing")
    course["tilte"] = "x"
    expect(course, "tilte", "did you mean “title”?")
    course["sections"] = [{"key": "one", "title": "only one language"}]
    expect(course, "sections[0].title", "expected a text in each language")

    lessons[0]["minutes"] = "ten"
    expect(lessons[0], "minutes", "expected a whole number")
    lessons[0]["section"] = "nowhere"
    expect(lessons[0], "section", "there is no section")
    lessons[0]["body"][0]["type"] = "headign"
    expect(lessons[0], "body[0].type", "did you mean “heading”?")
    lessons[1]["minutes"] = 1000
    expect(lessons[1], "minutes", "expected at most 480")
    lessons[1]["required"] = "yes"
    expect(lessons[1], "required", "expected true or false")
    lessons[1]["body"] = "text"
    expect(lessons[1], "body", "expected a list")
    lessons[2]["key"] = lessons[1]["key"]
    expect(lessons[2], "key", "is used twice")
    check = next(n for n, b in enumerate(lessons[2]["body"]) if b["type"] == "knowledge_check")
    for choice in lessons[2]["body"][check]["choices"]:
        choice["correct"] = True
    expect(lessons[2], f"body[{check}].choices", "exactly one answer")
    table = next(
        (lesson, n)
        for lesson in lessons[3:]
        for n, b in enumerate(lesson["body"])
        if b["type"] == "table"
    )
    table[0]["body"][table[1]]["rows"][-1] = table[0]["body"][table[1]]["rows"][-1][:1]
    last = len(table[0]["body"][table[1]]["rows"]) - 1
    expect(table[0], f"body[{table[1]}].rows[{last}]", "as many cells")
    figure = next(n for n, b in enumerate(lessons[4]["body"]) if b["type"] == "figure")
    lessons[4]["body"][figure]["file"] = {"th": "figures/none.svg", "en": "figures/none.svg"}
    expect(lessons[4], f"body[{figure}].file.th", "there is no file")

    talk["min_chars_initial"] = 10
    expect(talk, "min_chars_initial", "expected a whole number of at least 300")
    talk["required_replies"] = 9
    expect(talk, "required_replies", "expected at most 5")
    talk["points"] = [50, 50, 50]
    expect(talk, "points", "make 100 together")
    talk["prompts"][0]["hint"] = "x"
    expect(talk, "prompts[0].hint", "is not known here")
    talk["rubric"][0]["levels"] = []
    expect(talk, "rubric[0].levels", "is missing")

    play["attempts_required"] = 5
    expect(play, "attempts_required", "expected 1 or 2")
    play["nodes"][0]["choices"][0]["effects"] = {"safety": "lots"}
    expect(play, "nodes[0].choices[0].effects.safety", "expected a whole number")
    play["endings"][0]["quality"] = "brilliant"
    expect(play, "endings[0].quality", "expected best, recovered or poor")
    play["nodes"][1]["image"] = "x.png"
    expect(play, "nodes[1].image", "pictures are added in the editor")

    work["anonymity"] = "duble_blind"
    expect(work, "anonymity", "did you mean “double_blind”?")
    work["worksheet"][0]["type"] = "drawing"
    expect(work, "worksheet[0].type", "expected one of")
    work["self_assessment"] = "maybe"
    expect(work, "self_assessment", "expected true or false")
    work["seed_submissions"][0]["worksheet"]["extra"] = {"th": "x", "en": "x"}
    expect(work, "seed_submissions[0].worksheet.extra", "is no field of the worksheet")
    work["rubric"][0]["weight"] = -1
    expect(work, "rubric[0].weight", "at least 0")

    quiz["questions"][0]["kind"] = "essay"
    expect(quiz, "questions[0].kind", "expected single or multiple")
    quiz["questions"][1]["choices"] = quiz["questions"][1]["choices"][:1]
    expect(quiz, "questions[1].choices", "")
    quiz["pass_mark"] = 120
    expect(quiz, "pass_mark", "expected at most 100")
    return wanted


def written(course: dict, folder: Path) -> Path:
    shutil.copytree(FIGURES, folder / "figures")
    file = folder / "bad.yaml"
    data = {"schema_version": 1, "courses": [course]}
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


@pytest.fixture
def site(db):
    return filled_site()


def test_every_mistake_is_named_at_its_place_and_nothing_changes(site, tmp_path):
    course = copy.deepcopy(course_file())
    wanted = spoil(course)
    file = written(course, tmp_path)
    with override("en"), pytest.raises(CourseFileRefused) as caught:
        import_courses(file)
    said = {problem.path: problem for problem in caught.value.problems}
    assert len(wanted) >= 30
    assert [place for place in wanted if place not in said] == []
    wrong = {p: said[p].message for p, part in wanted.items() if part not in said[p].message}
    assert wrong == {}
    lines = file.read_text(encoding="utf-8").splitlines()
    for place in wanted:
        last = place.rsplit(".", 1)[-1].split("[")[0]
        near = " ".join(lines[max(0, said[place].line - 3) : said[place].line])
        assert last in near or "[" in place.rsplit(".", 1)[-1] or last in ("en", "th"), place
    assert not CoursePage.objects.exists()


def test_the_mistakes_are_told_in_thai_too(site, tmp_path):
    course = copy.deepcopy(course_file())
    spoil(course)
    with override("th"), pytest.raises(CourseFileRefused) as caught:
        import_courses(written(course, tmp_path))
    messages = [problem.message for problem in caught.value.problems]
    in_english = [text for text in messages if not any("ก" <= letter <= "๛" for letter in text)]
    assert in_english == []
