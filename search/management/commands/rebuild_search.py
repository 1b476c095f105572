from django.core.management.base import BaseCommand, CommandError

from search import checking, engines
from search.contract import EngineDown


class Command(BaseCommand):
    help = (
        "Index everything on offer anew. Searches go on meanwhile: each course is found as it was "
        "or as it is, and Elasticsearch gets a new index behind the old one."
    )

    def handle(self, *args, **options):
        count = checking.rebuild(self.stdout.write)
        elastic = engines.elasticsearch()
        if elastic is not None:
            try:
                checking.fill_elastic(
                    elastic,
                    lambda done: self.stdout.write(f"elasticsearch: {done}/{count} passages"),
                )
            except EngineDown as error:
                raise CommandError(
                    f"Elasticsearch does not answer ({error}). The database is up to date; run "
                    "this again when it is back."
                ) from error
        self.stdout.write(f"{count} passages can be found.")
