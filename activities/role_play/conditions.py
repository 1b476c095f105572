"""Conditions on choices: a small language that authors can read aloud.

    safety >= 2 and not (visited:n4 or visited:n5)

`name >= number` asks for points of a dimension so far, `visited:scene` whether the learner has
been there in this play. `not` binds before `and`, `and` before `or`. Conditions are parsed into
frozen objects; nothing is ever evaluated as program code.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

LONGEST = 300
WORD = r"-?[A-Za-z0-9_][A-Za-z0-9_-]*"
TOKEN = re.compile(rf"\s*(?:(>=|≥)|([():])|({WORD}))")
NUMBER = re.compile(r"-?[0-9]+")
KEYWORDS = {"and", "or", "not", "visited"}


class ConditionError(ValueError):
    """A condition that cannot be read. `position` counts characters from 1."""

    code = "condition"

    def __init__(self, position: int, message: str):
        super().__init__(message)
        self.position = position
        self.message = message


@dataclass(frozen=True)
class AtLeast:
    dimension: str
    least: int

    def holds(self, totals: Mapping[str, int], visited: Collection[str]) -> bool:
        return totals.get(self.dimension, 0) >= self.least


@dataclass(frozen=True)
class Visited:
    node: str

    def holds(self, totals, visited) -> bool:
        return self.node in visited


@dataclass(frozen=True)
class Not:
    part: "Condition"

    def holds(self, totals, visited) -> bool:
        return not self.part.holds(totals, visited)


@dataclass(frozen=True)
class All:
    parts: tuple["Condition", ...]

    def holds(self, totals, visited) -> bool:
        return all(part.holds(totals, visited) for part in self.parts)


@dataclass(frozen=True)
class Any:
    parts: tuple["Condition", ...]

    def holds(self, totals, visited) -> bool:
        return any(part.holds(totals, visited) for part in self.parts)


Condition = AtLeast | Visited | Not | All | Any


def parse(text: str) -> Condition | None:
    """The condition that a text says, None for an empty text. Raises `ConditionError`."""
    if not text or not text.strip():
        return None
    if len(text) > LONGEST:
        raise ConditionError(
            LONGEST, _("The condition is longer than %(most)s characters.") % {"most": LONGEST}
        )
    reader = Reader(tokens_of(text), len(text.rstrip()) + 1)
    condition = reader.either()
    if reader.token is not None:
        raise reader.unexpected()
    return condition


def names_in(condition: Condition | None) -> tuple[set[str], set[str]]:
    """(dimensions, nodes) that a condition speaks of."""
    match condition:
        case AtLeast(dimension=name):
            return {name}, set()
        case Visited(node=name):
            return set(), {name}
        case Not(part=part):
            return names_in(part)
        case All(parts=parts) | Any(parts=parts):
            found = [names_in(part) for part in parts]
            return set().union(*(f[0] for f in found)), set().union(*(f[1] for f in found))
    return set(), set()


def tokens_of(text: str) -> list[tuple[int, str]]:
    """(position from 1, token) for each token of a text."""
    tokens, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise ConditionError(
                at + 1,
                _("At character %(position)s: “%(found)s” is not understood.")
                % {"position": at + 1, "found": text[at]},
            )
        token = match.group(1) and ">=" or match.group(2) or match.group(3)
        tokens.append((match.start(match.lastindex) + 1, token))
        at = match.end()
    return tokens


class Reader:
    """Reads tokens from left to right, one look ahead (recursive descent)."""

    def __init__(self, tokens: list[tuple[int, str]], end: int):
        self.tokens = tokens
        self.end = end
        self.at = 0

    @property
    def token(self) -> str | None:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    @property
    def position(self) -> int:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else self.end

    def take(self, *wanted: str) -> bool:
        if self.token in wanted:
            self.at += 1
            return True
        return False

    def unexpected(self, wanted: str = "") -> ConditionError:
        values = {"position": self.position, "found": self.token, "wanted": wanted}
        if self.token is None:
            message = _("At character %(position)s: the condition ends too early.") % values
        elif wanted:
            message = (
                _("At character %(position)s: expected %(wanted)s, found “%(found)s”.") % values
            )
        else:
            message = _("At character %(position)s: “%(found)s” is not understood.") % values
        return ConditionError(self.position, message)

    def either(self) -> Condition:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def both(self) -> Condition:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def negation(self) -> Condition:
        if self.take("not"):
            return Not(self.negation())
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                raise self.unexpected("“)”")
            return inner
        return self.fact()

    def fact(self) -> Condition:
        if self.take("visited"):
            if not self.take(":"):
                raise self.unexpected("“:”")
            return Visited(self.name())
        dimension = self.name()
        if not self.take(">="):
            raise self.unexpected("“>=”")
        if self.token is None or not NUMBER.fullmatch(self.token):
            raise self.unexpected(_("a whole number"))
        least = int(self.token)
        self.at += 1
        return AtLeast(dimension, least)

    def name(self) -> str:
        token = self.token
        if token is None or token in KEYWORDS or not re.fullmatch(WORD, token):
            raise self.unexpected(_("a name"))
        self.at += 1
        return token
