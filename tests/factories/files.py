"""The demo's course files, read once for the whole run."""

import copy
from functools import cache
from pathlib import Path

from courses import catalogue
from courses.catalogue.located_yaml import load

DATA = Path(catalogue.__file__).parent / "data"


@cache
def _whole(name: str) -> dict:
    return load((DATA / name).read_text(encoding="utf-8"))


def whole(name: str = "dl-101.yaml") -> dict:
    """All of a file, fresh for each caller."""
    return copy.deepcopy(_whole(name))


def course(name: str = "dl-101.yaml") -> dict:
    """A course as its file describes it, fresh for each caller."""
    return copy.deepcopy(_whole(name)["courses"][0])


def item(key: str, name: str = "dl-101.yaml") -> dict:
    """One item of it by its key, fresh for each caller."""
    return copy.deepcopy(
        next(found for found in _whole(name)["courses"][0]["items"] if found["key"] == key)
    )
