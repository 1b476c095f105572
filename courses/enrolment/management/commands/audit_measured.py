from django.core.management.base import BaseCommand

from courses.enrolment.time_audit import audit


class Command(BaseCommand):
    help = (
        "Compare what activities declare with what learners took. One that takes less than half "
        "counts twice the median from the next release on, and its authors are told."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *, dry_run: bool, **options):
        outcome = audit(dry_run=dry_run)
        for title in outcome.limited.values():
            self.stdout.write(f"counts less: {title}")
        for title in outcome.lifted.values():
            self.stdout.write(f"counts in full again: {title}")
        self.stdout.write(
            f"{outcome.looked_at} activities looked at, {len(outcome.limited)} count less, "
            f"{len(outcome.lifted)} count in full again."
        )
