"""When is a text a contribution? Length after normalising, and not copied.

Written for Thai, which has no spaces between words: vowels and tone marks count (they are
Unicode category M), spaces and punctuation do not.
"""

import re
import unicodedata

SHINGLE = 5
COPIED_FROM = 0.80

TAG = re.compile(r"<[^>]*>")
URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)
RUN_OF_ONE_CHARACTER = re.compile(r"(.)\1{2,}", re.DOTALL)


def normalise(text: str) -> str:
    """The characters of a text that count: NFC, without tags, URLs and quoted lines, letters,
    marks and digits only, runs of three or more of one character collapsed to one."""
    text = unicodedata.normalize("NFC", text or "")
    text = QUOTED_LINE.sub(" ", URL.sub(" ", TAG.sub(" ", text)))
    text = "".join(c for c in text if unicodedata.category(c)[0] in "LMN")
    return RUN_OF_ONE_CHARACTER.sub(r"\1", text)


def length(text: str) -> int:
    """How many characters of `text` count."""
    return len(normalise(text))


def shingles(normalised: str) -> set[str]:
    return {normalised[i : i + SHINGLE] for i in range(len(normalised) - SHINGLE + 1)}


def containment(text: str, source: str) -> float:
    """Which part of `text` stands also in `source`, 0 to 1, by shingles of five characters."""
    own = shingles(normalise(text))
    if not own:
        return 0.0
    return len(own & shingles(normalise(source))) / len(own)


def copied_from(text: str, sources) -> bool:
    """Whether `text` is, to 80 per cent or more, one of `sources`."""
    own = shingles(normalise(text))
    if not own:
        return False
    return any(len(own & shingles(normalise(s))) / len(own) >= COPIED_FROM for s in sources)
