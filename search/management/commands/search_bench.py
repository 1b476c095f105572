import time
from contextlib import nullcontext

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from search import engines, scale
from search.contract import PUBLIC
from search.models import PassageRow

AT_ONCE = 1000
ROWS = """INSERT INTO search_passagerow (id, key, unit, source, "group", title, trail, body, kind,
    language, course, minutes, url, updated, scope, audience, labels)
    SELECT id + %(by)s, 'scale:' || (id + %(by)s), unit, source, "group", title, trail, body, kind,
    language, course, minutes, url, updated, scope, audience, labels
    FROM search_passagerow WHERE id <= %(distinct)s"""
COPIES = {
    "sqlite": [
        ROWS,
        "INSERT INTO search_fts(rowid, t, b, tg, bg) SELECT rowid + %(by)s, t, b, tg, bg "
        "FROM search_fts WHERE rowid <= %(distinct)s",
    ],
    "postgresql": [
        ROWS,
        "INSERT INTO search_terms SELECT passage_id + %(by)s, title_words, body_words, title_text, "
        "body_text, vector FROM search_terms WHERE passage_id <= %(distinct)s",
    ],
}


class Command(BaseCommand):
    help = (
        "Measure searches among many invented passages, on a database of its own that holds no "
        "other passages. Passages of an earlier run are kept and added to."
    )

    def add_arguments(self, parser):
        parser.add_argument("passages", type=int, nargs="+", help="for example 10000 100000")
        parser.add_argument("--engine", choices=["database", "elasticsearch"], default="database")
        parser.add_argument("--queries", type=int, default=100, help="of each kind")
        parser.add_argument(
            "--distinct",
            type=int,
            default=0,
            help="invent only so many and have the database copy them: as slow to search among, "
            "much quicker to make",
        )

    def handle(self, *args, **options):
        if PassageRow.objects.exclude(source="scale").exists():
            raise CommandError(
                "This database holds passages of a site. Give the measurement one of its own with "
                "LMS_DATABASE_URL."
            )
        library = scale.Library(options["distinct"])
        if options["engine"] == "elasticsearch":
            engine = engines.elasticsearch()
            if engine is None:
                raise CommandError("Set LMS_ELASTICSEARCH_URL to the address of Elasticsearch.")
            with engine.beside("scale") as beside:
                self.run(beside, library, options)
        else:
            self.run(engines.database(), library, options)

    def run(self, engine, library, options):
        self.stdout.write(f"{timezone.localdate()}, {engine.name}")
        for wanted in sorted(options["passages"]):
            began = time.monotonic()
            numbers = self.fill(engine, library, wanted)
            took = time.monotonic() - began
            self.stdout.write(
                f"\n{wanted:,} passages: {len(numbers):,} indexed, added in {took:.0f} s, "
                f"index {size_of(engine) / 1e6:,.0f} MB"
            )
            self.stdout.write(
                f"{'kind':16}{'queries':>8}{'p50 ms':>9}{'p95 ms':>9}{'CPU p95':>9}{'found':>8}"
            )
            for row in scale.measure(engine, library, numbers, options["queries"]):
                self.stdout.write(
                    f"{row.kind:16}{row.queries:8}{row.p50_ms:9.1f}{row.p95_ms:9.1f}"
                    f"{row.cpu_p95_ms:9.1f}{row.found:8.3f}"
                )
            self.stdout.flush()

    def fill(self, engine, library, wanted: int) -> list[int]:
        """Add passages until there are as many as wanted; passage n has the number n. Elasticsearch makes
        its index anew, as `rebuild_search` does."""
        if engine.name == "elasticsearch":
            numbers = list(range(1, wanted + 1))
            engine.rebuild(
                library.batches(numbers, AT_ONCE),
                lambda done: done % (50 * AT_ONCE) or self.stderr.write(f"{done:,} of {wanted:,}"),
            )
            return numbers
        there = engine.numbers()
        missing = [number for number in range(1, wanted + 1) if number not in there]
        copied = []
        if library.distinct and engine.name in COPIES:
            copied = [number for number in missing if number > library.distinct]
            missing = [number for number in missing if number <= library.distinct]
        if not missing and not copied:
            return list(range(1, wanted + 1))
        now = timezone.now()
        with getattr(engine, "in_bulk", nullcontext)():
            for at, batch in enumerate(library.batches(missing, AT_ONCE)):
                with transaction.atomic():
                    PassageRow.objects.bulk_create(
                        (row_of(entry, now) for entry in batch), ignore_conflicts=True
                    )
                    engine.index(batch)
                if at % 50 == 49:
                    self.stderr.write(f"{(at + 1) * AT_ONCE:,} of {len(missing):,}")
            for first in range(
                copied[0] if copied else wanted + 1, wanted + 1, library.distinct or 1
            ):
                self.copy(engine, library.distinct, first)
        engine.refresh()
        return list(range(1, wanted + 1))

    def copy(self, engine, distinct: int, first: int):
        """Copies of the invented passages, the first of them under the number `first`."""
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in COPIES[engine.name]:
                cursor.execute(statement, {"by": first - 1, "distinct": distinct})
        self.stderr.write(f"copied to {first - 1 + distinct:,}")


def row_of(entry, now) -> PassageRow:
    name = f"scale:{entry.number}"
    return PassageRow(
        pk=entry.number,
        key=name,
        unit=name,
        source="scale",
        group=name,
        title=" ".join(entry.title_words)[:500],
        kind="scale",
        language="th",
        url="/",
        updated=now,
        scope=PUBLIC,
        audience=PUBLIC,
    )


def size_of(engine) -> int:
    """Bytes of the index, the passages' texts left out."""
    if engine.name == "elasticsearch":
        stats = engine.patient.indices.stats(index=engine.alias)
        return stats["_all"]["total"]["store"]["size_in_bytes"]
    with connection.cursor() as cursor:
        if engine.name == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('search_terms')")
        else:
            cursor.execute("SELECT sum(length(block)) FROM search_fts_data")
        return cursor.fetchone()[0] or 0
