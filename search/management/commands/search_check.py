from django.core.management.base import BaseCommand, CommandError

from search import checking


class Command(BaseCommand):
    help = (
        "Compare what can be found with what is on offer, by numbers and digests, and repair it. "
        "Exit status 1 when --dry-run finds a fault or something cannot be repaired."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="compare only, change nothing")

    def handle(self, *args, **options):
        report = checking.check(repair=not options["dry_run"], tell=self.stdout.write)
        faults = len(report.faults)
        self.stdout.write(
            f"{report.groups} groups, {report.passages} passages, {faults} faults, "
            f"{report.repaired} repaired."
        )
        if faults and options["dry_run"]:
            raise CommandError("The index is not what is on offer. Run this without --dry-run.")
        if faults and not options["dry_run"]:
            left = checking.check(repair=False)
            if left.faults:
                raise CommandError(f"{len(left.faults)} faults are left.")
