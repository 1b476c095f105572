from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from courses.catalogue.course_file import CourseFileRefused, import_courses


class Command(BaseCommand):
    help = "Import courses from a YAML file: all of it, or nothing. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--remove-rest",
            action="store_true",
            help="Take off what the course has and the file has not.",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Check and say what would change; change nothing.",
        )

    def handle(self, *args, **options):
        if not options["file"].is_file():
            raise CommandError(_("There is no file %(file)s.") % {"file": options["file"]})
        try:
            report = import_courses(
                options["file"], dry_run=options["dry_run"], remove_rest=options["remove_rest"]
            )
        except CourseFileRefused as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise CommandError(
                _("Nothing was imported: %(count)s mistakes in the file.")
                % {"count": len(error.problems)}
            ) from None
        self.stdout.write(
            _("Pages: %(created)s created, %(changed)s changed, %(unchanged)s as they were.")
            % {
                "created": len(report.created),
                "changed": len(report.changed),
                "unchanged": len(report.unchanged),
            }
        )
        if options["dry_run"]:
            self.stdout.write(_("Dry run: nothing was saved."))
