"""The demo's course files, read once for the whole run."""

import copy
from functools import cache
from pathlib import Path

from courses import catalogue
from courses.catalogue.located_yaml import load

DATA = Path(catalogue.__file__).parent / "data"


@cache
def _course(name: str) -> dict:
    return load((DATA / name).read_text(encoding="utf-8"))["courses"][0]


def course(name: str = "dl-101.yaml") -> dict:
    """A course as its file describes it, fresh for each caller."""
    return copy.deepcopy(_course(name))


def item(key: str, name: str = "dl-101.yaml") -> dict:
    """One item of it by its key, fresh for each caller."""
    return copy.deepcopy(next(found for found in _course(name)["items"] if found["key"] == key))
