"""Reading a workshop from a course file."""

import uuid

from activities.core.course_file import CourseFileError, required, text, whole_number

from .enums import Aggregator, Anonymity, Mode, ReviewerMethod, Strategy
from .publishing import not_supported

# Blocks are named by their place, so that reading the same file twice gives the same page.
BLOCKS = uuid.UUID("8c1d1c0a-52c7-4a0b-8c83-0f9a0a4f7e35")


def supported(item: dict) -> str | None:
    """Why a workshop of this mode or size cannot be read yet; None when it can."""
    size = item.get("team_size", 1)
    return not_supported(item.get("mode", Mode.ASYNC_PEER), size if isinstance(size, int) else 1)


def from_course_file(item: dict, language: str) -> dict:
    """The values of a `WorkshopPage`'s fields in one language.

    StreamFields come as lists of raw blocks. Raises `CourseFileError` for what is missing or wrong.
    """
    file = File(language)
    return {
        "mode": choice(item, "mode", Mode),
        "team_size": number(item, "team_size", 1, 1, 8),
        "instructions": text(item, "instructions", language, []),
        "worksheet": [
            block("field", path, **file.field(entry, path))
            for entry, path in entries(item, "worksheet")
        ],
        "strategy": choice(item, "strategy", Strategy),
        "rubric": [
            block("criterion", path, **file.criterion(entry, path))
            for entry, path in entries(item, "rubric")
        ],
        "instructions_reviewer": file.optional(item, "instructions_reviewer", []),
        "examples": file.examples(item),
        "seed_submissions": [
            block("seed", path, **file.seed(entry, n, path, item))
            for n, (entry, path) in enumerate(entries(item, "seed_submissions", needed=False), 1)
        ],
        "reviews_per_learner": number(item, "reviews_per_learner", 2, 0, 5),
        "min_reviews_per_submission": number(item, "min_reviews_per_submission", 2, 0, 5),
        "min_chars_comment": number(item, "min_chars_comment", 150, 0, 3000),
        "self_assessment": flag(item, "self_assessment", False),
        "anonymity": choice(item, "anonymity", Anonymity),
        "release_after_days": number(item, "release_after_days", 7, 1, 60),
        "revise_enabled": flag(item, "revise_enabled", True),
        "max_submission": number(item, "max_submission", 80, 0, 100),
        "max_assessment": number(item, "max_assessment", 20, 0, 100),
        "aggregator": choice(item, "aggregator", Aggregator),
        "reviewer_method": choice(
            item, "reviewer_method", ReviewerMethod, ReviewerMethod.COMPLETION_ACCURACY
        ),
        "comparison": number(item, "comparison", 5, 1, 9),
    }


