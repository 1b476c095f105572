"""Reading a lesson (`lecture`) from a course file."""

import uuid
from pathlib import PurePosixPath

import nh3
from django.utils.translation import gettext as _

from activities.core.course_export import CannotExport, fields_of
from activities.core.course_file import (
    expected_one_of,
    mappings,
    mistake,
    required,
    text,
)

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
    item.get("points")  # what the lesson is to say, for whoever plans it; learners read the body
    body = []
    for entry, path in mappings(item, "body", [], needed=False):
        kind = kind_of(entry, path)
        if kind in READERS:
            value = READERS[kind](entry, language, path)
            body.append(block([item.get("key", ""), *path], kind, value))
    return {"body": body}


def supported(item: dict) -> str | None:
    """Why a lesson cannot be read yet; every lesson of a course file can."""
    return None


def kind_of(entry: dict, path: list) -> str:
    """The name of the lesson's block for an entry; a figure of the file is an image here."""
    name = required(entry, "type", path)
    name = "image" if name == "figure" else name
    if name is not None and name not in READERS:
        mistake([*path, "type"], expected_one_of(name, READERS))
    return str(name)


def block(path: list, kind: str, value) -> dict:
    name = "/".join(str(part) for part in path)
    return {"type": kind, "value": value, "id": str(uuid.uuid5(BLOCKS, name))}


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
        mistake([*path, "tone"], expected_one_of(tone, TONES))
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
        mistake([*path, "rows"], _("expected a list of rows, each a list of cells"))
    values = []
    for n, row in enumerate(rows):
        place = [*path, "rows", n]
        if len(row) != len(rows[0]) or len(row) > 4:
            mistake(place, _("expected as many cells as in the first row, at most 4"))
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
            for part, place in mappings(entry, "items", path)
        ]
    }


def knowledge_check(entry, language, path):
    choices = []
    for choice, place in mappings(entry, "choices", path):
        correct = choice.get("correct", False)
        if not isinstance(correct, bool):
            mistake([*place, "correct"], _("expected true or false"))
        value = {
            "text": text(choice, "text", language, place),
            "correct": correct,
            "feedback": text(choice, "feedback", language, place),
        }
        choices.append(block(place, "item", value))
    if not 2 <= len(choices) <= 5:
        mistake([*path, "choices"], _("expected two to five answers"))
    if sum(choice["value"]["correct"] for choice in choices) != 1:
        mistake([*path, "choices"], _("exactly one answer must be correct"))
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


def to_course_file(pages: dict, picture) -> dict:
    """The item of a course file for the pages {language: page}, the source language first.

    `picture(pk)` puts an image beside the file and returns its name there. Raises `CannotExport`
    for blocks that a course file does not hold (video, audio, documents).
    """
    body = []
    for entry in fields_of(pages, ["body"])["body"]:
        name, value = entry["type"], entry["value"]
        if name not in READERS:
            raise CannotExport(
                _("“%(title)s” holds a block that course files do not hold yet: %(block)s.")
                % {"title": next(iter(pages.values())).title, "block": name}
            )
        if name == "heading":
            body.append({"type": name, "text": value})
        elif name == "text":
            body.append({"type": name, "html": value})
        elif name == "image":
            sides = {code: image_of(page, len(body)) for code, page in pages.items()}
            file = {code: picture(pk) for code, pk in sides.items() if pk}
            body.append(
                {"type": "figure", "file": file, "alt": value.get("alt", ""), **caption_of(value)}
            )
        else:
            body.append({"type": name, **with_answers(name, value)})
    return {"body": body}


def image_of(page, n: int) -> int | None:
    stored = list(page.body.raw_data)
    return stored[n]["value"]["image"] if n < len(stored) else None


def caption_of(value: dict) -> dict:
    return {"caption": value["caption"]} if value.get("caption") else {}


def with_answers(name: str, value: dict) -> dict:
    if name == "knowledge_check":
        for choice in value["choices"]:
            choice.setdefault("correct", False)
    return value
