"""Each mechanism that holds the rule is taken away in turn: something must notice."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError

from courses.releases.settle import settle_all
from tests.paths import invariant
from tests.paths.mutations import MUTATIONS
from tests.paths.paths import PATHS
from tests.paths.site import build

BY_NAME = {path.name: path for path in PATHS}
CASES = [(mutation, name) for mutation in MUTATIONS for name in mutation.notices]


@pytest.mark.django_db
@pytest.mark.urls("tests.paths.urls")
@pytest.mark.parametrize(
    ("mutation", "name"), CASES, ids=lambda value: getattr(value, "name", value)
)
def test_a_mechanism_that_is_gone_is_noticed(
    mutation, name, tmp_path, django_capture_on_commit_callbacks
):
    site = build()
    site.tmp = tmp_path
    with mutation.remove(), pytest.raises((AssertionError, IntegrityError)):
        with django_capture_on_commit_callbacks(execute=True):
            BY_NAME[name].go(site)
        invariant.holds(serve=False)
        outcome, expected = site.state.current, BY_NAME[name].expected
        assert (outcome == site.release) is (expected == "kept")
        assert (outcome is None) is (expected == "withdrawn")
        assert "failed" not in settle_all()


def test_the_documentation_has_the_same_table():
    text = (Path(settings.BASE_DIR) / "docs/rule.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, flags=re.MULTILINE)
    documented = {name: set(re.findall(r"`(\w+)`", paths)) for name, paths in rows}
    for mutation in MUTATIONS:
        assert documented.get(mutation.name) == set(mutation.notices), mutation.name


def test_the_documentation_lists_every_path():
    text = (Path(settings.BASE_DIR) / "docs/rule.md").read_text(encoding="utf-8")
    missing = [path.name for path in PATHS if f"`{path.name}`" not in text]
    assert missing == []
