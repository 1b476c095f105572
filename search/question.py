"""What somebody typed, as terms. Everything typed is text: no sign in it has a meaning for an
engine, and nothing that can be typed is an error."""

import re
from dataclasses import dataclass
from functools import cached_property

from django.core.cache import cache

from . import analysis
from .thai import normalise

LONGEST = 200
MOST_WORDS = 40
YEAR = re.compile(r"\d{4}")
BUDDHIST = 543
SYNONYMS = "search-synonyms"
KEPT_SECONDS = 60
# What no keyboard types; PostgreSQL refuses to store the first of them.
CONTROL = dict.fromkeys([*range(32), 127], " ")


@dataclass(frozen=True)
class Question:
    """A query in normal form. `others` are words that count as much as what was typed: the same
    year of the other era, synonyms; each is a tuple of words in a row."""

    typed: str
    text: str
    words: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def empty(self) -> bool:
        return not self.words

    @property
    def short(self) -> bool:
        """Too short for a 3-gram: half a word, or an abbreviation of two letters."""
        return len(self.text) < analysis.GRAM

    @cached_property
    def abbreviated(self) -> bool:
        """One short word that is never half of another: typed with dots (ก.พ.), or of letters that are
        no word (กพ)."""
        if not self.short or self.words != (self.text,):
            return False
        return bool(analysis.ABBREVIATION.search(normalise(self.typed))) or analysis.is_lettered(
            self.text
        )

    @property
    def of_one_run(self) -> bool:
        """One word of a script that is written with spaces: it stands within one run of letters, where a
        Thai word may be torn by a space or a dot."""
        return len(self.words) == 1 and not analysis.THAI.match(self.text)

    @cached_property
    def terms(self) -> list[str]:
        """The words, each once, those of the others too."""
        return list(
            dict.fromkeys([*self.words, *(word for other in self.others for word in other)])
        )

    @cached_property
    def marked(self) -> set[str]:
        """The words that are marked where what was typed as a whole is not found."""
        return {word for word in analysis.telling(self.terms) if len(word) > 1 or word.isdigit()}

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        found = analysis.pairs(list(self.words))
        for other in self.others:
            found += analysis.pairs(list(other))
        return list(dict.fromkeys(found))

    @cached_property
    def grams(self) -> list[str]:
        """The 3-grams of what was typed, in order, each once."""
        return list(dict.fromkeys(analysis.grams(self.text)))


def plain(typed: str) -> str:
    """What was typed or stands in an address, without what no keyboard types."""
    return typed.translate(CONTROL).strip()


def ask(typed: str) -> Question:
    """The question behind what was typed; too long a text is cut, not refused."""
    typed = plain(typed)
    text = normalise(typed[: LONGEST * 4])[:LONGEST]
    everything = analysis.query_words(text)
    words = everything[:MOST_WORDS]
    return Question(
        typed=typed,
        text="".join(everything),
        words=words,
        others=tuple(dict.fromkeys([*years(words), *synonyms(everything)])),
    )


def years(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The same years of the other era: 2567 is 2024."""
    found = []
    for word in words:
        if YEAR.fullmatch(word):
            year = int(word)
            if 2400 <= year < 2700:
                found.append((str(year - BUDDHIST),))
            elif 1857 <= year < 2157:
                found.append((str(year + BUDDHIST),))
    return found


def synonyms(asked: tuple[str, ...]) -> list[tuple[str, ...]]:
    """What means the same as something in a question, given its words."""
    text, spaced = "".join(asked), f" {' '.join(asked)} "
    found = []
    for parts in synonym_table():
        for part, words in parts:
            # Thai is written without spaces, so a part may stand within other letters; two letters
            # (ก.พ.) stand anywhere, and have to be a word.
            letters = "".join(words)
            if analysis.THAI.search(part) and len(letters) >= analysis.GRAM:
                there = letters in text
            else:
                there = f" {' '.join(words)} " in spaced
            if there:
                found += [others for other, others in parts if other != part]
                break
    return found


def synonym_table() -> list[list[tuple[str, tuple[str, ...]]]]:
    """[[(word in normal form, its words)]] of every set, kept for a while."""
    table = cache.get(SYNONYMS)
    if table is None:
        from .models import SynonymSet

        table = [
            [(part, tuple(analysis.words(part))) for part in row.parts()]
            for row in SynonymSet.objects.order_by("pk")
        ]
        cache.set(SYNONYMS, table, KEPT_SECONDS)
    return table


def forget_synonyms() -> None:
    cache.delete(SYNONYMS)
