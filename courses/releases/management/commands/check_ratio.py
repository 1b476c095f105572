import json

from django.core.management.base import BaseCommand, CommandError

from courses.catalogue.models import CoursePage
from courses.releases.audit import audit
from courses.releases.models import CourseState

# What is reported but does not break the rule: the kind comes back, or its content stays as it was.
HARMLESS = {"kind_missing"}


class Command(BaseCommand):
    help = (
        "Recompute every release that people get from its snapshots: what is on offer, and what the "
        "enrolled of withdrawn courses go on with. Ends with status 1 when one is not what it claims."
    )

    def add_arguments(self, parser):
        parser.add_argument("--course", metavar="SLUG", help="look at one course only")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, course, json: bool, **options):
        key = None
        if course:
            page = CoursePage.objects.filter(slug=course).first()
            state = CourseState.objects.filter(slug=course).first()
            if page is None and state is None:
                raise CommandError(f"There is no course with the address “{course}”.")
            key = state.course if state else page.translation_key
        looked_at, found = audit(key)
        broken = [finding for finding in found if finding.code not in HARMLESS]
        if json:
            self.stdout.write(as_json(looked_at, found))
        else:
            for finding in found:
                self.stdout.write(f"{finding.slug}: {finding.code}: {finding.detail}")
            self.stdout.write(
                f"{looked_at} course{'' if looked_at == 1 else 's'} served, "
                f"{len(broken)} problem{'' if len(broken) == 1 else 's'}."
            )
        if broken:
            raise SystemExit(1)


def as_json(looked_at: int, found: list) -> str:
    return json.dumps(
        {"offers": looked_at, "findings": [finding.as_dict() for finding in found]},
        ensure_ascii=False,
        indent=2,
    )
