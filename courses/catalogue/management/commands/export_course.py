from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from activities.core.course_export import CannotExport
from courses.catalogue.course_export import export_course
from courses.catalogue.models import CoursePage


class Command(BaseCommand):
    help = "Write a course into a course file: YAML, or with --zip the file and its pictures."

    def add_arguments(self, parser):
        parser.add_argument("slug", help="the address of the course")
        parser.add_argument("-o", "--output", type=Path, help="where to write it (else: printed)")
        parser.add_argument("--zip", action="store_true", help="with its pictures, as an archive")
        parser.add_argument("--drafts", action="store_true", help="as the newest drafts have it")

    def handle(self, *, slug, output, drafts, zip, **options):
        page = CoursePage.objects.filter(slug=slug).first()
        if page is None:
            raise CommandError(f"There is no course with the address “{slug}”.")
        try:
            exported = export_course(page, drafts=drafts)
        except CannotExport as error:
            raise CommandError(str(error)) from error
        if zip:
            if output is None:
                raise CommandError("An archive needs a file: add --output NAME.zip.")
            output.write_bytes(exported.archive)
        elif output is None:
            self.stdout.write(exported.text)
            return
        else:
            output.write_text(exported.text, encoding="utf-8")
            for path, content in exported.pictures.items():
                file = output.parent / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        self.stdout.write(f"Wrote {output}.")
