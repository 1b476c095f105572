"""What a new version of an item changes for somebody who has begun: words, less work, or something else.

Only what the source language says decides (`ItemVersion.rules`). Words are the fields that nobody is
measured by; everything else is a rule. Rules that became easier can be given to people who have begun;
rules that became harder, and a different graph, rubric or question, never.
"""

import json
from dataclasses import dataclass, field
from enum import Enum

from .models import ItemVersion

# Fields and parts of blocks that are read and never measured.
WORDS = frozenset(
    "title slug seo_title search_description intro instructions instructions_reviewer conclusion "
    "your_role text feedback lesson alt image name label help description explanation topic author "
    "synthesis_prompt reply_frames sources url body caption".split()
)
# What has a say in the course as a whole, not in what is asked here.
ELSEWHERE = frozenset("pk locale translation_key minutes required".split())
# Less of these asks less of a learner; more of those allows more.
LESS_IS_EASIER = frozenset(
    "min_chars min_chars_initial min_chars_reply min_chars_synthesis min_chars_comment "
    "required_replies distinct_authors peers_to_read reviews_per_learner attempts_required pass_mark "
    "synthesis self_assessment comment_required".split()
)
# 0 means as many as one likes.
MORE_IS_EASIER = frozenset(["attempts_max", "edit_window_minutes"])


class Change(Enum):
    SAME = "same"
    WORDS = "words"
    EASIER = "easier"
    OTHER = "other"


@dataclass(frozen=True)
class Difference:
    """What changed: the kind of change, the places where words did, and rules as (name, old, new)."""

    change: Change
    words: list[str] = field(default_factory=list)
    rules: list[tuple] = field(default_factory=list)

    @property
    def may_be_given(self) -> bool:
        """Whether people who have begun may get the new version."""
        return self.change in (Change.WORDS, Change.EASIER)


def compare(old: ItemVersion, new: ItemVersion) -> Difference:
    """How `new` differs from `old`, for those who have begun on `old`."""
    language = old.source_language
    if old.kind != new.kind or language != new.source_language:
        return Difference(Change.OTHER)
    words, rules = [], []
    walk(read(old.texts[language]), read(new.texts[language]), "", words, rules)
    for code in sorted({*old.languages, *new.languages} - {language}):
        if old.texts.get(code) != new.texts.get(code):
            words.append(code)
    if any(not easier(*rule) for rule in rules):
        return Difference(Change.OTHER, words, rules)
    if rules:
        return Difference(Change.EASIER, words, rules)
    return Difference(Change.WORDS if words else Change.SAME, words)


def read(value):
    """Fields that hold JSON (streams) as what they hold."""
    if isinstance(value, dict):
        return {name: read(part) for name, part in value.items()}
    if isinstance(value, list):
        return [read(part) for part in value]
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return read(json.loads(value))
        except ValueError:
            return value
    return value


def block(value) -> bool:
    return isinstance(value, dict) and {"type", "value"} <= value.keys()


def walk(old, new, name: str, words: list, rules: list) -> None:
    if old == new:
        return
    if name in WORDS:
        words.append(name)
    elif block(old) and block(new) and old["type"] == new["type"]:
        walk(old["value"], new["value"], name, words, rules)  # the ids of blocks say nothing
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new} - ELSEWHERE):
            walk(old.get(key), new.get(key), key, words, rules)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for before, after in zip(old, new, strict=True):
            walk(before, after, name, words, rules)
    else:
        rules.append((name, old, new))


def easier(name: str, old, new) -> bool:
    if not isinstance(old, int) or not isinstance(new, int):
        return False
    if name in LESS_IS_EASIER:
        return new < old
    if name in MORE_IS_EASIER:
        return new == 0 or (old != 0 and new > old)
    return False
