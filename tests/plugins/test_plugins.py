"""A plugin of somebody else, installed by pip, broken on purpose, gone and back: each state of the
installation is a process of its own on one database (`scenario.py`)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.database import begin_at
from tests.plugins import wheel

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


class Site:
    """A site with a folder for plugins that PYTHONPATH adds or leaves out."""

    def __init__(self, folder: Path):
        self.folder, self.plugins = folder, folder / "plugins"
        self.database = folder / "site.sqlite3"

    def run(self, *arguments, installed=True, **variables) -> subprocess.CompletedProcess:
        path = [str(self.plugins)] if installed else []
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*path, str(ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "tests.plugins.settings",
            "LMS_DATABASE_URL": f"sqlite:///{self.database}",
            "LMS_REDIS_URL": "",
            "LMS_ELASTICSEARCH_URL": "",
            "LMS_MEDIA_ROOT": str(self.folder / "media"),
            "LMS_LOG_LEVEL": "CRITICAL",
            **variables,
        }
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def stage(self, name: str, *, installed=True, **variables) -> None:
        done = self.run("-m", "tests.plugins.scenario", name, installed=installed, **variables)
        assert done.returncode == 0, done.stderr[-4000:]

    def manage(self, *arguments, **variables) -> str:
        done = self.run("manage.py", *arguments, **variables)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup):
    site = Site(tmp_path_factory.mktemp("site"))
    begin_at(site.database)
    wheel.install(HERE / "diary", site.plugins, site.folder)
    site.manage("migrate", "--verbosity", "0")
    site.stage("installed")
    return site


def test_installed_and_used_it_breaks_in_its_own_place_only(site):
    assert "sala-diary 1.4.2" in site.manage("kinds")


@pytest.mark.parametrize("where", ["import", "models", "ready", "api", "category"])
def test_a_plugin_that_cannot_start_is_put_in_quarantine(site, where):
    if where in ("import", "models"):
        site.stage("quarantined", DIARY_BREAKS=where)
    said = site.manage("check", DIARY_BREAKS=where)
    assert "sala.W010" in said and f"quarantine: {where}" in said
    if where == "api":
        assert "written for api 99, this site has 1" in said


def test_switched_off_by_name_it_is_not_even_imported(site):
    site.stage("disabled", DIARY_BREAKS="import", LMS_PLUGINS_DISABLED="diary")
    said = site.manage("check", LMS_PLUGINS_DISABLED="dairy")
    assert "sala.W011" in said and "'dairy'" in said


def test_uninstalled_and_installed_again_nothing_is_lost(site):
    site.stage("uninstalled", installed=False)
    site.stage("again")


def test_a_scaffolded_package_passes_its_own_tests(tmp_path, django_db_setup):
    """The contract's kit as a third party runs it: another package, another process."""
    site = Site(tmp_path)
    site.manage("startactivity", "field_visit", "--directory", str(tmp_path), installed=False)
    project = tmp_path / "sala-field-visit"
    wheel.install(project, site.plugins, tmp_path)
    assert "No changes" in site.manage("makemigrations", "--check", "--dry-run", "field_visit")
    begin_at(site.database)
    done = site.run(
        *("-m", "pytest", "-q", str(project), "-c", str(project / "pyproject.toml")),
        *("-p", "no:cacheprovider", "--reuse-db", "--ds", "tests.plugins.reused"),
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert " passed" in done.stdout and "failed" not in done.stdout
