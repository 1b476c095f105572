"""Write a package with a new kind of activity."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from activities.core import scaffold
from activities.core.enums import Category


class Command(BaseCommand):
    help = (
        "Write an installable package with a new kind of activity: page, kind, templates, "
        "migration, Thai catalogue and tests that pass."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="the kind's name for ever, for example field_visit")
        parser.add_argument("--directory", default=".", help="where the package's folder is made")
        parser.add_argument(
            "--category",
            default=Category.ACTIVE.value,
            help=f"how its minutes count: {', '.join(Category.values)}",
        )
        parser.add_argument("--label", default="", help="what people call it, in English")
        parser.add_argument("--label-th", default="", help="what people call it, in Thai")

    def handle(self, name, directory, category, label, label_th, **options):
        place = Path(directory)
        if not place.is_dir():
            raise CommandError(f"There is no folder {directory}. Make it first.")
        try:
            plan = scaffold.plan(name, category, label, label_th)
            written = scaffold.write(plan, place)
        except scaffold.BadName as error:
            raise CommandError(str(error)) from None
        root = place / plan.distribution
        self.stdout.write(f"{root}: {len(written)} files.\n\nWhat comes next:\n")
        self.stdout.write(f"  pip install -e {root}\n  python manage.py migrate {plan.name}\n")
        self.stdout.write(f"  PYTHONPATH=$PWD pytest {root} -c {root}/pyproject.toml\n")
