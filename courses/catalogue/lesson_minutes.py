"""How long a lesson takes: what its text and its media account for.

The floor keeps the rule honest: minutes of lecture that are there but not declared would make room
for more lecture. What is declared above it is a matter of judgement (people study, look things up,
take notes), so the far end is only remarked on. Reasons: docs/decisions/0006-lecture-minutes.md.
"""

import re
from fractions import Fraction

from activities.core.minutes import reading, whole
from activities.core.substance import length

LENGTH = re.compile(r"(\d{1,3}):([0-5]\d)")
MEDIA = ("video", "audio")
# Settings of blocks: no words that anybody reads.
UNREAD = {"id", "type", "image", "alt", "file", "embed", "captions", "document", "tone", "length"}
SLOWEST = 3  # times the floor: somebody who studies instead of reading
PAUSES = 10  # minutes more, for trying things out


def seconds_of(text: str | None) -> int:
    """Seconds of a length that was given as minutes:seconds; 0 when none was given."""
    match = LENGTH.fullmatch((text or "").strip())
    return int(match[1]) * 60 + int(match[2]) if match else 0


def words(value) -> int:
    """The characters to read in a stored block value, markup and settings left out."""
    if isinstance(value, str):
        return length(value)
    if isinstance(value, dict):
        return sum(words(part) for name, part in value.items() if name not in UNREAD)
    if isinstance(value, list | tuple):
        return sum(words(part) for part in value)
    return 0


def takes(block: dict) -> Fraction:
    """Minutes that a stored block takes. A recording with a transcript is met once, not twice:
    it takes its own length, or at least as long as reading the transcript."""
    read = reading(words(block["value"]))
    if block["type"] in MEDIA:
        return max(Fraction(seconds_of(block["value"].get("length")), 60), read)
    return read


def stored(page) -> list[dict]:
    """The blocks of a lesson as they are stored: reading these asks no database for images."""
    return list(page.body.raw_data) if page.body else []


def floor(page) -> int:
    """The least minutes, rounded down: a floor must never ask for too much."""
    return whole(sum((takes(block) for block in stored(page)), Fraction(0)))


def plausible(page) -> int:
    """The most minutes that the content makes plausible."""
    return SLOWEST * floor(page) + PAUSES


def of_unknown_length(page) -> list[str]:
    """The titles of recordings whose length was not given."""
    return [
        block["value"].get("title", "")
        for block in stored(page)
        if block["type"] in MEDIA and not seconds_of(block["value"].get("length"))
    ]


def holds_documents(page) -> bool:
    """Whether there are files to download: nobody knows how long those take."""
    return any(block["type"] == "document" for block in stored(page))
