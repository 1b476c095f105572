"""Thai as people type it, brought to one form before anything is compared.

The same word is stored in several ways: with the vowel ำ in one piece or in two, with a tone mark
before or after its vowel, with Thai or Arabic digits, with characters of no width between words.
`normalise` folds them. NFKC is not used: it takes ำ apart.
"""

import re
import unicodedata
from functools import lru_cache

FIRST, LAST = "\u0e00", "\u0e7f"
MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
TONES = "\u0e48-\u0e4b"
VOWEL_SIGNS = "\u0e31\u0e34-\u0e3a"

# Joiners, byte order marks, soft hyphens: never seen, often pasted.
NO_WIDTH = dict.fromkeys(
    [0x00AD, 0x061C, 0x2060, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F)]
)
DIGITS = {0x0E50 + digit: str(digit) for digit in range(10)}
FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: " "}
FOLDED = NO_WIDTH | DIGITS | FULL_WIDTH | {0x00A0: " "}
FOLDABLE = re.compile(f"[{''.join(map(chr, FOLDED))}]")

TWO_PIECE_AM = re.compile(f"\u0e4d([{TONES}]*)\u0e32")  # ํ(tone)า
TONE_IN_AM = re.compile(f"\u0e33([{TONES}]+)")  # ำ and then its tone
TWO_E = "\u0e40\u0e40"  # เเ
NIKHAHIT, AM = "\u0e4d", "\u0e33"
VOWEL = re.compile(f"[{VOWEL_SIGNS}]")
TONE_FIRST = re.compile(f"[{MARKS}]*[{TONES}\u0e4c][{VOWEL_SIGNS}][{MARKS}]*")
TONE_BEFORE_VOWEL = re.compile(f"[{TONES}\u0e4c][{VOWEL_SIGNS}]")
DOUBLED = re.compile(f"([{MARKS}\u0e33])\\1+")

CLUSTER = re.compile(
    f"\u0e40\u0e40|[^{MARKS}][{MARKS}\u200b-\u200f\u2060\ufeff\u0300-\u036f]*(?:\u0e33[{TONES}]*|\u0e32(?<=\u0e4d\u0e32)|(?<=\u0e4d[{TONES}])\u0e32)?|.",
    re.DOTALL,
)
# What goes on with the letter before it, in a normalised text.
CONTINUED = re.compile(f"[{MARKS}\u0e33\u0300-\u036f]+")


def normalise(text: str) -> str:
    """The text in the one form that is indexed and searched, in lower case."""
    # Most texts need little of this, and each look is quicker than the work it saves.
    text = letters(text)
    if NIKHAHIT in text:
        text = TWO_PIECE_AM.sub("\\1\u0e33", text)
    if AM in text:
        text = TONE_IN_AM.sub("\\1\u0e33", text)
    text = text.replace(TWO_E, "\u0e41")
    text = DOUBLED.sub("\\1", text)
    if TONE_BEFORE_VOWEL.search(text):
        text = DOUBLED.sub("\\1", TONE_FIRST.sub(vowels_first, text))
    return text


def letters(text: str) -> str:
    """Digits, widths and case folded, letter by letter; what is never seen is left out."""
    if FOLDABLE.search(text):
        text = text.translate(FOLDED)
    return unicodedata.normalize("NFC", text).lower()


def vowels_first(marks: re.Match) -> str:
    """The marks of one letter with its vowels before its tones."""
    return "".join(sorted(marks.group(), key=lambda mark: VOWEL.match(mark) is None))


def clusters(text: str) -> list[str]:
    """What a reader sees as one character each: a consonant with its vowel and tone marks. Joined,
    they are the text again."""
    return CLUSTER.findall(text)


def shortened(text: str, longest: int) -> str:
    """A text cut to so many characters at most, never within a cluster."""
    if len(text) <= longest:
        return text
    # One more, to see whether the last cluster goes on.
    kept = clusters(text[: longest + 1])
    return "".join(kept[:-1]) if len(kept) > 1 else text[:longest]


@lru_cache(maxsize=4096)
def _folded(cluster: str) -> str:
    """A cluster in normal form; kept, since a text is made of the same few hundred."""
    return normalise(cluster)


def aligned(text: str) -> tuple[str, list[int]]:
    """The normalised text, and for each of its characters where its cluster begins in `text`.

    The list has one more entry, the length of the text.
    """
    normal: list[str] = []
    starts: list[int] = []
    at = 0
    for cluster in clusters(text):
        folded = _folded(cluster)
        normal.append(folded)
        starts.extend([at] * len(folded))
        at += len(cluster)
    starts.append(at)
    return "".join(normal), starts


def placed(text: str, normal: str, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where stretches of the normalised text are in the text itself, from and to the edge of a cluster.

    `found` are [(start, end)] in `normal`, which is `normalise(text)`.
    """
    if len(text) == len(normal) and letters(text) == normal:
        # Letter by letter the same, as most texts are: only the edges have to be looked at.
        return [(begin_of(normal, start), end_of(normal, end)) for start, end in found]
    _normal, starts = aligned(text)
    result = []
    for start, end in found:
        last = starts[end - 1]
        while end < len(starts) and starts[end] == last:
            end += 1
        result.append((starts[start], starts[min(end, len(starts) - 1)]))
    return result


def begin_of(normal: str, at: int) -> int:
    """Where the cluster begins that holds a character of a normalised text."""
    while at and CONTINUED.match(normal, at):
        at -= 1
    return at


def end_of(normal: str, end: int) -> int:
    """Where the cluster ends that holds the character before `end`."""
    rest = CONTINUED.match(normal, end)
    return rest.end() if rest else end


def is_thai(text: str) -> bool:
    return any(FIRST <= character <= LAST for character in text)
