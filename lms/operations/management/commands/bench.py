"""`manage.py bench --size small|full`: what the pages cost, beside what they may cost."""

import platform
import time

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from lms.operations.bench import data, measure, pages

ROUNDS = 3


class Command(BaseCommand):
    help = "Fill an empty database with invented data and measure the pages."

    def add_arguments(self, parser):
        parser.add_argument("--size", choices=sorted(data.SIZES), default="small")

    def handle(self, *args, size: str, **options):
        begun = time.monotonic()
        try:
            bench = data.prepare(size)
        except data.Foreign:
            raise CommandError(
                "This database holds people who were not made by bench. Give it one of its own "
                "with LMS_DATABASE_URL."
            ) from None
        except data.OtherSize:
            raise CommandError(
                "This database was filled with another size. Give each size one of its own with "
                "LMS_DATABASE_URL."
            ) from None
        self.stdout.write(
            f"{timezone.localdate()}, Python {platform.python_version()}, {connection.vendor}, "
            f"{platform.machine()}; size {size}, data ready in {time.monotonic() - begun:.0f} s"
        )
        try:
            rounds = ROUNDS if size == "full" else 1
            self.report(bench.size.enrolments, pages.measure_pages(bench, rounds), bench)
            grown = data.grow(bench)
            self.report(grown, pages.measure_pages(bench, rounds))
            done = pages.measure_export(bench)
        except measure.NotAnswered as error:
            raise CommandError(str(error)) from error

        self.stdout.write(
            f"\nAgency report as a file: {done.lines:,} lines, {done.kilobytes:,.0f} kB, "
            f"{done.cpu_s:.1f} s CPU; memory grew by {done.grown_mb:.1f} MB from line "
            f"{measure.MEASURED_FROM:,} on"
        )

    def report(self, enrolments: int, found: list, bench=None) -> None:
        if bench is not None:
            found = [*found, *pages.measure_work(bench)]
        self.stdout.write(
            f"\n{enrolments:,} enrolments; a fixed piece of Python took {measure.yardstick():.0f} ms\n"
        )
        for line in pages.table(found):
            self.stdout.write(line)
        self.stdout.flush()
