"""PostgreSQL: one tsvector a passage and a GIN index find candidates, `ranking` orders them.

No extension is needed. The vectors are made here, from the analyser's words and 3-grams, because
PostgreSQL has no Thai dictionary and would take a whole Thai sentence for one word.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

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
        goes_on = connection.in_atomic_block
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                # A scan of the table would unpack every vector; the planner takes them for small.
                # Compiling such a query takes longer than answering it.
                cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
                found = self._search(cursor, question, viewer, narrowing, limit, titles_only)
                # The end of the transaction takes the settings back, unless there is one around it.
                if goes_on:
                    cursor.execute("SET LOCAL enable_seqscan = on; SET LOCAL jit = on")
                return found
        except (OperationalError, InterfaceError) as error:
            raise EngineDown(str(error)) from error

    def _search(self, cursor, question, viewer, narrowing, limit, titles_only) -> list[int]:
        figures = self.figures(cursor, question)
        asked = (cursor, question, figures, viewer, narrowing, limit, titles_only)
        # Half a Thai word; of other scripts it would be a part of anything. An abbreviation is not half
        # of anything, unless there is nothing else.
        half = question.short and is_thai(question.text)
        found = [
            self.beginning(*asked) if half and not question.abbreviated else self.direct(*asked)
        ]
        if len(found[0]) < limit:
            found += [self.together(*asked), self.likely(*asked)]
        if half and not any(found):
            found.append(self.beginning(*asked))
        # The best of each are ranked anew; the others follow in the order in which they came.
        best = list(dict.fromkeys(number for some in found for number in some[:CANDIDATES]))
        ranked = rank(question, self.candidates(cursor, best, titles_only), figures)
        rest = dict.fromkeys(number for some in found for number in some[CANDIDATES:])
        return list(dict.fromkeys([*ranked, *rest]))[:limit]

    def figures(self, cursor, question) -> Figures:
        terms = [*question.terms, *(analysis.gram_term(gram) for gram in question.grams)]
        terms += [TITLE + term for term in terms]
        # What was never counted may have come since the last count.
        counts = dict.fromkeys(terms, 1)
        cursor.execute(
            "SELECT f.passages, f.title_length, f.body_length, c.term, c.passages "
            "FROM search_figures f LEFT JOIN search_term_count c ON c.term = ANY(%s)",
            [terms],
        )
        rows = cursor.fetchall()
        passages, title, body = rows[0][:3] if rows else (1, 1.0, 1.0)
        counts |= {term: holding for *_figures, term, holding in rows if term is not None}
        return Figures(max(passages, 1), counts, title, body)

    def beginning(self, cursor, question, figures, viewer, narrowing, limit, titles_only):
        """Titles with a letter and half a word."""
        query = f"{lexeme(TITLE + analysis.gram_term(question.text))}:*"
        return self.holding(cursor, query, question.text, viewer, narrowing, limit, titles_only)

    def direct(self, cursor, question, figures, viewer, narrowing, limit, titles_only) -> list[int]:
        """Where what was typed stands letter for letter, in titles first."""
        if question.empty or question.short:
            return []
        grams = [analysis.gram_term(gram) for gram in question.grams]
        # Where every part of it is common, only titles are looked at.
        titles_only = titles_only or min(figures.counts[gram] for gram in grams) > BUDGET
        # The rarest few find the place; the texts then tell whether all stand in a row.
        grams = sorted(grams, key=figures.counts.get)[:RAREST]
        query = " & ".join(lexeme(TITLE * titles_only + gram) for gram in grams)
        return self.holding(cursor, query, question.text, viewer, narrowing, limit, titles_only)

    def holding(self, cursor, query, text, viewer, narrowing, limit, titles_only) -> list[int]:
        """The passages of a query in which the text stands letter for letter, in titles first."""
        condition, values = allowed(viewer, narrowing)
        body = "" if titles_only else "OR position(%s in body_text) > 0"
        cursor.execute(
            "SELECT id FROM (SELECT p.id, s.title_text, s.body_text FROM search_terms s "
            f"JOIN search_passagerow p ON p.id = s.passage_id WHERE s.vector @@ %s::tsquery "
            f"AND {condition} LIMIT {BUDGET}) found "
            f"WHERE position(%s in title_text) > 0 {body} "
            "ORDER BY position(%s in title_text) = 0, length(title_text), id LIMIT %s",
            [query, *values, text, *([text] if body else []), text, max(limit, CANDIDATES)],
        )
        return [row[0] for row in cursor.fetchall()]

    def likely(self, cursor, question, figures, viewer, narrowing, limit, titles_only) -> list[int]:
        """The passages that hold most of the rarest terms, each term by its rarity."""
        terms = self.affordable(figures, titles_only)
        if not terms:
            return []
        if figures.counts[terms[0]] > BUDGET:
            return self.common(cursor, question, figures, viewer, narrowing, limit, titles_only)
        condition, values = allowed(viewer, narrowing)
        pairs = ", ".join("(%s::tsquery, %s::float)" for _ in terms)
        weights = [value for term in terms for value in (lexeme(term), figures.rarity(term))]
        cursor.execute(
            "SELECT p.id FROM (SELECT s.passage_id, sum(t.weight) AS weight "
            # OFFSET 0 keeps the planner from turning this round and testing each passage's vector.
            f"FROM (VALUES {pairs}) t (term, weight), LATERAL (SELECT passage_id "
            "FROM search_terms WHERE vector @@ t.term OFFSET 0) s "
            "GROUP BY s.passage_id) found JOIN search_passagerow p ON p.id = found.passage_id "
            f"WHERE {condition} ORDER BY found.weight DESC, p.id LIMIT %s",
            [*weights, *values, max(limit, CANDIDATES)],
        )
        return [row[0] for row in cursor.fetchall()]

    def affordable(self, figures, titles_only) -> list[str]:
        """The rarest terms, as many as the budget allows."""
        wanted = [term for term in figures.counts if term.startswith(TITLE) or not titles_only]
        return rarest({term: figures.counts[term] for term in wanted}, BUDGET)

    def together(self, cursor, question, figures, viewer, narrowing, limit, titles_only):
        """What holds all words that were typed, where words cost too much for `likely`: two common words
        may stand far apart in a passage, and share no rare 3-gram with the question then."""
        terms = set(self.affordable(figures, titles_only))
        words = {TITLE * titles_only + word for word in question.words}
        if len(question.words) < 2 or not terms or words <= terms:
            return []
        return self.every_word(
            cursor, question, figures, viewer, narrowing, titles_only, CANDIDATES
        )

    def common(self, cursor, question, figures, viewer, narrowing, limit, titles_only) -> list[int]:
        """Where nothing but common words was typed: what holds all of them, then titles that hold the
        rarest."""
        found = self.every_word(cursor, question, figures, viewer, narrowing, titles_only, limit)
        if len(found) < limit:
            rarest_word = min(question.words, key=figures.counts.get)
            found += self.matching(cursor, lexeme(TITLE + rarest_word), viewer, narrowing, limit)
        return list(dict.fromkeys(found))

    def every_word(self, cursor, question, figures, viewer, narrowing, titles_only, limit: int):
        """What holds all words that were typed, in its title if possible."""
        rising = sorted(question.words, key=figures.counts.get)
        found: dict[int, None] = {}
        for mark in (TITLE,) if titles_only else (TITLE, ""):
            if len(found) < limit:
                query = " & ".join(lexeme(mark + word) for word in rising)
                found |= dict.fromkeys(self.matching(cursor, query, viewer, narrowing, limit))
        return list(found)

    def matching(self, cursor, query, viewer, narrowing, limit: int) -> list[int]:
        condition, values = allowed(viewer, narrowing)
        cursor.execute(
            "SELECT p.id FROM search_terms s JOIN search_passagerow p "
            f"ON p.id = s.passage_id WHERE s.vector @@ %s::tsquery AND {condition} LIMIT %s",
            [query, *values, max(limit, CANDIDATES)],
        )
        return [row[0] for row in cursor.fetchall()]

    def candidates(self, cursor, numbers: list[int], titles_only: bool) -> list[Candidate]:
        body_words, body_text = ("''", "''") if titles_only else ("body_words", "body_text")
        cursor.execute(
            f"SELECT passage_id, title_words, {body_words}, title_text, {body_text} "
            "FROM search_terms WHERE passage_id = ANY(%s)",
            [numbers],
        )
        return [Candidate(*row) for row in cursor.fetchall()]


def lexeme(term: str) -> str:
    """A term in PostgreSQL's query language. Terms hold letters and digits only."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def terms_of(entry: Entry) -> list[str]:
    """The words and 3-grams of a passage, those of its title also as such."""
    title = {*entry.title_words, *map(analysis.gram_term, analysis.grams(entry.title_text))}
    body = {*entry.body_words, *map(analysis.gram_term, analysis.grams(entry.body_text))}
    return sorted(title | body | {TITLE + term for term in title})
