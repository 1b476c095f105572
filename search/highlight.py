"""The part of a passage to show, with what was found marked; for every engine the same.

Marks begin and end between clusters, so a vowel or a tone mark is never torn from its consonant.
"""

import re
from typing import NamedTuple

from . import analysis
from .thai import MARKS, clusters, normalise, placed

LENGTH = 180
# Fewer letters than this in a row are shared by chance: "ata" of data, ข้อ of ข้อมูล.
SHARED = 5
WINDOW = 40
MARK = re.compile(f"[{MARKS}]")


class Piece(NamedTuple):
    """A stretch of text, and whether it was found."""

    text: str
    found: bool


def spans(text: str, question) -> list[tuple[int, int]]:
    """Where in the text the question's terms are: [(start, end)] in order, not overlapping.

    What was typed as a whole, else its words; where no word is found (a typing error, half a
    word), the longest runs that share 3-grams with it.
    """
    if question.empty or not text:
        return []
    normal = normalise(text)
    squeezed = analysis.squeezed(normal)
    # Two letters are found anywhere: the word that they are comes before.
    found = word_spans(normal, squeezed, question) if question.short else []
    if not found:
        found = direct_spans(normal, squeezed, question)
    if not found:
        found = word_spans(normal, squeezed, question)
    if not found and len(question.text) > analysis.GRAM:
        found = shared_spans(normal, squeezed, question)
    return merged(placed(text, normal, found)) if found else []


def direct_spans(normal: str, squeezed: str, question) -> list[tuple[int, int]]:
    """Where what was typed stands letter for letter."""
    length = len(question.text)
    found = [(at, at + length) for at in positions(squeezed, question.text)]
    # "data" is not in "stopped at any time".
    return [
        (start, end)
        for start, end in spread(normal, found)
        if not question.of_one_run or end - start <= length
    ]


def shared_spans(normal: str, squeezed: str, question) -> list[tuple[int, int]]:
    """The longest stretches that share 3-grams with the question."""
    shared = merged(
        [(at, at + analysis.GRAM) for gram in question.grams for at in positions(squeezed, gram)]
    )
    enough = max(SHARED, len(question.text) / 2)
    return spread(normal, [(start, end) for start, end in shared if end - start >= enough])


def spread(normal: str, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where stretches of the squeezed text are in the normalised one."""
    if not found:
        return []
    places = [at for match in analysis.RUN.finditer(normal) for at in range(*match.span())]
    return [(places[start], places[end - 1] + 1) for start, end in found]


def positions(text: str, part: str) -> list[int]:
    found, at = [], text.find(part) if part else -1
    while at >= 0:
        found.append(at)
        at = text.find(part, at + len(part))
    return found


def word_spans(normal: str, squeezed: str, question) -> list[tuple[int, int]]:
    """Where the words of the question stand as words of the text."""
    # Cutting a text into words takes long, and most hold none of them in any way.
    there = {word for word in question.marked if word in squeezed}
    if not there:
        return []
    return [(start, end) for word, start, end in analysis.located(normal, there) if word in there]


def merged(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def marked(text: str, question) -> list[Piece]:
    """The whole text in pieces, found and not."""
    return pieces(text, spans(text, question))


def excerpt(text: str, question, length: int = LENGTH) -> list[Piece]:
    """About `length` characters of the text around what was found first, in pieces."""
    text = " ".join(text.split())
    found = spans(text, question)
    if len(text) <= length:
        return pieces(text, found)
    middle = densest(found, length)
    start = cut(text, max(0, min(middle - length // 3, len(text) - length)))
    end = len(text) if start + length >= len(text) else cut(text, start + length, at_end=True)
    while text[end - 1] == " ":
        end -= 1
    inside = [
        (max(a, start) - start, min(b, end) - start) for a, b in found if b > start and a < end
    ]
    result = pieces(text[start:end], inside)
    if start:
        result.insert(0, Piece("… ", False))
    if end < len(text):
        result.append(Piece(" …", False))
    return result


def densest(found: list[tuple[int, int]], length: int) -> int:
    """Where a stretch of that length begins that shows most of what was found."""
    best, most = 0, 0
    for start, _end in found:
        shown = sum(b - a for a, b in found if a >= start and b <= start + length)
        if shown > most:
            best, most = start, shown
    return best


def cut(text: str, at: int, *, at_end: bool = False) -> int:
    """Where a phrase or else a word begins near `at`; where neither does, a cluster."""
    if at <= 0:
        return 0
    # Thai has spaces between phrases: a better place than between two words, and one to find quickly.
    # What was found begins sixty letters behind the place where an excerpt may begin.
    before, after = (WINDOW // 2, WINDOW // 4) if at_end else (WINDOW, WINDOW // 2)
    space = text.rfind(" ", max(0, at - WINDOW), at + after)
    if space >= at - before:
        return space + 1
    place = begin = space + 1 if space >= 0 else max(0, at - WINDOW)
    best = 0
    for word in analysis.segments(text[begin : at + WINDOW // 2]):
        place += len(word)
        if place > at:
            break
        if not MARK.match(text, place):
            best = place
    if best:
        return best
    place = 0
    for cluster in clusters(text):
        if place + len(cluster) > at:
            break
        place += len(cluster)
    return place


def pieces(text: str, found: list[tuple[int, int]]) -> list[Piece]:
    result, at = [], 0
    for start, end in found:
        if start > at:
            result.append(Piece(text[at:start], False))
        result.append(Piece(text[start:end], True))
        at = end
    if at < len(text):
        result.append(Piece(text[at:], False))
    return result
