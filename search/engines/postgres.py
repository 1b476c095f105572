"""PostgreSQL: one tsvector a passage and a GIN index find candidates, `ranking` orders them.

No extension is needed. The vectors are made here, from the analyser's words and 3-grams, because
PostgreSQL has no Thai dictionary and would take a whole Thai sentence for one word.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext

from django.db import InterfaceError, OperationalError, connection, transaction

from search import analysis
from search.contract import EngineDown, Entry, Narrowing, Viewer
from search.thai import is_thai

from .ranking import Candidate, Figures, rank
from .tables import allowed, rarest

# Candidates that are ranked, and passages that a query may touch before terms are left out.
CANDIDATES = 50
BUDGET = 2_000
AT_ONCE = 200
RAREST = 4
TABLES = ("search_terms", "search_term_count", "search_figures", "search_passagerow")
# A scan of the table would unpack every vector; the planner takes them for small. Compiling such a query
# takes longer than answering it.
PLANNED = "SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
AS_BEFORE = "SET LOCAL enable_seqscan = on; SET LOCAL jit = on"
# Marks a term as one of a title.
TITLE = "\ue001"


class PostgresEngine:
    name = "postgresql"

    def index(self, entries: Iterable[Entry]) -> None:
        rows = [
            (
                entry.number,
                " ".join(entry.title_words),
                " ".join(entry.body_words),
                entry.title_text,
                entry.body_text,
                terms_of(entry),
            )
            for entry in entries
        ]
        with connection.cursor() as cursor:
            for at in range(0, len(rows), AT_ONCE):
                cursor.executemany(
                    "INSERT INTO search_terms VALUES (%s, %s, %s, %s, %s, array_to_tsvector(%s)) "
                    "ON CONFLICT (passage_id) DO UPDATE SET title_words = EXCLUDED.title_words, "
                    "body_words = EXCLUDED.body_words, title_text = EXCLUDED.title_text, "
                    "body_text = EXCLUDED.body_text, vector = EXCLUDED.vector",
                    rows[at : at + AT_ONCE],
                )

    def delete(self, numbers: Iterable[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM search_terms WHERE passage_id = ANY(%s)", [list(numbers)])

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE search_terms, search_term_count, search_figures")

    def numbers(self) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT passage_id FROM search_terms")
            return {row[0] for row in cursor.fetchall()}

    def refresh(self) -> None:
        """Count anew in how many passages each term is. Searches go on with the old figures."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('search_figures'))")
            cursor.execute("DELETE FROM search_term_count")
            cursor.execute(
                "INSERT INTO search_term_count SELECT word, ndoc "
                "FROM ts_stat('SELECT vector FROM search_terms')"
            )
            cursor.execute("DELETE FROM search_figures")
            cursor.execute(
                "INSERT INTO search_figures SELECT count(*), coalesce(avg(length(title_text)), 1), "
                "coalesce(avg(length(body_text)), 1) FROM search_terms"
            )
            # Right after many changes the planner would go by figures of an empty table.
            cursor.execute("ANALYZE search_terms")
            cursor.execute("ANALYZE search_passagerow")

    @contextmanager
    def in_bulk(self, memory_mb: int = 1024) -> Iterator[None]:
        """For measurements among very many passages: the index of terms is dropped, and made at the
        end in one go, which takes a tenth of the time. Nothing can be found quickly meanwhile."""
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX IF EXISTS search_terms_vector")
        try:
            yield
        finally:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL maintenance_work_mem = '{memory_mb}MB'")
                cursor.execute(
                    "CREATE INDEX search_terms_vector ON search_terms USING gin (vector) "
                    "WITH (fastupdate = off)"
                )

    @contextmanager
    def beside(self) -> Iterator["PostgresEngine"]:
        """This engine on empty tables of this connection's own for a while: temporary tables stand
        before the site's, which stay as they are and go on answering everybody else."""
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(
                    f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL)"
                )
        try:
            yield self
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {', '.join(f'pg_temp.{table}' for table in TABLES)}")

    def search(
        self, question, viewer: Viewer, narrowing: Narrowing, limit: int, titles_only: bool = False
    ) -> list[int]:
        # Inside of somebody's transaction a failure must not spoil it.
        guard = transaction.atomic() if connection.in_atomic_block else nullcontext()
        try:
            with guard, connection.cursor() as cursor:
                asking = Asking(cursor, question, viewer, narrowing, limit, titles_only)
                return asking.answer()
        except (OperationalError, InterfaceError) as error:
            raise EngineDown(str(error)) from error


