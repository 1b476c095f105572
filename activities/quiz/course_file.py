"""Reading a quiz (`assessment`) from a course file."""

import uuid

from activities.core.course_file import CourseFileError, required, text, whole_number

# Blocks are named by their place, so that reading the same file twice gives the same page.
BLOCKS = uuid.UUID("c2d0a8de-6a0b-4a86-8a7e-9b1f2e4d7c55")


def supported(item: dict) -> str | None:
    """Every quiz of a course file can be offered."""
    return None


def from_course_file(item: dict, language: str) -> dict:
    """The page's own field values in one language. Raises `CourseFileError`."""
    pass_mark = whole_number(item, "pass_mark", [], default=60, least=1)
    if pass_mark > 100:
        raise CourseFileError(["pass_mark"], "expected at most 100")
    return {
        "intro": text(item, "intro", language, []) if "intro" in item else "",
        "questions": [
            block("question", path, question(entry, language, path))
            for entry, path in entries(item, "questions", [])
        ],
        "pass_mark": pass_mark,
        "attempts_max": whole_number(item, "attempts_max", [], default=0),
        "shuffle_choices": flag(item, "shuffle_choices", []),
    }


def question(entry: dict, language: str, path: list) -> dict:
    kind = required(entry, "kind", path)
    if kind not in ("single", "multiple"):
        raise CourseFileError([*path, "kind"], "expected single or multiple")
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
        for choice, place in entries(entry, "choices", path)
    ]
    right = sum(choice["value"]["correct"] for choice in choices)
    if len(choices) < 2:
        raise CourseFileError([*path, "choices"], "expected at least two answers")
    if kind == "single" and right != 1:
        raise CourseFileError([*path, "choices"], "exactly one answer must be correct")
    if not right:
        raise CourseFileError([*path, "choices"], "at least one answer must be correct")
    return {
        "key": name_of(entry, "key", path),
        "kind": kind,
        "text": text(entry, "text", language, path),
        "choices": choices,
        "explanation": text(entry, "explanation", language, path),
        "topic": text(entry, "topic", language, path) if "topic" in entry else "",
    }


def flag(mapping: dict, key: str, path: list) -> bool:
    value = mapping.get(key, False)
    if not isinstance(value, bool):
        raise CourseFileError([*path, key], "expected true or false")
    return value


def name_of(mapping: dict, key: str, path: list) -> str:
    value = required(mapping, key, path)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise CourseFileError([*path, key], "expected a short name")
    return str(value)


def entries(mapping: dict, key: str, path: list):
    """(entry, its path) for each entry of the list under `key`; an empty list is refused."""
    values = required(mapping, key, path)
    if not isinstance(values, list):
        raise CourseFileError([*path, key], "expected a list")
    for place, value in enumerate(values):
        if not isinstance(value, dict):
            raise CourseFileError([*path, key, place], "expected a mapping")
        yield value, [*path, key, place]


def block(kind: str, path: list, value: dict) -> dict:
    name = "/".join(str(part) for part in path)
    return {"type": kind, "value": value, "id": str(uuid.uuid5(BLOCKS, name))}
