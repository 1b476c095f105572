import json

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from search import engines, quality
from search.contract import PUBLIC, EngineDown
from search.models import PassageRow

AT_ONCE = 200


class Command(BaseCommand):
    help = (
        "Measure how good the results of an engine are: passages (JSON lines of id, title, text) "
        "and queries (qid, kind, query, relevant). The passages are indexed for the time of the "
        "measurement only; what the site can find stays as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument("passages", help="JSON lines: id, title, text")
        parser.add_argument("queries", help="JSON lines: qid, kind, query, relevant")
        parser.add_argument(
            "--engine",
            choices=["database", "elasticsearch"],
            default="database",
            help="which engine; default: the site's database",
        )
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args, **options):
        try:
            passages = quality.read_lines(options["passages"])
            queries = quality.read_lines(options["queries"])
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        try:
            if options["engine"] == "elasticsearch":
                figures = self.on_elasticsearch(passages, queries)
            elif connection.vendor == "postgresql":
                with engines.database().beside():
                    figures = self.on_database(passages, queries)
            else:
                with transaction.atomic():
                    figures = self.on_database(passages, queries)
                    transaction.set_rollback(True)
        except EngineDown as error:
            raise CommandError(f"The engine does not answer: {error}") from error
        self.show(figures, options["json"])

    def on_database(self, passages, queries):
        """Everything is undone afterwards, by the caller."""
        engine = engines.database()
        engine.clear()
        rows = PassageRow.objects.bulk_create(
            PassageRow(
                key=f"measured:{passage['id']}",
                unit=passage["id"],
                source="measured",
                group="measured",
                title=passage["title"],
                kind="measured",
                language="th",
                url="/",
                updated=timezone.now(),
                scope=PUBLIC,
                audience=PUBLIC,
            )
            for passage in passages
        )
        return self.measured(engine, [row.pk for row in rows], passages, queries)

    def on_elasticsearch(self, passages, queries):
        """In an index of its own that is deleted afterwards."""
        engine = engines.elasticsearch()
        if engine is None:
            raise CommandError("Set LMS_ELASTICSEARCH_URL to the address of Elasticsearch.")
        with engine.beside("measured") as beside:
            return self.measured(beside, list(range(1, len(passages) + 1)), passages, queries)

    def measured(self, engine, numbers, passages, queries):
        for at in range(0, len(passages), AT_ONCE):
            engine.index(
                quality.entry(number, passage["title"], passage["text"])
                for number, passage in zip(
                    numbers[at : at + AT_ONCE], passages[at : at + AT_ONCE], strict=True
                )
            )
            self.progress(f"indexed {min(at + AT_ONCE, len(passages))} of {len(passages)} passages")
        engine.refresh()
        by_id = {passage["id"]: number for passage, number in zip(passages, numbers, strict=True)}

        def tell(done):
            if done % 1000 == 0:
                self.progress(f"searched {done} of {len(queries)} queries")

        return quality.measure(engine, by_id, queries, tell)

    def progress(self, line):
        self.stderr.write(line)

    def show(self, figures, as_json):
        if as_json:
            self.stdout.write(json.dumps(quality.as_dict(figures), ensure_ascii=False))
            return
        self.stdout.write(
            f"{'kind':12}{'queries':>8}{'s@1':>8}{'s@10':>8}{'MRR@10':>8}{'empty':>8}"
            f"{'p50 ms':>8}{'p95 ms':>8}"
        )
        for kind, row in figures.items():
            self.stdout.write(
                f"{kind:12}{row.queries:8}{row.success_at_1:8.4f}{row.success_at_10:8.4f}"
                f"{row.mrr_at_10:8.4f}{row.empty:8.4f}{row.p50_ms:8.1f}{row.p95_ms:8.1f}"
            )
