"""Previews: every moment of every kind, from pages that were never offered, leaving nothing."""

import pytest
from django.apps import apps
from django.test import RequestFactory
from django.utils.html import escape

from tests.factories.courses import add_activity, make_course

KINDS = ["discussion", "quiz", "role_play_solo", "workshop"]
MODES = {
    "discussion": ["", "after", "reply", "conclusion", "done"],
    "quiz": ["", "passed", "failed"],
    "role_play_solo": [
        "", "walk", "ending-e1", "ending-e2", "ending-e3", "reflection", "complete",
    ],
    "workshop": ["", "send", "practice", "review", "self", "waiting", "results", "improve"],
    "lesson": ["", "read"],
}  # fmt: skip


def rows() -> dict:
    return {model._meta.label: model.objects.count() for model in apps.get_models()}


def draft(kind: str, language: str = "th"):
    """A page of a kind that was never saved."""
    course = make_course(actives=(), offered=False, english=True)
    parent = course if language == "th" else course.get_translations().get()
    page = add_activity(parent, kind, "a1") if kind != "lesson" else parent.get_children()[0]
    page = page.specific
    if kind != "lesson":
        page.unpublish()
    return page


def look(page, mode: str) -> str:
    response = page.make_preview_request(RequestFactory().get("/"), mode)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("kind", [*KINDS, "lesson"])
def test_the_modes_of_a_kind(db, kind):
    assert [name for name, _label in draft(kind).preview_modes] == MODES[kind]


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("kind", [*KINDS, "lesson"])
def test_every_mode_shows_a_screen_and_writes_nothing(db, kind, language):
    page = draft(kind, language)
    before = rows()
    seen = set()
    for mode in MODES[kind]:
        html = look(page, mode)
        assert escape(page.title) in html
        assert "notice--warning" not in html, mode
        assert "<fieldset disabled>" in html
        seen.add(html)
    assert len(seen) == len(MODES[kind])  # each moment looks different
    assert rows() == before


def test_the_first_moment_is_in_the_language_of_the_page(rf, db):
    from wagtail.models import Locale

    from courses.catalogue.models import LessonPage
    from tests.factories.people import UserFactory

    english = Locale.objects.get_or_create(language_code="en")[0]
    lesson = LessonPage(title="Lesson", slug="l", minutes=10, locale=english)
    request = rf.get("/")
    request.user = UserFactory()
    text = lesson.kind.preview(lesson, request).content.decode()
    assert '<html lang="en"' in text
