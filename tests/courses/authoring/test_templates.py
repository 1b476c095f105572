"""The ready templates: whole, in both languages, within what they require, and balanced."""

import pytest

from activities.core import registry
from activities.core.placeholders import placeholders_in
from activities.core.snapshots import snapshot
from courses.authoring.templates.library import course_templates, of_files, templates
from courses.releases.mix import Mix
from tests.factories.items import locale

pytestmark = pytest.mark.django_db

ALL = of_files()
NAMES = [template.name for template in ALL]


def page_of(template, language: str):
    return registry.get(template.kind).page_model(
        title=template.title[language],
        slug=template.name,
        minutes=template.minutes,
        locale=locale(language),
        **template.values(language),
    )


@pytest.mark.parametrize("kind", ["lesson", "discussion", "role_play_solo", "workshop", "quiz"])
def test_every_kind_has_five(kind):
    assert len([one for one in templates() if one.kind == kind]) == 5


def test_names_are_used_once():
    assert len(set(NAMES)) == len(NAMES) == 25


@pytest.mark.parametrize("template", ALL, ids=NAMES)
def test_a_template_is_whole_in_both_languages(template):
    kind = registry.get(template.kind)
    for language in ("th", "en"):
        page = page_of(template, language)
        assert list(kind.problems(page)) == []
        ceiling = kind.ceiling(page)
        assert ceiling is None or page.minutes <= ceiling
        assert template.about[language] and template.title[language]
    assert any("ก" <= letter <= "๛" for letter in str(template.values("th")))


@pytest.mark.parametrize("template", ALL, ids=NAMES)
def test_its_places_are_the_same_in_number_in_both_languages(template):
    counts = {
        language: len(placeholders_in(snapshot(page_of(template, language))))
        for language in ("th", "en")
    }
    assert counts["th"] == counts["en"]


def test_some_templates_have_places_to_fill():
    assert sum(bool(placeholders_in(snapshot(page_of(one, "th")))) for one in ALL) >= 20


@pytest.mark.parametrize("course", course_templates(), ids=lambda one: one.name)
def test_a_course_template_keeps_the_rule(course):
    mix = Mix()
    for placed in course.items:
        page = page_of(placed.template, "th")
        page.minutes = placed.minutes
        mix += Mix(*registry.get(placed.template.kind).minutes(page))
    assert mix.passes
    assert 100 * mix.active >= 45 * mix.total  # with something to spare
