from django.core.management.base import BaseCommand

from courses.releases.settle import courses_known, settle


class Command(BaseCommand):
    help = "Bring every course's offer up to date with its pages, and print what became of each."

    def handle(self, **options):
        courses = courses_known()
        counts: dict[str, int] = {}
        for number, course in enumerate(courses, start=1):
            state = settle(course)
            status = state.status if state else "failed"
            counts[status] = counts.get(status, 0) + 1
            name = (state.slug if state else "") or course
            self.stdout.write(f"[{number}/{len(courses)}] {name}: {status}")
        said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        self.stdout.write(said or "There are no courses.")
        if counts.get("failed"):
            raise SystemExit(1)