class Asking:
    """One search. `texts` are those of the best passages that were found so far, to rank them by."""

    def __init__(
        self,
        cursor,
        question,
        viewer: Viewer,
        narrowing: Narrowing,
        limit: int,
        titles_only: bool,
    ):
        self.cursor, self.question = cursor, question
        self.condition, self.values = allowed(viewer, narrowing)
        self.limit, self.titles_only = limit, titles_only
        self.texts: dict[int, Candidate] = {}
        self.figures = self.counted()

    def answer(self) -> list[int]:
        # Half a Thai word; of other scripts it would be a part of anything. An abbreviation is not half
        # of anything, unless there is nothing else.
        half = self.question.short and is_thai(self.question.text)
        found = [self.beginning() if half and not self.question.abbreviated else self.direct()]
        if len(found[0]) < self.limit:
            found += [self.together(), self.likely()]
        if half and not any(found):
            found.append(self.beginning())
        # The best of each are ranked anew; the others follow in the order in which they came.
        ranked = rank(self.question, list(self.texts.values()), self.figures)
        rest = dict.fromkeys(number for some in found for number in some)
        return list(dict.fromkeys([*ranked, *rest]))[: self.limit]

    def counted(self) -> Figures:
        """How common the question's words and 3-grams are."""
        question = self.question
        terms = [*question.terms, *(analysis.gram_term(gram) for gram in question.grams)]
        terms += [TITLE + term for term in terms]
        # What was never counted may have come since the last count.
        counts = dict.fromkeys(terms, 1)
        self.cursor.execute(
            "SELECT f.passages, f.title_length, f.body_length, c.term, c.passages "
            "FROM search_figures f LEFT JOIN search_term_count c ON c.term = ANY(%s)",
            [terms],
        )
        rows = self.cursor.fetchall()
        passages, title, body = rows[0][:3] if rows else (1, 1.0, 1.0)
        counts |= {term: holding for *_figures, term, holding in rows if term is not None}
        return Figures(max(passages, 1), counts, title, body)

    def numbers(self, query: str, values: list) -> list[int]:
        """What an SQL query of `id` finds, in its order; the texts of the first few are kept.

        It is one message to the server, which takes it for one transaction: the settings are those of
        this query alone. In a transaction of somebody else they are put back.
        """
        bodies = (
            "'', t.title_text, ''"
            if self.titles_only
            else "t.body_words, t.title_text, t.body_text"
        )
        self.cursor.execute(
            f"{PLANNED}; SELECT r.id, t.title_words, {bodies} "
            f"FROM (SELECT f.id, row_number() OVER () AS place FROM ({query}) f) r "
            f"LEFT JOIN search_terms t ON t.passage_id = r.id AND r.place <= {CANDIDATES} "
            f"ORDER BY r.place; {AS_BEFORE}",
            values,
        )
        for _setting in PLANNED.split(";"):
            self.cursor.nextset()
        rows = self.cursor.fetchall()
        best = [Candidate(*row) for row in rows[:CANDIDATES] if row[1] is not None]
        self.texts |= {candidate.number: candidate for candidate in best}
        return [row[0] for row in rows]

    def beginning(self) -> list[int]:
        """Titles with a letter and half a word."""
        query = f"{lexeme(TITLE + analysis.gram_term(self.question.text))}:*"
        return self.holding(query, self.titles_only)

    def direct(self) -> list[int]:
        """Where what was typed stands letter for letter, in titles first."""
        if self.question.empty or self.question.short:
            return []
        counts = self.figures.counts
        grams = [analysis.gram_term(gram) for gram in self.question.grams]
        # Where every part of it is common, only titles are looked at.
        titles_only = self.titles_only or min(counts[gram] for gram in grams) > BUDGET
        # The rarest few find the place; the texts then tell whether all stand in a row.
        grams = sorted(grams, key=counts.get)[:RAREST]
        return self.holding(
            " & ".join(lexeme(TITLE * titles_only + gram) for gram in grams), titles_only
        )

    def holding(self, query: str, titles_only: bool) -> list[int]:
        """The passages of a query in which the text stands letter for letter, in titles first."""
        text = self.question.text
        body = "" if titles_only else "OR position(%s in body_text) > 0"
        return self.numbers(
            "SELECT id FROM (SELECT p.id, s.title_text, s.body_text FROM search_terms s "
            f"JOIN search_passagerow p ON p.id = s.passage_id WHERE s.vector @@ %s::tsquery "
            f"AND {self.condition} LIMIT {BUDGET}) found "
            f"WHERE position(%s in title_text) > 0 {body} "
            "ORDER BY position(%s in title_text) = 0, length(title_text), id LIMIT %s",
            [query, *self.values, text, *([text] if body else []), text, self.at_least(self.limit)],
        )

    def likely(self) -> list[int]:
        """The passages that hold most of the rarest terms, each term by its rarity."""
        terms = self.affordable()
        if not terms:
            return []
        if self.figures.counts[terms[0]] > BUDGET:
            return self.common()
        pairs = ", ".join("(%s::tsquery, %s::float)" for _ in terms)
        weights = [value for term in terms for value in (lexeme(term), self.figures.rarity(term))]
        return self.numbers(
            "SELECT p.id FROM (SELECT s.passage_id, sum(t.weight) AS weight "
            # OFFSET 0 keeps the planner from turning this round and testing each passage's vector.
            f"FROM (VALUES {pairs}) t (term, weight), LATERAL (SELECT passage_id "
            "FROM search_terms WHERE vector @@ t.term OFFSET 0) s "
            "GROUP BY s.passage_id) found JOIN search_passagerow p ON p.id = found.passage_id "
            f"WHERE {self.condition} ORDER BY found.weight DESC, p.id LIMIT %s",
            [*weights, *self.values, self.at_least(self.limit)],
        )

    def affordable(self) -> list[str]:
        """The rarest terms, as many as the budget allows."""
        counts = self.figures.counts
        wanted = [term for term in counts if term.startswith(TITLE) or not self.titles_only]
        return rarest({term: counts[term] for term in wanted}, BUDGET)

    def together(self) -> list[int]:
        """What holds all words that were typed, where words cost too much for `likely`: two common words
        may stand far apart in a passage, and share no rare 3-gram with the question then."""
        terms = set(self.affordable())
        words = {TITLE * self.titles_only + word for word in self.question.words}
        if len(self.question.words) < 2 or not terms or words <= terms:
            return []
        return self.every_word(CANDIDATES)

    def common(self) -> list[int]:
        """Where nothing but common words was typed: what holds all of them, then titles that hold the
        rarest."""
        found = self.every_word(self.limit)
        if len(found) < self.limit:
            rarest_word = min(self.question.words, key=self.figures.counts.get)
            found += self.matching(lexeme(TITLE + rarest_word), self.limit)
        return list(dict.fromkeys(found))

    def every_word(self, limit: int) -> list[int]:
        """What holds all words that were typed, in its title if possible."""
        rising = sorted(self.question.words, key=self.figures.counts.get)
        found: dict[int, None] = {}
        for mark in (TITLE,) if self.titles_only else (TITLE, ""):
            if len(found) < limit:
                query = " & ".join(lexeme(mark + word) for word in rising)
                found |= dict.fromkeys(self.matching(query, limit))
        return list(found)

    def matching(self, query: str, limit: int) -> list[int]:
        return self.numbers(
            "SELECT p.id FROM search_terms s JOIN search_passagerow p "
            f"ON p.id = s.passage_id WHERE s.vector @@ %s::tsquery AND {self.condition} LIMIT %s",
            [query, *self.values, self.at_least(limit)],
        )

    @staticmethod
    def at_least(limit: int) -> int:
        """So many that there is something to rank."""
        return max(limit, CANDIDATES)


def lexeme(term: str) -> str:
    """A term in PostgreSQL's query language. Terms hold letters and digits only."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def terms_of(entry: Entry) -> list[str]:
    """The words and 3-grams of a passage, those of its title also as such."""
    title = {*entry.title_words, *map(analysis.gram_term, analysis.grams(entry.title_text))}
    body = {*entry.body_words, *map(analysis.gram_term, analysis.grams(entry.body_text))}
    return sorted(title | body | {TITLE + term for term in title})
