"""SQLite's FTS5: nothing to install. Words and 3-grams of title and body in one virtual table.

The table is made by the migration `engine_tables`. Its tokenizer's categories include marks: without
them the vowels above and below a Thai consonant would split words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from statistics import fmean

from django.db import OperationalError, connection, transaction

from search import analysis
from search.contract import EngineDown, Entry, Narrowing, Viewer
from search.thai import is_thai

from .ranking import Candidate, Figures, rank
from .tables import allowed, marks, rarest

# A word in a title says four times what one in the body says; a 3-gram 0.6 of a word.
WEIGHTS = "4.0, 1.0, 2.4, 0.6"
# Passages that a query may touch before terms are left out: what keeps a million passages quick.
BUDGET = 5_000
RAREST = 4
# `bm25` walks the whole list of every term before it ranks the first passage. Lists longer than this
# are searched without it.
RANKED = 2 * BUDGET
# Passages whose titles, and those whose bodies, are looked at when they are not ranked.
WINDOW = 1_000
WINDOW_OF_BODIES = 400
# Those that are ranked by their words alone.
TOGETHER = 200
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
        found: dict[int, None] = {}
        try:
            with connection.cursor() as cursor:
                counts = self.counts(cursor, [*question.terms, *question.grams])
                asked = steps(question, counts, titles_only)
                for at_last in (False, True):
                    some = [step for step in asked if step.at_last == at_last]
                    if some and not (at_last and found):
                        found |= self.answered(some, question, counts, viewer, narrowing, limit)
        except OperationalError as error:
            raise EngineDown(str(error)) from error
        return list(found)[:limit]

    def answered(self, some, question, counts, viewer, narrowing, limit) -> dict[int, None]:
        """What the steps find, one after the other, until there is enough.

        They are one query, whose parts SQLite works out one after the other and only when their
        first row is read: what is not needed any more costs nothing. A row is handed over when the
        next one is known, so each part may give one more than is wanted of it.
        """
        condition, values = allowed(viewer, narrowing)
        queries = [WAYS[step.way](step, condition, values, limit) for step in some]
        sql = " UNION ALL ".join(
            f"SELECT {n}, id, t, b FROM ({query})" for n, (query, _values) in enumerate(queries)
        )
        found: dict[int, None] = {}
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for _query, values in queries for value in values])
            for n, rows in groupby(cursor, key=itemgetter(0)):
                if some[n].way == "together":
                    candidates = [
                        Candidate(number, t, b, t, b) for _n, number, t, b in islice(rows, TOGETHER)
                    ]
                    found |= dict.fromkeys(by_words(question, candidates, counts))
                else:
                    for _n, number, _t, _b in islice(rows, limit):
                        found[number] = None
                        if len(found) >= limit:
                            break
                if len(found) >= limit:
                    break
        return found

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


@dataclass(frozen=True)
class Step:
    """A query and the way in which it is asked (`WAYS`). `where` is a condition on the texts. A step
    `at_last` is taken only if there is nothing so far."""

    match: str
    way: str = "best"
    where: str = "1"
    values: tuple = ()
    at_last: bool = False


def best(step: Step, condition: str, values: list, limit: int) -> tuple[str, list]:
    """What matches, ranked: for short lists."""
    return (
        "SELECT p.id AS id, '' AS t, '' AS b FROM search_fts f "
        "JOIN search_passagerow p ON p.id = f.rowid "
        f"WHERE search_fts MATCH %s AND {condition} AND {step.where} "
        f"ORDER BY bm25(search_fts, {WEIGHTS}), p.id LIMIT %s",
        [step.match, *values, *step.values, limit + 1],
    )


def shortest(step: Step, condition: str, values: list, limit: int) -> tuple[str, list]:
    """As `best`, for lists too long to rank: of the newest passages those with the shortest titles
    first."""
    # Bodies are long to read: only where they are asked for.
    bodies = "f.bg" in step.where
    return (
        "SELECT f.id AS id, '' AS t, '' AS b FROM "
        f"(SELECT p.id AS id, f.tg AS tg{', f.bg AS bg' * bodies} FROM search_fts f "
        f"JOIN search_passagerow p ON p.id = f.rowid WHERE search_fts MATCH %s AND {condition} "
        f"ORDER BY f.rowid DESC LIMIT {WINDOW_OF_BODIES if bodies else WINDOW}) f "
        f"WHERE {step.where} ORDER BY length(f.tg), f.id LIMIT %s",
        [step.match, *values, *step.values, limit + 1],
    )


def together(step: Step, condition: str, values: list, limit: int) -> tuple[str, list]:
    """As `shortest`, with the words by which `by_words` ranks them. Cheap, since only the newest
    `TOGETHER` are looked at."""
    return (
        "SELECT p.id AS id, f.t AS t, f.b AS b FROM search_fts f "
        "JOIN search_passagerow p ON p.id = f.rowid "
        f"WHERE search_fts MATCH %s AND {condition} ORDER BY f.rowid DESC LIMIT {TOGETHER + 1}",
        [step.match, *values],
    )


WAYS = {"best": best, "shortest": shortest, "together": together}


def by_words(question, candidates: list[Candidate], counts: dict[str, int]) -> list[int]:
    """Ranked by the words alone: how often and how close to one another they stand, and whether in the
    title."""
    figures = Figures(
        # Nobody counts the passages; what matters here is which word is rarer than the others.
        passages=2 * max(counts.values()),
        counts=counts,
        title_length=fmean(len(one.title_words) for one in candidates),
        body_length=fmean(len(one.body_words) for one in candidates),
    )
    return rank(question, candidates, figures, letters=False)


def steps(question, counts: dict[str, int], titles_only: bool) -> list[Step]:
    """What to ask one after the other, until enough is found."""
    if question.empty:
        return []
    return [
        *direct(question, counts, titles_only),
        *further(question, counts, titles_only),
        *(half_word(question, at_last=True) if question.abbreviated else []),
    ]


def direct(question, counts: dict[str, int], titles_only: bool) -> list[Step]:
    """Where what was typed stands letter for letter."""
    if question.short:
        return [] if question.abbreviated else half_word(question)
    grams = analysis.grams(question.text)
    # The rarest few find the place; the texts then tell whether all stand in a row. Where even
    # these are common, only titles are looked at.
    rare = sorted(dict.fromkeys(grams), key=counts.get)[:RAREST]
    titles_only = titles_only or counts[rare[0]] > BUDGET
    letters = "{tg}" if titles_only else "{tg bg}"
    row = " ".join(grams)
    where, values = "instr(f.tg, %s)", (row,)
    if not titles_only:
        where, values = "(instr(f.tg, %s) OR instr(f.bg, %s))", (row, row)
    match = f"{letters} : ({' AND '.join(map(quoted, rare))})"
    way = "best" if sum(counts[gram] for gram in rare) <= RANKED else "shortest"
    return [Step(match, way, where, values)]


def half_word(question, *, at_last: bool = False) -> list[Step]:
    """Titles with half a Thai word; of other scripts it would be a part of anything. One or two letters
    begin very many words, and rarity tells nothing of them: short titles first."""
    if not is_thai(question.text):
        return []
    return [Step(f"{{tg}} : {quoted(question.text)} *", "shortest", at_last=at_last)]


def further(question, counts: dict[str, int], titles_only: bool) -> list[Step]:
    """Words, pairs of words and 3-grams, as many as the budget allows; before them what holds all words,
    where one of these costs too much: two common words may stand far apart in a passage, and share
    no rare 3-gram with the question then."""
    words, letters = ("{t}", "{tg}") if titles_only else ("{t b}", "{tg bg}")
    single = {f"{words} : {quoted(word)}": counts[word] for word in question.terms}
    pairs = {
        # A pair is at most as common as the rarer of its words, and mostly much rarer.
        f"{words} : {quoted(' '.join(pair))}": max(1, min(counts[word] for word in pair) // 2)
        for pair in question.pairs
    }
    grams = {f"{letters} : {quoted(gram)}": counts[gram] for gram in question.grams}
    costs = single | pairs | grams
    taken = rarest(costs, BUDGET)
    typed = {f"{words} : {quoted(word)}" for word in question.words}
    rising = sorted(dict.fromkeys(question.words), key=counts.get)
    result = []
    if len(rising) > 1 and not typed <= set(taken):
        every = f"({' AND '.join(map(quoted, rising))})"
        result = [Step(f"{field} : {every}", "together") for field in dict.fromkeys(["{t}", words])]
    if taken and costs[taken[0]] <= BUDGET:
        return [*result, Step(" OR ".join(taken))]
    # Nothing but common words: at last the titles that hold the rarest.
    rarest_word = Step(f"{{t}} : {quoted(rising[0])}", "shortest")
    if result:
        return [*result, rarest_word]
    return [rarest_word, Step(f"{words} : {quoted(rising[0])}", "shortest")]


def quoted(text: str) -> str:
    """A string of FTS5's query language. Terms hold letters and digits only."""
    return '"' + text.replace('"', '""') + '"'
