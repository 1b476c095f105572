"""The grade of a course from the scores of its items: the formula, and nothing else.

A *group* is a category with the items in it, or an item that is in none. The grade is

    Σ (weight of the group × grade of the group) / Σ (weight of the group)

over the groups that have a grade, and the grade of a category is the same over its items after its
lowest scores were dropped (never the last one). Who is excused from an item is reckoned without it.
An item without a score is left out until it has one; or, if the rules say so, counts as 0 from the
moment that it is closed for this learner. Fractions are exact; the result is rounded once, half up,
to five places. docs/grades.md explains it with an example.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from .scheme import LETTER_LIMITS, LETTERS, PASS, ZERO, Scheme

COUNTED, CLOSED, PENDING = "counted", "closed", "pending"
EXCUSED, DROPPED, LEFT_OUT = "excused", "dropped", "left_out"
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Score:
    """What somebody has in an item: 0–100 or nothing yet."""

    value: Decimal | None = None
    excused: bool = False
    is_set: bool = False


NOTHING = Score()


@dataclass
class Reckoned:
    """The grade (None: nothing has a score), how each item went into it, and how many are open."""

    value: Decimal | None = None
    parts: dict[str, str] = field(default_factory=dict)
    groups: dict[str, Decimal] = field(default_factory=dict)

    @property
    def pending(self) -> int:
        return sum(part == PENDING for part in self.parts.values())


def five_places(value: Fraction) -> Decimal:
    """Rounded half up, exactly: no float and no second rounding on the way."""
    units = (value.numerator * 200_000 + value.denominator) // (2 * value.denominator)
    return Decimal(units) / 100_000


def mean(pairs: list[tuple[Fraction, Fraction]]) -> Fraction | None:
    """Σ weight × value / Σ weight; None when nothing has any weight."""
    weights = sum((weight for weight, _value in pairs), Fraction(0))
    if not weights:
        return None
    return sum((weight * value for weight, value in pairs), Fraction(0)) / weights


def reckon(
    scheme: Scheme, items: list[str], scores: dict[str, Score], closed: Collection[str] = ()
) -> Reckoned:
    """The grade for `scores` of `items` (keys, in the order of the course). `closed` are items in
    which this learner can do nothing more."""
    found = Reckoned()
    known = {category.key for category in scheme.categories}
    members: dict[str, list[tuple[Fraction, Fraction, str]]] = {key: [] for key in known}
    alone: list[tuple[Fraction, Fraction]] = []
    for key in items:
        rule, score = scheme.of(key), scores.get(key, NOTHING)
        if not rule.weight:
            found.parts[key] = LEFT_OUT
            continue
        if score.excused and score.value is None:
            found.parts[key] = EXCUSED
            continue
        if score.value is not None:
            found.parts[key], value = COUNTED, Fraction(score.value)
        elif scheme.missing == ZERO and key in closed:
            found.parts[key], value = CLOSED, Fraction(0)
        else:
            found.parts[key] = PENDING
            continue
        if rule.category in known:
            members[rule.category].append((Fraction(rule.weight), value, key))
        else:
            alone.append((Fraction(rule.weight), value))
    groups = list(alone)
    for category in scheme.categories:
        counted = members[category.key]
        if category.drop and len(counted) > 1:
            lowest = sorted(counted, key=lambda row: row[1])[: min(category.drop, len(counted) - 1)]
            for row in lowest:
                found.parts[row[2]] = DROPPED
            counted = [row for row in counted if row not in lowest]
        value = mean([(weight, score) for weight, score, _key in counted])
        if value is not None:
            found.groups[category.key] = five_places(value)
            groups.append((Fraction(category.weight), value))
    value = mean(groups)
    found.value = None if value is None else five_places(value)
    return found


def shown(value: Decimal | None) -> str:
    """A grade in words of two places, rounded down: 59.999 never looks like a pass at 60."""
    if value is None:
        return ""
    plain = format(value.quantize(HUNDREDTH, rounding=ROUND_FLOOR), "f")
    return plain.rstrip("0").rstrip(".")


def passed(scheme: Scheme, value: Decimal | None) -> bool | None:
    """Whether a grade reaches the course's pass mark; None when there is none, or no grade."""
    if scheme.pass_mark is None or value is None:
        return None
    return value >= scheme.pass_mark


def letter(value: Decimal) -> str:
    return next(name for name, least in LETTER_LIMITS if value >= least)


def mark(scheme: Scheme, value: Decimal | None) -> str:
    """The grade on the scale of the rules: a letter, `pass` or `fail`, or nothing (per cent)."""
    if value is None:
        return ""
    if scheme.scale == LETTERS:
        return letter(value)
    if scheme.scale == PASS:
        return "pass" if passed(scheme, value) else "fail"
    return ""
