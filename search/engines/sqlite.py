"""SQLite's FTS5: nothing to install. Words and 3-grams of title and body in one virtual table.

The table is made by the migration `engine_tables`. Its tokenizer's categories include marks: without
them the vowels above and below a Thai consonant would split words.
"""

from collections.abc import Iterable

from django.db import OperationalError, connection

from search import analysis
from search.contract import EngineDown, Entry, Narrowing, Viewer
from search.thai import is_thai

from .tables import allowed, marks, rarest

# A word in a title says four times what one in the body says; a 3-gram 0.6 of a word.
WEIGHTS = "4.0, 1.0, 2.4, 0.6"
# Passages that a query may touch before terms are left out: what keeps a million passages quick.
BUDGET = 20_000
AT_ONCE = 500


class SqliteEngine:
    name = "sqlite"

    def index(self, entries: Iterable[Entry]) -> None:
        entries = list(entries)
        self.delete(entry.number for entry in entries)
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO search_fts(rowid, t, b, tg, bg) VALUES (%s, %s, %s, %s, %s)",
                [
                    (
                        entry.number,
                        " ".join(entry.title_words),
                        " ".join(entry.body_words),
                        " ".join(analysis.grams(entry.title_text)),
                        " ".join(analysis.grams(entry.body_text)),
                    )
                    for entry in entries
                ],
            )

    def delete(self, numbers: Iterable[int]) -> None:
        numbers = list(numbers)
        with connection.cursor() as cursor:
            for at in range(0, len(numbers), AT_ONCE):
                some = numbers[at : at + AT_ONCE]
                cursor.execute(f"DELETE FROM search_fts WHERE rowid IN ({marks(some)})", some)  # noqa: S608

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM search_fts")

    def numbers(self) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rowid FROM search_fts")
            return {row[0] for row in cursor.fetchall()}

    def refresh(self) -> None:
        """FTS5 knows its figures at any time."""

    def search(
        self, question, viewer: Viewer, narrowing: Narrowing, limit: int, titles_only: bool = False
    ) -> list[int]:
        words, letters = ("{t}", "{tg}") if titles_only else ("{t b}", "{tg bg}")
        try:
            with connection.cursor() as cursor:
                counts = self.counts(cursor, [*question.terms, *question.grams])
                found = self.best(
                    cursor, self.phrase(question, letters, counts), viewer, narrowing, limit
                )
                terms = self.any_of(question, words, letters, counts)
                if len(found) < limit and terms:
                    more = self.best(cursor, terms, viewer, narrowing, limit)
                    found += [number for number in more if number not in set(found)]
        except OperationalError as error:
            raise EngineDown(str(error)) from error
        return found[:limit]

    def counts(self, cursor, terms: list[str]) -> dict[str, int]:
        """In how many passages each term occurs, as a word or as a 3-gram."""
        if not terms:
            return {}
        cursor.execute(
            f"SELECT term, doc FROM search_vocabulary WHERE term IN ({marks(terms)})",  # noqa: S608
            terms,
        )
        return dict.fromkeys(terms, 0) | dict(cursor.fetchall())

    def phrase(self, question, letters: str, counts: dict) -> str:
        """What was typed, letter for letter; where every part of it is common, in titles alone."""
        grams = analysis.grams(question.text)
        if len(question.text) < analysis.GRAM:
            # Half a Thai word; of other scripts it would be a part of anything.
            return f"{{tg}} : {quoted(question.text)} *" if is_thai(question.text) else ""
        if any(not counts[gram] for gram in grams):
            return ""
        if min(counts[gram] for gram in grams) > BUDGET:
            letters = "{tg}"
        return f"{letters} : {quoted(' '.join(grams))}"

    def any_of(self, question, words: str, letters: str, counts: dict) -> str:
        """Any of the words, of the pairs of words, of the 3-grams: the rarest of them."""
        candidates = {
            **{f"{words} : {quoted(word)}": counts[word] for word in question.terms},
            **{
                # A pair is at most as common as the rarer of its words, and mostly much rarer.
                f"{words} : {quoted(' '.join(pair))}": min(counts[word] for word in pair) // 2
                for pair in question.pairs
            },
            **{f"{letters} : {quoted(gram)}": counts[gram] for gram in question.grams},
        }
        return " OR ".join(rarest(candidates, BUDGET))

    def best(self, cursor, match: str, viewer: Viewer, narrowing: Narrowing, limit: int):
        if not match:
            return []
        condition, values = allowed(viewer, narrowing)
        cursor.execute(
            "SELECT p.id FROM search_fts f JOIN search_passagerow p ON p.id = f.rowid "  # noqa: S608
            f"WHERE search_fts MATCH %s AND {condition} "
            f"ORDER BY bm25(search_fts, {WEIGHTS}), p.id LIMIT %s",
            [match, *values, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def quoted(text: str) -> str:
    """A string of FTS5's query language. Terms hold letters and digits only."""
    return '"' + text.replace('"', '""') + '"'
