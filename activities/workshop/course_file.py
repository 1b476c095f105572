"""Reading a workshop from a course file."""

import uuid

from django.utils.translation import gettext as _

from activities.core.course_export import bare, fields_of
from activities.core.course_file import (
    flag,
    mappings,
    mistake,
    name_of,
    one_of,
    required,
    text,
    whole_number,
)

from .enums import (
    Aggregator,
    Anonymity,
    FieldType,
    LatePolicy,
    Mode,
    ReviewerMethod,
    Strategy,
)
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
        "mode": one_of(item, "mode", Mode.values, [], default=Mode.values[0]),
        "team_size": whole_number(item, "team_size", [], default=1, least=1, most=8),
        "instructions": text(item, "instructions", language, []),
        "worksheet": [
            block("field", path, **file.field(entry, path))
            for entry, path in mappings(item, "worksheet")
        ],
        "strategy": one_of(item, "strategy", Strategy.values, [], default=Strategy.values[0]),
        "rubric": [
            block("criterion", path, **file.criterion(entry, path))
            for entry, path in mappings(item, "rubric")
        ],
        "instructions_reviewer": file.optional(item, "instructions_reviewer", []),
        "examples": file.examples(item),
        "seed_submissions": [
            block("seed", path, **file.seed(entry, n, path, item))
            for n, (entry, path) in enumerate(mappings(item, "seed_submissions", needed=False), 1)
        ],
        "reviews_per_learner": whole_number(
            item, "reviews_per_learner", [], default=2, least=0, most=5
        ),
        "min_reviews_per_submission": whole_number(
            item, "min_reviews_per_submission", [], default=2, least=0, most=5
        ),
        "min_chars_comment": whole_number(
            item, "min_chars_comment", [], default=150, least=0, most=3000
        ),
        "self_assessment": flag(item, "self_assessment", [], default=False),
        "anonymity": one_of(item, "anonymity", Anonymity.values, [], default=Anonymity.values[0]),
        "release_after_days": whole_number(
            item, "release_after_days", [], default=7, least=1, most=60
        ),
        "late_policy": one_of(
            item, "late_policy", LatePolicy.values, [], default=LatePolicy.ACCEPT
        ),
        "late_points": whole_number(item, "late_points", [], default=5, least=0, most=100),
        "late_most": whole_number(item, "late_most", [], default=30, least=0, most=100),
        "revise_enabled": flag(item, "revise_enabled", [], default=True),
        "max_submission": whole_number(item, "max_submission", [], default=80, least=0, most=100),
        "max_assessment": whole_number(item, "max_assessment", [], default=20, least=0, most=100),
        "aggregator": one_of(
            item, "aggregator", Aggregator.values, [], default=Aggregator.values[0]
        ),
        "reviewer_method": one_of(
            item,
            "reviewer_method",
            ReviewerMethod.values,
            [],
            default=ReviewerMethod.COMPLETION_ACCURACY,
        ),
        "comparison": whole_number(item, "comparison", [], default=5, least=1, most=9),
    }


