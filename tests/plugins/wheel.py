"""Packages as pip installs them, built without a network: a wheel is a zip with some metadata."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path


def build(project: Path, folder: Path) -> Path:
    """A wheel of a project (its `pyproject.toml` names packages and entry points)."""
    config = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    about = config["project"]
    name, version = about["name"].replace("-", "_"), about["version"]
    info = f"{name}-{version}.dist-info"
    points = "\n".join(
        line
        for group, entries in about["entry-points"].items()
        for line in (f"[{group}]", *(f"{key} = {value}" for key, value in entries.items()))
    )
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": points + "\n",
    }
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        package = project / config["tool"]["setuptools"]["packages"][0]
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(project).as_posix())
        for place, text in files.items():
            archive.writestr(place, text)
        record = "".join(f"{entry},,\n" for entry in [*archive.namelist(), f"{info}/RECORD"])
        archive.writestr(f"{info}/RECORD", record)
    return wheel


def install(project: Path, target: Path, folder: Path) -> None:
    """pip installs the project into a folder of its own, which PYTHONPATH adds."""
    wheel = build(project, folder)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
        + ["--no-compile", "--disable-pip-version-check", "--target", str(target), str(wheel)],
        check=True,
        capture_output=True,
    )
