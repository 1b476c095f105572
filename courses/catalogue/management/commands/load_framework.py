from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from courses.catalogue.load_framework import load_framework


class Command(BaseCommand):
    help = "Load or update the competency framework (editions 2560 and 2566). Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would change; change nothing."
        )

    def handle(self, *args, **options):
        counts = load_framework(dry_run=options["dry_run"])
        self.stdout.write(
            _("Framework: %(created)s created, %(changed)s changed.")
            % {"created": counts["created"], "changed": counts["changed"]}
        )
        if options["dry_run"]:
            self.stdout.write(_("Dry run: nothing was saved."))
