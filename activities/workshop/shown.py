"""Texts in the reader's language, matched by key; what a translation lacks is shown as written."""

from activities.core.substance import length

from .enums import Strategy
from .forms import MOST_CHARS


class Shown:
    """A workshop for one reader: `content` has the texts, `rules` what is asked."""

    def __init__(self, place):
        self.content, self.rules = place.content, place.rules

    @property
    def instructions(self) -> str:
        return self.content.instructions or self.rules.instructions

    @property
    def instructions_reviewer(self) -> str:
        return self.content.instructions_reviewer or self.rules.instructions_reviewer

    def label(self, key: str) -> str:
        found = self.content.field(key) or self.rules.field(key)
        return found.label if found else key

    def worksheet(self, values: dict, errors: dict, files: dict | None = None) -> list[dict]:
        """The fields of the worksheet to be filled in; `files` are rows of attachments by field."""
        rows = []
        for number, field in enumerate(self.rules.fields, start=1):
            told = self.content.field(field.key) or field
            if field.takes_files:
                rows.append(
                    {
                        "name": f"field-{field.key}",
                        "label": told.label,
                        "help": told.help,
                        "required": field.required,
                        "takes_files": True,
                        "go": f"files-{number}",
                        "files": (files or {}).get(field.key, []),
                        "error": errors.get(f"field-{field.key}", ""),
                    }
                )
                continue
            text = values.get(field.key, "")
            least = max(1, field.min_chars) if field.required else 0
            count = length(text)
            rows.append(
                {
                    "name": f"field-{field.key}",
                    "label": told.label,
                    "help": told.help,
                    "required": field.required,
                    "least": least,
                    "most": MOST_CHARS,
                    "text": text,
                    "count": count,
                    "enough": count >= least,
                    "error": errors.get(f"field-{field.key}", ""),
                    "rows": 6 if least >= 150 else 4,
                }
            )
        return rows

    def work(self, values, files: dict | None = None) -> list[dict]:
        """A filled-in worksheet to be read; `files` are rows of attachments by field."""
        return [
            {
                "key": field.key,
                "label": self.label(field.key),
                "text": values.get(field.key, ""),
                "takes_files": field.takes_files,
                "files": (files or {}).get(field.key, []),
            }
            for field in self.rules.fields
            # Examples and samples are texts: an empty row for files would only ask why.
            if not field.takes_files or files is not None
        ]

    def criteria(self) -> list[dict]:
        """The criteria to be read."""
        rows = []
        weights = {criterion.weight for criterion in self.rules.criteria}
        for number, criterion in enumerate(self.rules.criteria, start=1):
            told = self.content.criterion(criterion.key) or criterion
            rows.append(
                {
                    "key": criterion.key,
                    "number": number,
                    "title": told.name,
                    "description": told.description,
                    # Said only where the weights differ.
                    "weight": criterion.weight if len(weights) > 1 else None,
                    "least": criterion.least,
                    "most": criterion.most,
                    "levels": [
                        {
                            "points": level.points,
                            "text": told.level_text(level.points) or level.text,
                        }
                        for level in criterion.levels
                    ],
                }
            )
        return rows

    def rubric(self, values: dict, errors: dict, *, reasons: bool = True) -> list[dict]:
        """The criteria to be filled in. `values` has what was chosen by the fields' names."""
        rows = self.criteria()
        for row, criterion in zip(rows, self.rules.criteria, strict=True):
            name, comment = f"points-{criterion.key}", f"comment-{criterion.key}"
            chosen = str(values.get(name, ""))
            for level in row["levels"]:
                level["chosen"] = chosen == str(level["points"])
            text = values.get(comment, "")
            row |= {
                "name": name,
                "value": chosen,
                "error": errors.get(name, ""),
                "comment": None,
            }
            if reasons and criterion.comment_required:
                row["comment"] = {
                    "name": comment,
                    "text": text,
                    "least": max(1, criterion.min_chars),
                    "most": MOST_CHARS,
                    "count": length(text),
                    "error": errors.get(comment, ""),
                }
        return rows

    def level(self, key: str, points) -> str:
        """A level in words: “2: measurable and time-bound”, or the points where there are none."""
        criterion = self.rules.criterion(key)
        if criterion is None or points is None:
            return ""
        told = self.content.criterion(key) or criterion
        text = told.level_text(points) or criterion.level_text(points)
        return f"{points} · {text}" if text else f"{points}/{criterion.most}"

    def assessment(self, scores: dict) -> list[dict]:
        """A review to be read: each criterion with its level and reason."""
        rows = []
        for row in self.criteria():
            given = scores.get(row["key"]) or {}
            rows.append(
                {
                    "name": row["title"],
                    "points": given.get("points"),
                    "most": row["most"],
                    "level": self.level(row["key"], given.get("points")),
                    "comment": given.get("comment", ""),
                }
            )
        return rows

    def compared(self, scores: dict, work) -> list[dict]:
        """A review beside the author's own levels: same, or how far apart, and why."""
        told = self.content.example(work.key) or self.content.seed(work.key) or work
        reasons = getattr(told, "reasons", {}) or getattr(work, "reasons", {})
        rows = []
        for row in self.criteria():
            key = row["key"]
            if key not in work.reference:
                continue
            mine = (scores.get(key) or {}).get("points")
            rows.append(
                {
                    "name": row["title"],
                    "mine": self.level(key, mine),
                    "reference": self.level(key, work.reference[key]),
                    "same": mine == work.reference[key],
                    "reason": reasons.get(key, ""),
                }
            )
        return rows

    @property
    def uses_levels(self) -> bool:
        return self.rules.strategy == Strategy.RUBRIC
