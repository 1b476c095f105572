"""Reading a quiz (`assessment`) from a course file."""

import uuid

from django.utils.translation import gettext as _

from activities.core.course_export import bare, fields_of
from activities.core.course_file import (
    flag,
    mappings,
    mistake,
    name_of,
    required,
    text,
    whole_number,
)

# Blocks are named by their place, so that reading the same file twice gives the same page.
BLOCKS = uuid.UUID("c2d0a8de-6a0b-4a86-8a7e-9b1f2e4d7c55")


def supported(item: dict) -> str | None:
    """Every quiz of a course file can be offered."""
    return None


def from_course_file(item: dict, language: str) -> dict:
    """The page's own field values in one language. Raises `CourseFileError`."""
    pass_mark = whole_number(item, "pass_mark", [], default=60, least=1, most=100)
    return {
        "intro": text(item, "intro", language, []) if "intro" in item else "",
        "questions": [
            block("question", path, question(entry, language, path))
            for entry, path in mappings(item, "questions", [])
        ],
        "pass_mark": pass_mark,
        "attempts_max": whole_number(item, "attempts_max", [], default=0),
        "shuffle_choices": flag(item, "shuffle_choices", []),
    }


def question(entry: dict, language: str, path: list) -> dict:
    kind = required(entry, "kind", path)
    if kind not in ("single", "multiple"):
        mistake([*path, "kind"], _("expected single or multiple"))
    choices = [
        block(
            "item",
            place,
            {
                "key": name_of(choice, "key", place),
                "text": text(choice, "text", language, place),
                "correct": flag(choice, "correct", place),
            },
        )
        for choice, place in mappings(entry, "choices", path)
    ]
    right = sum(choice["value"]["correct"] for choice in choices)
    if len(choices) < 2:
        mistake([*path, "choices"], _("expected at least two answers"))
    if kind == "single" and right != 1:
        mistake([*path, "choices"], _("exactly one answer must be correct"))
    if not right:
        mistake([*path, "choices"], _("at least one answer must be correct"))
    return {
        "key": name_of(entry, "key", path),
        "kind": kind,
        "text": text(entry, "text", language, path),
        "choices": choices,
        "explanation": text(entry, "explanation", language, path),
        "topic": text(entry, "topic", language, path) if "topic" in entry else "",
    }


def block(kind: str, path: list, value: dict) -> dict:
    name = "/".join(str(part) for part in path)
    return {"type": kind, "value": value, "id": str(uuid.uuid5(BLOCKS, name))}


def to_course_file(pages: dict) -> dict:
    """The item of a course file for the pages {language: page}, the source language first."""
    item = fields_of(pages, ["intro", "questions", "pass_mark", "attempts_max", "shuffle_choices"])
    item["questions"] = bare(item["questions"])
    for question in item["questions"]:
        for choice in question["choices"]:
            choice.setdefault("correct", False)
    return item