class File:
    """The parts of a file in one language."""

    def __init__(self, language: str):
        self.language = language

    def optional(self, mapping: dict, key: str, path: list) -> str:
        return text(mapping, key, self.language, path) if mapping.get(key) else ""

    def field(self, entry: dict, path: list) -> dict:
        kind = entry.get("type", "text")
        if kind != "text":
            raise CourseFileError([*path, "type"], "expected text")
        return {
            "key": name_of(entry, "key", path),
            "label": text(entry, "label", self.language, path),
            "help": self.optional(entry, "help", path),
            "min_chars": whole_number(entry, "min_chars", path, default=0),
            "required": flag(entry, "required", True, path),
        }

    def criterion(self, entry: dict, path: list) -> dict:
        levels = [
            block(
                "item",
                place,
                points=whole_number(level, "points", place),
                text=text(level, "text", self.language, place),
            )
            for level, place in entries(entry, "levels", path, needed="max" not in entry)
        ]
        return {
            "key": name_of(entry, "key", path),
            "name": text(entry, "name", self.language, path),
            "description": self.optional(entry, "description", path),
            "weight": whole_number(entry, "weight", path, default=1),
            "levels": levels,
            "maximum": whole_number(entry, "max", path, default=0),
            "comment_required": flag(entry, "comment_required", False, path),
            "min_chars": whole_number(entry, "min_chars", path, default=30),
        }

    def examples(self, item: dict) -> list[dict]:
        """As many examples as the file says are to be practised with; one is written in it."""
        wanted = number(item, "examples", 1 if item.get("example_submission") else 0, 0, 1)
        if not wanted:
            return []
        entry, path = required(item, "example_submission", []), ["example_submission"]
        reasons = entry.get("reasons") or {}
        if not isinstance(reasons, dict):
            raise CourseFileError([*path, "reasons"], "expected a mapping of criteria to texts")
        return [
            block(
                "example",
                path,
                key=str(entry.get("key") or "example-1"),
                worksheet=self.worksheet(entry, path, item),
                reference=self.reference(entry, path, item, reasons),
                overall=self.optional(entry, "why", path),
            )
        ]

    def seed(self, entry: dict, n: int, path: list, item: dict) -> dict:
        return {
            "key": str(entry.get("key") or f"sample-{n}"),
            "author": text(entry, "author", self.language, path),
            "worksheet": self.worksheet(entry, path, item),
            "reference": self.reference(entry, path, item, {}),
            "comment": text(entry, "comment", self.language, path),
        }

    def worksheet(self, entry: dict, path: list, item: dict) -> list[dict]:
        """The texts of all fields of the item's worksheet."""
        texts = required(entry, "worksheet", path)
        path = [*path, "worksheet"]
        if not isinstance(texts, dict):
            raise CourseFileError(path, "expected a text for each field of the worksheet")
        keys = [field["key"] for field in item["worksheet"]]
        for key in texts:
            if key not in keys:
                raise CourseFileError([*path, key], "is no field of the worksheet")
        return [
            block(
                "item",
                [*path, key],
                field=str(key),
                text=text(texts, key, self.language, path),
            )
            for key in keys
        ]

    def reference(self, entry: dict, path: list, item: dict, reasons: dict) -> list[dict]:
        points = required(entry, "reference", path)
        if not isinstance(points, dict):
            raise CourseFileError([*path, "reference"], "expected points for each criterion")
        return [
            block(
                "item",
                [*path, "reference", criterion["key"]],
                criterion=str(criterion["key"]),
                points=whole_number(points, criterion["key"], [*path, "reference"]),
                reason=self.optional(reasons, criterion["key"], [*path, "reasons"]),
            )
            for criterion in item["rubric"]
        ]


def entries(mapping: dict, key: str, path: list | None = None, *, needed: bool = True):
    """(entry, its path) for each mapping of the list under `key`."""
    path = path or []
    values = required(mapping, key, path) if needed else mapping.get(key) or []
    if not isinstance(values, list):
        raise CourseFileError([*path, key], "expected a list")
    for place, value in enumerate(values):
        if not isinstance(value, dict):
            raise CourseFileError([*path, key, place], "expected a mapping")
        yield value, [*path, key, place]


def name_of(mapping: dict, key: str, path: list) -> str:
    value = required(mapping, key, path)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise CourseFileError([*path, key], "expected a short name")
    return str(value)


def number(item: dict, key: str, default: int, least: int, most: int) -> int:
    value = whole_number(item, key, [], default=default, least=least)
    if value > most:
        raise CourseFileError([key], f"expected at most {most}")
    return value


def flag(mapping: dict, key: str, default: bool, path: list | None = None) -> bool:
    value = mapping.get(key, default)
    if not isinstance(value, bool):
        raise CourseFileError([*(path or []), key], "expected true or false")
    return value


def choice(item: dict, key: str, choices, default=None) -> str:
    value = item.get(key, default or choices.values[0])
    if value not in choices.values:
        raise CourseFileError([key], f"expected one of {', '.join(choices.values)}")
    return str(value)


def block(kind: str, path: list, /, **value) -> dict:
    name = "/".join(str(part) for part in path)
    return {"type": kind, "value": value, "id": str(uuid.uuid5(BLOCKS, name))}
