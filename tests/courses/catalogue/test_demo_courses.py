"""The courses of the demonstration are whole: both languages, honest minutes, on offer."""

from pathlib import Path

import pytest

from activities.core import registry
from activities.role_play.graph import measure
from courses import catalogue
from courses.releases.models import CourseState
from tests.factories import files
from tests.factories.courses import forget_settling
from tests.factories.site import imported

DATA = Path(catalogue.__file__).parent / "data"
# file: (lecture, active, neutral)
COURSES = {
    "dl-101.yaml": (135, 115, 15),
    "ds-110.yaml": (130, 115, 15),
    "dm-210.yaml": (150, 100, 0),
}


def course_in(name: str) -> dict:
    return files.course(name)


def offered(name: str) -> CourseState:
    imported(name)
    forget_settling()
    return CourseState.objects.select_related("current").get(slug=course_in(name)["slug"])


def texts(value, path=""):
    """Every {th, en} of a course file: (where, text)."""
    if isinstance(value, dict):
        if "th" in value or "en" in value:
            yield path, value
            return
        for key, inner in value.items():
            yield from texts(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from texts(inner, f"{path}[{n}]")


@pytest.mark.parametrize("name", COURSES)
def test_every_text_is_there_in_both_languages(name):
    found = list(texts(course_in(name)))
    assert len(found) > 150
    lacking = [
        path
        for path, text in found
        if not all(str(text.get(c) or "").strip() for c in ("th", "en"))
    ]
    assert lacking == []
    thai = [path for path, text in found if any("\u0e00" <= c <= "\u0e7f" for c in text["en"])]
    # Thai in an English text is a name or a word that is talked about, never a sentence left over.
    assert len(thai) < len(found) / 50


@pytest.mark.parametrize("name", COURSES)
def test_keys_are_unique(name):
    keys = [item["key"] for item in course_in(name)["items"]]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", COURSES)
def test_weights_make_a_hundred_wherever_they_are_given(name):
    for item in course_in(name)["items"]:
        weights = [criterion.get("weight") for criterion in item.get("rubric", [])]
        if any(weights):
            assert sum(weights) == 100, item["key"]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "minutes"), COURSES.items())
def test_it_is_on_offer_with_its_minutes(name, minutes):
    state = offered(name)
    release = state.current
    assert state.problems == []
    assert (release.lecture, release.active, release.neutral) == minutes
    for entry in release.items.select_related("version"):
        assert entry.version.minutes == entry.version.declared, entry.version.title("en")
        assert entry.version.languages == ["en", "th"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", COURSES)
def test_the_role_play_has_at_least_eight_ways_through(name):
    content = next(
        entry.version.rules
        for entry in offered(name).current.items.select_related("version")
        if entry.version.kind == "role_play_solo"
    )

    assert measure(content).paths >= 8


@pytest.mark.django_db
@pytest.mark.parametrize("name", COURSES)
def test_no_activity_has_a_problem(name):
    offered(name)
    for kind in registry.all_kinds():
        for page in kind.page_model.objects.all():
            assert kind.problems(page) == [], page.title
