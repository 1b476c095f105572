"""From text to terms. One module for what is indexed and what is asked, so that both agree.

Words come from PyThaiNLP's newmm, which is offline and loaded when the first text is analysed:
a process that does not search does not pay for it. Raise `VERSION` with any change of what comes
out; an index made with another version is rebuilt.
"""

import re
from functools import cache, lru_cache

from .thai import normalise

VERSION = 1
GRAM = 3

# A run of Thai letters and marks, or of any other letters and digits. Thai punctuation (ฯ ๆ ๏ ฿)
# is between words.
RUN = re.compile(r"[\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e45\u0e47-\u0e4e]+|[^\W_\u0e00-\u0e7f]+")
THAI = re.compile(r"[\u0e00-\u0e7f]")


@cache
def _segmenter():
    from pythainlp.tokenize import word_tokenize

    return word_tokenize


def words(text: str) -> list[str]:
    """The words of a text that is already normalised, in order."""
    found: list[str] = []
    for run in RUN.findall(text):
        if THAI.match(run):
            found.extend(_segmenter()(run, engine="newmm", keep_whitespace=False))
        else:
            found.append(run)
    return found


def segments(text: str) -> list[str]:
    """A text as it is written, cut into words and what is between them; joined, it is the text."""
    return _segmenter()(text, engine="newmm", keep_whitespace=True)


def pairs(found: list[str]) -> list[tuple[str, str]]:
    """Each word with the next one."""
    return list(zip(found, found[1:], strict=False))


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
