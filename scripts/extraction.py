"""Extract the messages of the sources with gettext's tools, exactly as Django does."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/th/LC_MESSAGES/django.po")
SOURCES = ("activities", "courses", "lms", "search", "themes")


def available() -> bool:
    return bool(shutil.which("xgettext") and shutil.which("msgmerge"))


def extract(folder: Path) -> None:
    """Update `CATALOGUE` below `folder` from the sources below `folder`.

    Runs without the project's settings, so that a source that cannot be imported does no harm.
    """
    environment = {
        key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"
    }
    command = [
        sys.executable,
        "-m",
        "django",
        "makemessages",
        "--locale",
        "th",
        "--add-location",
        "file",
    ]
    for ignored in ("node_modules/*", ".venv/*", "tests/*", "scripts/*", "var/*"):
        command += ["--ignore", ignored]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def copy_of_sources(target: Path) -> Path:
    """A copy of the sources and their catalogue below `target`, to extract from without traces."""
    kept = shutil.ignore_patterns("__pycache__", "static", "*.mo")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=kept)
    (target / CATALOGUE).parent.mkdir(parents=True)
    if (ROOT / CATALOGUE).exists():
        shutil.copy(ROOT / CATALOGUE, target / CATALOGUE)
    return target
