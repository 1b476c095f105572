"""What counts towards a course's grade, and what completing it asks for. No database here.

Stored as JSON (`GradeRules.rules`), so that one row is one state of the rules and never changes:

    {"missing": "pending" | "zero", "scale": "percent" | "pass" | "letters", "pass_mark": "60" | null,
     "categories": [{"key", "names": {"th", "en"}, "weight": "40", "drop": 1}],
     "items": {item: {"weight": "1", "category": key | null, "pass_mark": "50" | null}}}

An item that is not named counts with weight 1, in no category, without a pass mark.
"""

from dataclasses import dataclass, field
from decimal import Decimal

PENDING, ZERO = "pending", "zero"
PERCENT, PASS, LETTERS = "percent", "pass", "letters"
# Thai universities' scale: the least grade for each letter.
LETTER_LIMITS = (
    ("A", 80),
    ("B+", 75),
    ("B", 70),
    ("C+", 65),
    ("C", 60),
    ("D+", 55),
    ("D", 50),
    ("F", 0),
)


@dataclass(frozen=True)
class ItemRule:
    weight: Decimal = Decimal(1)
    category: str | None = None
    pass_mark: Decimal | None = None


@dataclass(frozen=True)
class CategoryRule:
    key: str
    names: dict
    weight: Decimal
    drop: int = 0


@dataclass(frozen=True)
class Scheme:
    missing: str = PENDING
    scale: str = PERCENT
    pass_mark: Decimal | None = None
    categories: tuple[CategoryRule, ...] = ()
    items: dict[str, ItemRule] = field(default_factory=dict)

    def of(self, item: str) -> ItemRule:
        return self.items.get(item) or PLAIN

    @property
    def asks_for_marks(self) -> bool:
        """Whether completing the course asks for more than its required items."""
        return self.pass_mark is not None or any(
            rule.pass_mark is not None for rule in self.items.values()
        )


PLAIN = ItemRule()
DEFAULT = Scheme()


def scored(outline: dict) -> list[dict]:
    """The items of an outline that can have a score: what is done, not what is read."""
    return [entry for entry in outline["items"] if entry["category"] != "lecture"]


def number(value) -> Decimal | None:
    return None if value is None else Decimal(value)


def text(value: Decimal | None) -> str | None:
    """A number as it is stored: without an exponent or needless zeros."""
    if value is None:
        return None
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def from_json(raw: dict) -> Scheme:
    return Scheme(
        missing=raw.get("missing", PENDING),
        scale=raw.get("scale", PERCENT),
        pass_mark=number(raw.get("pass_mark")),
        categories=tuple(
            CategoryRule(c["key"], c["names"], Decimal(c["weight"]), c.get("drop", 0))
            for c in raw.get("categories", ())
        ),
        items={
            key: ItemRule(
                Decimal(i.get("weight", 1)), i.get("category"), number(i.get("pass_mark"))
            )
            for key, i in raw.get("items", {}).items()
        },
    )


def to_json(scheme: Scheme) -> dict:
    return {
        "missing": scheme.missing,
        "scale": scheme.scale,
        "pass_mark": text(scheme.pass_mark),
        "categories": [
            {"key": c.key, "names": c.names, "weight": text(c.weight), "drop": c.drop}
            for c in scheme.categories
        ],
        "items": {
            key: {
                "weight": text(i.weight),
                "category": i.category,
                "pass_mark": text(i.pass_mark),
            }
            for key, i in scheme.items.items()
            if i != PLAIN
        },
    }


def eases(old: Scheme, new: Scheme) -> bool:
    """Whether nobody can be worse off: the same weights and categories, no higher pass mark, no fewer
    scores dropped, and what is missing never newly counts as nothing."""
    if new.missing == ZERO != old.missing:
        return False
    if not lower(old.pass_mark, new.pass_mark):
        return False
    before = {c.key: c for c in old.categories}
    if set(before) != {c.key for c in new.categories}:
        return False
    if any(c.weight != before[c.key].weight or c.drop < before[c.key].drop for c in new.categories):
        return False
    for item in {*old.items, *new.items}:
        was, becomes = old.of(item), new.of(item)
        if (was.weight, was.category) != (becomes.weight, becomes.category):
            return False
        if not lower(was.pass_mark, becomes.pass_mark):
            return False
    return True


def lower(old: Decimal | None, new: Decimal | None) -> bool:
    return new is None or (old is not None and new <= old)
