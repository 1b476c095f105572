"""BM25F over a few candidates, for databases whose own ranking knows no rarity of words.

Each term counts by its rarity in all passages; a title's occurrence more than a body's; long
bodies less. Words, pairs of words and 3-grams add up (Robertson, Zaragoza and Taylor, "Simple BM25
extension to multiple weighted fields", 2004). What was typed, found letter for letter, comes first.
"""

import math
from dataclasses import dataclass

from search import analysis

K1 = 1.2
TITLE_WORD, TITLE_GRAM, BODY_GRAM = 4.0, 2.4, 0.6
TITLE_PAIR = 2.0
B_TITLE, B_BODY = 0.5, 0.5
DIRECT = 1000.0


@dataclass(frozen=True)
class Candidate:
    """A passage's texts: words joined by single spaces, and the squeezed texts."""

    number: int
    title_words: str
    body_words: str
    title_text: str
    body_text: str


@dataclass(frozen=True)
class Figures:
    """Of all passages: how many, how many hold each term, and the mean lengths in characters."""

    passages: int
    counts: dict[str, int]
    title_length: float
    body_length: float

    def rarity(self, term: str) -> float:
        n = min(self.counts.get(term, 0), self.passages)
        return math.log(1 + (self.passages - n + 0.5) / (n + 0.5))


def rank(
    question, candidates: list[Candidate], figures: Figures, *, letters: bool = True
) -> list[int]:
    """The candidates' numbers, best first. Without `letters` by words and pairs of words alone, which
    needs no texts of the candidates but their words."""
    words = [(f" {word} ", figures.rarity(word)) for word in question.terms]
    pairs = [
        # No figures are kept about pairs: a pair is at most as common as the rarer of its words.
        (f" {' '.join(pair)} ", max(figures.rarity(word) for word in pair))
        for pair in question.pairs
    ]
    grams, text = [], ""
    if letters:
        grams = [(gram, figures.rarity(analysis.gram_term(gram))) for gram in question.grams]
        # Two letters stand anywhere: they count where they are a word.
        text = f" {question.text} " if question.abbreviated else question.text
    scored = [
        (-score(text, words, pairs, grams, candidate, figures), candidate.number)
        for candidate in candidates
    ]
    return [number for _score, number in sorted(scored)]


def score(text, words, pairs, grams, candidate: Candidate, figures: Figures) -> float:
    title, body = f" {candidate.title_words} ", f" {candidate.body_words} "
    title_text, body_text = candidate.title_text, candidate.body_text
    in_title = 1 - B_TITLE + B_TITLE * len(title_text) / (figures.title_length or 1)
    in_body = 1 - B_BODY + B_BODY * len(body_text) / (figures.body_length or 1)
    total = 0.0
    for found_in, weight, terms in (
        ((title, body), (TITLE_WORD, 1.0), words),
        ((title, body), (TITLE_PAIR, 1.0), pairs),
        ((title_text, body_text), (TITLE_GRAM, BODY_GRAM), grams),
    ):
        for term, rarity in terms:
            often = (
                weight[0] * found_in[0].count(term) / in_title
                + weight[1] * found_in[1].count(term) / in_body
            )
            if often:
                total += rarity * often * (K1 + 1) / (K1 + often)
    where = (title, body) if text.startswith(" ") else (title_text, body_text)
    if text and (text in where[0] or text in where[1]):
        total += DIRECT
    return total
