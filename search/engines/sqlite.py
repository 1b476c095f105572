"""SQLite's FTS5: nothing to install. Words and 3-grams of title and body in one virtual table.

The table is made by the migration `engine_tables`. Its tokenizer's categories include marks: without
them the vowels above and below a Thai consonant would split words.
"""

from collections.abc import Iterable

from django.db import OperationalError, connection, transaction

from search import analysis
from search.contract import EngineDown, Entry, Narrowing, Viewer
from search.thai import is_thai

from .tables import allowed, marks, rarest

# A word in a title says four times what one in the body says; a 3-gram 0.6 of a word.
WEIGHTS = "4.0, 1.0, 2.4, 0.6"
# Passages that a query may touch before terms are left out: what keeps a million passages quick.
BUDGET = 5_000
RAREST = 4
# `bm25` walks the whole list of every term before it ranks the first passage. Lists longer than this
# are searched without it.
RANKED = 2 * BUDGET
# Passages whose texts are looked at when they are not ranked.
WINDOW = 1_000
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
                cursor.execute(f"DELETE FROM search_fts WHERE rowid IN ({marks(some)})", some)

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM search_fts")

    def numbers(self) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rowid FROM search_fts")
            return {row[0] for row in cursor.fetchall()}

    def refresh(self) -> None:
        """Count anew in how many passages each term is: FTS5 would walk a term's whole list for it."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM search_term_count")
            cursor.execute("INSERT INTO search_term_count SELECT term, doc FROM search_vocabulary")

    def search(
        self, question, viewer: Viewer, narrowing: Narrowing, limit: int, titles_only: bool = False
    ) -> list[int]:
        words, letters = ("{t}", "{tg}") if titles_only else ("{t b}", "{tg bg}")
        try:
            with connection.cursor() as cursor:
                counts = self.counts(cursor, [*question.terms, *question.grams])
                found = self.direct(cursor, question, titles_only, counts, viewer, narrowing, limit)
                for match, is_ranked in self.further(question, words, letters, counts):
                    if len(found) >= limit:
                        break
                    ask = self.best if is_ranked else self.shortest
                    known = set(found)
                    more = ask(cursor, match, viewer, narrowing, limit)
                    found += [number for number in more if number not in known]
        except OperationalError as error:
            raise EngineDown(str(error)) from error
        return found[:limit]

    def counts(self, cursor, terms: list[str]) -> dict[str, int]:
        """In how many passages each term occurs, as a word or as a 3-gram; 1 for what was not there
        when it was last counted."""
        if not terms:
            return {}
        cursor.execute(
            f"SELECT term, passages FROM search_term_count WHERE term IN ({marks(terms)})",
            terms,
        )
        return dict.fromkeys(terms, 1) | dict(cursor.fetchall())

    def direct(
        self, cursor, question, titles_only: bool, counts: dict, viewer, narrowing, limit: int
    ) -> list[int]:
        """Where what was typed stands letter for letter."""
        if len(question.text) < analysis.GRAM:
            # Half a Thai word; of other scripts it would be a part of anything.
            match = f"{{tg}} : {quoted(question.text)} *" if is_thai(question.text) else ""
            return self.best(cursor, match, viewer, narrowing, limit)
        grams = analysis.grams(question.text)
        # The rarest few find the place; the texts then tell whether all stand in a row. Where even
        # these are common, only titles are looked at.
        rare = sorted(dict.fromkeys(grams), key=counts.get)[:RAREST]
        titles_only = titles_only or counts[rare[0]] > BUDGET
        letters = "{tg}" if titles_only else "{tg bg}"
        row = " ".join(grams)
        where, values = "instr(f.tg, %s)", [row]
        if not titles_only:
            where, values = "(instr(f.tg, %s) OR instr(f.bg, %s))", [row, row]
        match = f"{letters} : ({' AND '.join(map(quoted, rare))})"
        ask = self.best if sum(counts[gram] for gram in rare) <= RANKED else self.shortest
        return ask(cursor, match, viewer, narrowing, limit, where, values)

    def further(self, question, words: str, letters: str, counts: dict) -> list[tuple[str, bool]]:
        """What else to look for, one after the other until enough is found: [(query, whether it is
        to be ranked)]."""
        if not question.words:
            return []
        candidates = {
            **{f"{words} : {quoted(word)}": counts[word] for word in question.terms},
            **{
                # A pair is at most as common as the rarer of its words, and mostly much rarer.
                f"{words} : {quoted(' '.join(pair))}": max(
                    1, min(counts[word] for word in pair) // 2
                )
                for pair in question.pairs
            },
            **{f"{letters} : {quoted(gram)}": counts[gram] for gram in question.grams},
        }
        taken = rarest(candidates, BUDGET)
        if taken and candidates[taken[0]] <= BUDGET:
            return [(" OR ".join(taken), True)]
        # Nothing but common words: what holds all of them, in its title if possible, then titles
        # that hold the rarest.
        rising = sorted(question.words, key=counts.get)
        every = f"({' AND '.join(map(quoted, rising))})"
        return [
            (f"{{t}} : {every}", False),
            (f"{words} : {every}", False),
            (f"{{t}} : {quoted(rising[0])}", False),
        ]

    def best(
        self,
        cursor,
        match: str,
        viewer: Viewer,
        narrowing: Narrowing,
        limit: int,
        where="1",
        more=(),
    ) -> list[int]:
        if not match:
            return []
        condition, values = allowed(viewer, narrowing)
        cursor.execute(
            "SELECT p.id FROM search_fts f JOIN search_passagerow p ON p.id = f.rowid "
            f"WHERE search_fts MATCH %s AND {condition} AND {where} "
            f"ORDER BY bm25(search_fts, {WEIGHTS}), p.id LIMIT %s",
            [match, *values, *more, limit],
        )
        return [row[0] for row in cursor.fetchall()]

    def shortest(
        self,
        cursor,
        match: str,
        viewer: Viewer,
        narrowing: Narrowing,
        limit: int,
        where="1",
        more=(),
    ) -> list[int]:
        """As `best`, for lists too long to rank: of the newest `WINDOW` passages those with the
        shortest titles first."""
        condition, values = allowed(viewer, narrowing)
        cursor.execute(
            "SELECT f.id FROM (SELECT p.id AS id, f.tg AS tg, f.bg AS bg FROM search_fts f "
            f"JOIN search_passagerow p ON p.id = f.rowid WHERE search_fts MATCH %s AND {condition} "
            f"ORDER BY f.rowid DESC LIMIT {WINDOW}) f "
            f"WHERE {where} ORDER BY length(f.tg), f.id LIMIT %s",
            [match, *values, *more, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def quoted(text: str) -> str:
    """A string of FTS5's query language. Terms hold letters and digits only."""
    return '"' + text.replace('"', '""') + '"'
