"""Write down who may do what."""

from django.conf import settings
from django.core.management.base import BaseCommand

from lms.people.permissions import document


class Command(BaseCommand):
    help = "Print who may do what, or write it to docs/permissions.md. Changes nothing in the database."

    def add_arguments(self, parser):
        parser.add_argument("--write", action="store_true", help="write docs/permissions.md")

    def handle(self, *args, **options):
        text = document()
        if not options["write"]:
            self.stdout.write(text)
            return
        path = settings.BASE_DIR / "docs" / "permissions.md"
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"{path.relative_to(settings.BASE_DIR)} is written.")
