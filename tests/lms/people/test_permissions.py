"""The matrix of docs/permissions.md is what the site does."""

import pytest
from django.conf import settings

from lms.people import permissions
from lms.people.models import Agency, User

pytestmark = pytest.mark.django_db


def test_the_document_says_what_the_site_does():
    written = (settings.BASE_DIR / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert written == permissions.document(), "Run: python manage.py permission_matrix --write"
    assert not User.objects.exists()
    assert not Agency.objects.exists()


def test_a_sibling_and_another_runs_instructor_get_nothing_personal():
    for rule, answers in permissions.matrix():
        if rule.verb == "check by its number":
            assert all(answers.values())
        if rule.thing in ("A person", "An agency", "A membership", "A run", "A superuser"):
            assert not answers["sibling"], rule
            assert not answers["other_instructor"], rule
            assert not answers["visitor"], rule
            assert not answers["learner"], rule
        if rule.thing == "The site":
            assert not answers["agency"] and not answers["above"], rule


def test_a_rule_that_lets_in_too_many_is_noticed(monkeypatch):
    first = permissions.RULES[0]
    open_to_all = permissions.Rule(first.thing, first.verb, lambda actor, place: True)
    monkeypatch.setattr(permissions, "RULES", [open_to_all, *permissions.RULES[1:]])
    written = (settings.BASE_DIR / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert written != permissions.document()