class File:
    """The parts of a file in one language."""

    def __init__(self, language: str):
        self.language = language

    def optional(self, mapping: dict, key: str, path: list) -> str:
        return text(mapping, key, self.language, path) if mapping.get(key) else ""

    def field(self, entry: dict, path: list) -> dict:
        kind = one_of(entry, "type", FieldType.values, path, default=FieldType.TEXT)
        return {
            "type": str(kind),
            "key": name_of(entry, "key", path),
            "label": text(entry, "label", self.language, path),
            "help": self.optional(entry, "help", path),
            "min_chars": whole_number(entry, "min_chars", path, default=0),
            "required": flag(entry, "required", path, default=True),
        }

    def criterion(self, entry: dict, path: list) -> dict:
        levels = [
            block(
                "item",
                place,
                points=whole_number(level, "points", place),
                text=text(level, "text", self.language, place),
            )
            for level, place in mappings(entry, "levels", path, needed="max" not in entry)
        ]
        return {
            "key": name_of(entry, "key", path),
            "name": text(entry, "name", self.language, path),
            "description": self.optional(entry, "description", path),
            "weight": whole_number(entry, "weight", path, default=1),
            "levels": levels,
            "maximum": whole_number(entry, "max", path, default=0),
            "comment_required": flag(entry, "comment_required", path, default=False),
            "min_chars": whole_number(entry, "min_chars", path, default=30),
        }

    def examples(self, item: dict) -> list[dict]:
        """As many examples as the file says are to be practised with: the one that is written as
        `example_submission`, or several in a list `example_submissions`."""
        listed = list(mappings(item, "example_submissions", needed=False))
        one = item.get("example_submission")
        wanted = whole_number(
            item,
            "examples",
            [],
            default=len(listed) or (1 if one else 0),
            least=0,
            most=len(listed) or 1,
        )
        if not wanted:
            return []
        if not listed:
            listed = [(required(item, "example_submission", []), ["example_submission"])]
        return [
            self.example(entry, n, path, item)
            for n, (entry, path) in enumerate(listed[:wanted], start=1)
        ]

    def example(self, entry: dict, n: int, path: list, item: dict) -> dict:
        reasons = entry.get("reasons") or {}
        if not isinstance(reasons, dict):
            mistake([*path, "reasons"], _("expected a mapping of criteria to texts"))
            reasons = {}
        return block(
            "example",
            path,
            key=str(entry.get("key") or f"example-{n}"),
            worksheet=self.worksheet(entry, path, item),
            reference=self.reference(entry, path, item, reasons),
            overall=self.optional(entry, "why", path),
        )

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
            mistake(path, _("expected a text for each field of the worksheet"))
        keys = [field["key"] for field in item["worksheet"] if field.get("type") != FieldType.FILE]
        for key in texts:
            if key not in keys:
                mistake([*path, key], _("is no field of the worksheet"))
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
            mistake([*path, "reference"], _("expected points for each criterion"))
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


def block(kind: str, path: list, /, **value) -> dict:
    name = "/".join(str(part) for part in path)
    return {"type": kind, "value": value, "id": str(uuid.uuid5(BLOCKS, name))}


def to_course_file(pages: dict) -> dict:
    """The item of a course file for the pages {language: page}, the source language first."""
    item = fields_of(
        pages,
        [
            *("mode", "team_size", "instructions", "worksheet", "strategy", "rubric"),
            *("instructions_reviewer", "seed_submissions", "reviews_per_learner"),
            *("min_reviews_per_submission", "min_chars_comment", "self_assessment", "anonymity"),
            *("release_after_days", "revise_enabled", "max_submission", "max_assessment"),
            *("aggregator", "reviewer_method", "comparison"),
            *("late_policy", "late_points", "late_most"),
        ],
    )
    for name in ("worksheet", "rubric", "seed_submissions"):
        item[name] = bare(item[name])
    for field in item["worksheet"]:
        field.setdefault("required", False)
        if field.get("type") == FieldType.TEXT:
            del field["type"]
    for criterion in item["rubric"]:
        if not criterion.get("levels"):
            criterion["max"] = criterion.pop("maximum", 0)
        criterion.pop("maximum", None)
        criterion.setdefault("weight", 0)
        criterion.setdefault("min_chars", 0)
    for seed in item["seed_submissions"]:
        worked(seed)
    examples = bare(fields_of(pages, ["examples"])["examples"])
    item["examples"] = len(examples)
    for example in examples:
        worked(example)
        if "overall" in example:
            example["why"] = example.pop("overall")
    if len(examples) == 1:
        item["example_submission"] = examples[0]
    elif examples:
        item["example_submissions"] = examples
    return {name: value for name, value in item.items() if value not in ("", [])}


def worked(entry: dict) -> dict:
    """A sample's worksheet and reference as the file writes them: by field and by criterion."""
    entry["worksheet"] = {row["field"]: row["text"] for row in entry["worksheet"]}
    reference = entry.get("reference", [])
    entry["reference"] = {row["criterion"]: row.get("points", 0) for row in reference}
    reasons = {row["criterion"]: row["reason"] for row in reference if row.get("reason")}
    if reasons:
        entry["reasons"] = reasons
    return entry
