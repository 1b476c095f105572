"""From text to terms. One module for what is indexed and what is asked, so that both agree.

Words come from PyThaiNLP's newmm, which is offline and loaded when the first text is analysed:
a process that does not search does not pay for it. Raise `VERSION` with any change of what comes
out; an index made with another version is rebuilt.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache

from .thai import normalise

VERSION = 2
GRAM = 3

# A run of Thai letters and marks, or of any other letters and digits. Thai punctuation (ฯ ๆ ๏ ฿)
# is between words.
RUN = re.compile(r"[\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e45\u0e47-\u0e4e]+|[^\W_\u0e00-\u0e7f]+")
THAI = re.compile(r"[\u0e00-\u0e7f]")

# Letters that stand for words. With dots: พ.ร.บ., also at the end of a run (ตามพ.ร.บ.), but not the
# second half of พล.ต.อ.; U.S.A. With spaces, with or without dots: พ. ร. บ., พ ร บ.
LETTER = "[\u0e01-\u0e2e]"
ANY = "[\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e45\u0e47-\u0e4e]"
ABBREVIATION = re.compile(
    rf"(?:(?<!{ANY})|(?<={ANY}{{3}})){LETTER}(?:\.{LETTER})+(?!{ANY})"
    rf"|(?<![\u0e01-\u0e4e.]){LETTER}(?:\.? {LETTER}(?!{ANY}|\.{LETTER}))+"
    r"|(?<![^\W_\u0e00-\u0e7f])[a-z](?:\.[a-z])+(?![^\W_\u0e00-\u0e7f])"
)
BETWEEN = re.compile(r"[. ]")
LETTERS = re.compile(f"{LETTER}+")
# The longest abbreviation without dots that is put together again; longer ones are found by 3-grams.
LONGEST_ABBREVIATION = 5
# "At" stands alone and is a word.
ALONE = "ณ"
# Words that say nothing about what a text is about. They are indexed and searched like all others, since
# leaving them out makes nothing better; but a result is not shown for them alone, nor are they marked.
FILLERS = frozenset(
    "และ ของ ที่ ใน เป็น การ ความ ให้ ได้ มี จาก กับ หรือ ไม่ ว่า โดย ตาม จะ นี้ คือ ซึ่ง เพื่อ แห่ง ด้วย "
    "the of and a an to in for on is are or with by at as it".split()
)


@cache
def _segmenter():
    from pythainlp.tokenize import word_tokenize

    return word_tokenize


@cache
def _dictionary() -> frozenset[str]:
    from pythainlp.corpus import thai_words

    return thai_words()


def runs(text: str) -> Iterator[tuple[str, int, int]]:
    """(run, start, end) of what stands together in a normalised text; an abbreviation is one run,
    without its dots and spaces."""
    at = 0
    for match in ABBREVIATION.finditer(text):
        yield from _plain_runs(text, at, match.start())
        yield BETWEEN.sub("", match.group()), *match.span()
        at = match.end()
    yield from _plain_runs(text, at, len(text))


def _plain_runs(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    for match in RUN.finditer(text, start, end):
        yield match.group(), *match.span()


def located(text: str, wanted: Collection[str] | None = None) -> Iterator[tuple[str, int, int]]:
    """(word, start, end) of the words of a normalised text, in order.

    `wanted`: only of the runs in which one of these may stand, since cutting takes long.
    """
    for run, start, end in runs(text):
        if wanted is not None and not any(word in run for word in wanted):
            continue
        if len(run) < end - start or not THAI.match(run):
            yield run, start, end
            continue
        at = start
        for word in mended(_segmenter()(run, engine="newmm", keep_whitespace=False)):
            yield word, at, at + len(word)
            at += len(word)


def mended(pieces: list[str]) -> list[str]:
    """A run's words with abbreviations put together: newmm cuts พรบ into พร and บ."""
    result: list[str] = []
    stretch: list[str] = []
    for piece in [*pieces, ""]:
        if LETTERS.fullmatch(piece) and piece != ALONE:
            stretch.append(piece)
            continue
        whole = "".join(stretch)
        if stretch and is_abbreviation(stretch, alone=len(stretch) == len(pieces)):
            result.append(whole)
        else:
            result += stretch
        stretch = []
        if piece:
            result.append(piece)
    return result


def is_abbreviation(pieces: list[str], *, alone: bool) -> bool:
    """Whether pieces of consonants only are scraps of an abbreviation rather than words. `alone`: they
    are a whole run."""
    if len(pieces) < 2 or sum(map(len, pieces)) > LONGEST_ABBREVIATION:
        return False
    if any(len(piece) >= GRAM and piece in _dictionary() for piece in pieces):
        return False
    scraps = [piece for piece in pieces if len(piece) == 1]
    return bool(scraps) or (alone and any(piece not in _dictionary() for piece in pieces))


def is_lettered(word: str) -> bool:
    """Whether a short word is letters only and none that the dictionary knows: กพ, not รถ."""
    return bool(LETTERS.fullmatch(word)) and word not in _dictionary()


def words(text: str) -> list[str]:
    """The words of a text that is already normalised, in order. What is said twice in a row counts once,
    as what is repeated by the sign ๆ does: ต่างต่าง is ต่างๆ."""
    found: list[str] = []
    for word, _start, _end in located(text):
        if found and word == found[-1] and len(word) > 1 and THAI.match(word):
            continue
        found.append(word)
    return found


def segments(text: str) -> list[str]:
    """A text as it is written, cut into words and what is between them; joined, it is the text."""
    return _segmenter()(text, engine="newmm", keep_whitespace=True)


def telling(found: Iterable[str]) -> set[str]:
    """Those words that say something; all of them where none does."""
    every = set(found)
    return every - FILLERS or every


def pairs(found: list[str]) -> list[tuple[str, str]]:
    """Each word with the next one."""
    return list(zip(found, found[1:], strict=False))


def analysed(text: str) -> tuple[tuple[str, ...], str]:
    """The words of a text as it was written, and what its 3-grams are cut from: the words in a row."""
    found = words(normalise(text))
    return tuple(found), "".join(found)


def squeezed(text: str) -> str:
    """A normalised text without what is between words: what 3-grams are cut from, so that a space
    or a dot more or less does not matter."""
    return "".join(RUN.findall(text))


def grams(text: str) -> list[str]:
    """The runs of three characters of a squeezed text, in order; a shorter text is its own gram."""
    if not text:
        return []
    return [text[n : n + GRAM] for n in range(max(1, len(text) - GRAM + 1))]


def gram_term(gram: str) -> str:
    """A 3-gram as a term that is never taken for a word, where both share one index."""
    return f"\ue000{gram}"


@lru_cache(maxsize=1024)
def query_words(text: str) -> tuple[str, ...]:
    """The words of a query as typed; kept, because suggestions ask again at every letter."""
    return tuple(words(normalise(text)))
