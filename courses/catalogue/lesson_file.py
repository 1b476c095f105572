"""Reading a lesson (`lecture`) from a course file."""

import uuid
from pathlib import PurePosixPath

import nh3

from activities.core.course_file import CourseFileError, required, text

# Blocks are named by their place, so that reading the same file twice gives the same page.
BLOCKS = uuid.UUID("7a3b1d52-7c0e-4f0b-8a34-2f9be1f0c6d1")
# What the editor's rich text can hold (blocks.RICH_TEXT).
TAGS = {"p", "b", "strong", "ul", "ol", "li", "a", "br"}
SCHEMES = {"http", "https", "mailto", "tel"}
TONES = ("note", "tip", "warning")


def from_course_file(item: dict, language: str) -> dict:
    """The values of a `LessonPage`'s fields in one language. Raises `CourseFileError`.

    The value of an image block's `image` is the picture's file as a `PurePosixPath` relative to
    the course file; who saves the page puts an image in its place.
    """
    required(item, "body", [])
    return {
        "body": [
            block(
                [item.get("key", ""), *path],
                kind_of(entry, path),
                READERS[kind_of(entry, path)](entry, language, path),
            )
            for entry, path in entries(item, "body", [])
        ]
    }


def supported(item: dict) -> str | None:
    """Why a lesson cannot be read yet; every lesson of a course file can."""
    return None


def kind_of(entry: dict, path: list) -> str:
    """The name of the lesson's block for an entry; a figure of the file is an image here."""
    name = required(entry, "type", path)
    name = "image" if name == "figure" else name
    if name not in READERS:
        raise CourseFileError(
            [*path, "type"], f"the block “{name}” is not there; use {', '.join(READERS)}"
        )
    return str(name)


def block(path: list, kind: str, value) -> dict:
    name = "/".join(str(part) for part in path)
    return {"type": kind, "value": value, "id": str(uuid.uuid5(BLOCKS, name))}


def entries(mapping: dict, key: str, path: list):
    """(entry, its path) for each entry of the list under `key`; an empty list is refused."""
    values = required(mapping, key, path)
    if not isinstance(values, list):
        raise CourseFileError([*path, key], "expected a list")
    for n, value in enumerate(values):
        if not isinstance(value, dict):
            raise CourseFileError([*path, key, n], "expected a mapping")
        yield value, [*path, key, n]


def html(entry: dict, key: str, language: str, path: list) -> str:
    """A text with markup, reduced to what the editor's rich text can hold."""
    return nh3.clean(
        text(entry, key, language, path),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel=None,
    )


def optional(entry: dict, key: str, language: str, path: list) -> str:
    return text(entry, key, language, path) if key in entry else ""


def heading(entry, language, path):
    return text(entry, "text", language, path)


def running_text(entry, language, path):
    return html(entry, "html", language, path)


def image(entry, language, path):
    return {
        "image": PurePosixPath(text(entry, "file", language, path)),
        "alt": text(entry, "alt", language, path),
        "decorative": False,
        "caption": optional(entry, "caption", language, path),
    }


def callout(entry, language, path):
    tone = entry.get("tone", "note")
    if tone not in TONES:
        raise CourseFileError([*path, "tone"], f"expected one of {', '.join(TONES)}")
    return {
        "tone": tone,
        "title": text(entry, "title", language, path),
        "html": html(entry, "html", language, path),
    }


def quote(entry, language, path):
    return {
        "text": text(entry, "text", language, path),
        "source": optional(entry, "source", language, path),
    }


def table(entry, language, path):
    rows = required(entry, "rows", path)
    if not isinstance(rows, list) or not all(isinstance(row, list) and row for row in rows):
        raise CourseFileError([*path, "rows"], "expected a list of rows, each a list of cells")
    values = []
    for n, row in enumerate(rows):
        place = [*path, "rows", n]
        if len(row) != len(rows[0]) or len(row) > 4:
            raise CourseFileError(place, "expected as many cells as in the first row, at most 4")
        cells = [
            block([*place, m], "item", text(dict(enumerate(row)), m, language, place))
            for m in range(len(row))
        ]
        values.append(block(place, "item", cells))
    return {"caption": text(entry, "caption", language, path), "rows": values}


def accordion(entry, language, path):
    return {
        "items": [
            block(
                place,
                "item",
                {
                    "title": text(part, "title", language, place),
                    "html": html(part, "html", language, place),
                },
            )
            for part, place in entries(entry, "items", path)
        ]
    }


def knowledge_check(entry, language, path):
    choices = []
    for choice, place in entries(entry, "choices", path):
        correct = choice.get("correct", False)
        if not isinstance(correct, bool):
            raise CourseFileError([*place, "correct"], "expected true or false")
        value = {
            "text": text(choice, "text", language, place),
            "correct": correct,
            "feedback": text(choice, "feedback", language, place),
        }
        choices.append(block(place, "item", value))
    if not 2 <= len(choices) <= 5:
        raise CourseFileError([*path, "choices"], "expected two to five answers")
    if sum(choice["value"]["correct"] for choice in choices) != 1:
        raise CourseFileError([*path, "choices"], "exactly one answer must be correct")
    return {"question": text(entry, "question", language, path), "choices": choices}


READERS = {
    "heading": heading,
    "text": running_text,
    "image": image,
    "callout": callout,
    "quote": quote,
    "table": table,
    "accordion": accordion,
    "knowledge_check": knowledge_check,
}
