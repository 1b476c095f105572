"""Reading a role-play from a course file."""

import uuid

from django.utils.translation import gettext as _

from activities.core.course_export import CannotExport, bare, fields_of
from activities.core.course_file import (
    mappings,
    mistake,
    name_of,
    required,
    text,
    whole_number,
)

from .blocks import QUALITIES

SOLO = "role_play_solo"
# Blocks are named by their place, so that reading the same file twice gives the same page.
BLOCKS = uuid.UUID("5b0c6a0e-3f53-4b0e-9d0c-0b7a3d5c1f27")


def supported(item: dict) -> str | None:
    """Why an item of these kinds cannot be offered here yet, or None."""
    if item.get("kind") == SOLO:
        return None
    return _("Role-play with several people is not available yet.")


def from_course_file(item: dict, language: str) -> dict:
    """The page's own field values in one language. Raises `CourseFileError`."""
    shown = item.get("show_feedback", "now")
    if shown not in ("now", "end"):
        mistake(["show_feedback"], _("expected now or end"))
    plays = whole_number(item, "attempts_required", [], default=1, least=1)
    if plays > 2:
        mistake(["attempts_required"], _("expected 1 or 2"))
    return {
        "your_role": text(item, "your_role", language, []),
        "dimensions": [
            block(
                "dimension",
                path,
                key=name_of(entry, "key", path),
                name=text(entry, "name", language, path),
            )
            for entry, path in mappings(item, "dimensions", [])
        ],
        "start": name_of(item, "start", []),
        "nodes": [
            block("node", path, **node(entry, language, path))
            for entry, path in mappings(item, "nodes", [])
        ],
        "endings": [
            block("ending", path, **ending(entry, language, path))
            for entry, path in mappings(item, "endings", [])
        ],
        "reflection": [
            block(
                "question",
                path,
                key=name_of(entry, "key", path),
                text=text(entry, "text", language, path),
                min_chars=whole_number(entry, "min_chars", path, least=1),
            )
            for entry, path in mappings(item, "reflection", [])
        ],
        "attempts_required": plays,
        "attempts_max": whole_number(item, "attempts_max", [], default=4),
        "show_feedback": shown,
    }


def node(entry: dict, language: str, path: list) -> dict:
    if "image" in entry:
        mistake([*path, "image"], _("pictures are added in the editor"))
    return {
        "id": name_of(entry, "id", path),
        "text": text(entry, "text", language, path),
        "image": None,
        "alt": "",
        "choices": [
            block("item", place, **choice(one, language, place))
            for one, place in mappings(entry, "choices", path)
        ],
    }


def choice(entry: dict, language: str, path: list) -> dict:
    effects = entry.get("effects") or {}
    if not isinstance(effects, dict):
        mistake([*path, "effects"], _("expected a mapping of dimensions to points"))
    for dimension, points in effects.items():
        if isinstance(points, bool) or not isinstance(points, int):
            mistake([*path, "effects", dimension], _("expected a whole number"))
    condition = entry.get("condition") or ""
    if not isinstance(condition, str):
        mistake([*path, "condition"], _("expected a text"))
    return {
        "id": name_of(entry, "id", path),
        "text": text(entry, "text", language, path),
        "to": name_of(entry, "to", path),
        "effects": [
            block("item", [*path, "effects", key], dimension=str(key), points=points)
            for key, points in effects.items()
        ],
        "feedback": text(entry, "feedback", language, path),
        "condition": condition,
    }


def ending(entry: dict, language: str, path: list) -> dict:
    quality = required(entry, "quality", path)
    if quality not in dict(QUALITIES):
        mistake([*path, "quality"], _("expected best, recovered or poor"))
    return {
        "id": name_of(entry, "id", path),
        "quality": quality,
        "text": text(entry, "text", language, path),
        "lesson": text(entry, "lesson", language, path),
    }


def block(kind: str, path: list, /, **value) -> dict:
    name = "/".join(str(part) for part in path)
    return {"type": kind, "value": value, "id": str(uuid.uuid5(BLOCKS, name))}


def to_course_file(pages: dict) -> dict:
    """The item of a course file for the pages {language: page}, the source language first.

    Raises `CannotExport` for scenes with pictures, which a course file does not hold.
    """
    item = fields_of(
        pages,
        [
            *("your_role", "dimensions", "start", "nodes", "endings", "reflection"),
            *("attempts_required", "attempts_max", "show_feedback"),
        ],
    )
    for name in ("dimensions", "nodes", "endings", "reflection"):
        item[name] = bare(item[name])
    for scene in item["nodes"]:
        if scene.pop("image", None):
            raise CannotExport(
                _("Scene “%(id)s” has a picture; course files hold pictures in lessons only.")
                % {"id": scene["id"]}
            )
        scene.pop("alt", None)
        for one in scene["choices"]:
            one["effects"] = {
                effect["dimension"]: effect["points"] for effect in one.pop("effects", [])
            }
    return item
