"""Finding packages by their entry points, and what is refused before anything of them runs."""

from importlib import metadata
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks

from activities.core import plugins
from courses.authoring.kinds.listing import explain

QUIZ = "activities.quiz.apps.QuizConfig"


@pytest.fixture
def offered(monkeypatch):
    """`offered(("name", "value"), …)`: what the installed packages say they have."""

    def make(*points):
        entries = [
            SimpleNamespace(name=name, value=value, dist=SimpleNamespace(name="dist", version="1"))
            for name, value in points
        ]
        monkeypatch.setattr(metadata, "entry_points", lambda group: entries)

    return make


def codes(disabled=(), installed=("activities.quiz",)) -> dict[str, str]:
    return {p.name: p.code for p in plugins.find(list(disabled), list(installed))}


def test_without_packages_there_are_no_plugins():
    assert plugins.find([], settings.INSTALLED_APPS) == []


def test_a_built_in_kind_cannot_be_shadowed(offered):
    offered(("mine", QUIZ), ("theirs", "django.contrib.admin.apps.AdminConfig"))
    assert codes() == {"mine": "shadow", "theirs": "shadow"}


def test_a_package_that_cannot_be_imported_is_left_out_with_its_reason(offered):
    offered(("gone", "no_such_package.apps.Config"))
    (plugin,) = plugins.find([], [])
    assert (plugin.code, plugin.app) == ("import", "")
    assert "ModuleNotFoundError" in plugin.detail


@pytest.mark.parametrize("by", ["gone", "no_such_package", "dist"])
def test_switched_off_by_any_of_its_names(offered, by):
    offered(("gone", "no_such_package.apps.Config"))
    assert codes([by]) == {"gone": "disabled"}


def test_a_label_or_a_name_that_is_taken_is_refused(offered, tmp_path, monkeypatch):
    for name, label in (("first_plug", "plug"), ("second_plug", "plug"), ("third_plug", "quiz")):
        (tmp_path / f"{name}.py").write_text(
            "from django.apps import AppConfig\n"
            f"class C(AppConfig):\n    name = {name!r}\n    label = {label!r}\n    path = '.'\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    offered(("a", "first_plug.C"), ("b", "second_plug.C"), ("c", "third_plug:C"))
    assert codes() == {"a": "", "b": "label", "c": "label"}
    offered(("a", "first_plug.C"), ("a", "second_plug.C"))
    assert [p.code for p in plugins.find([], [])] == ["", "name"]


def test_the_labels_of_the_site_are_all_reserved():
    known = plugins.RESERVED_LABELS | {
        entry.rpartition(".")[2] for entry in settings.INSTALLED_APPS
    }
    assert {config.label for config in apps.get_app_configs()} <= known


def test_every_reason_is_explained_and_checked(settings):
    from activities.core.checks import HINTS

    for code, hint in HINTS.items():
        plugin = plugins.Plugin("x", "x.y", code=code, detail="because")
        assert explain(plugin) and hint
    settings.LMS_PLUGINS = [plugins.Plugin("x", "x.y", code="ready", detail="because")]
    settings.LMS_PLUGINS_DISABLED = ["lesso"]
    found = {message.id: message.msg for message in run_checks() if "sala." in message.id}
    assert "quarantine: ready: because" in found["sala.W010"]
    assert "'lesso'" in found["sala.W011"]
