from django.core.management.base import BaseCommand, CommandError

from courses.enrolment.models import CourseRun
from courses.grades.recalculate import now
from courses.releases.models import CourseState


class Command(BaseCommand):
    help = (
        "Reckon grades anew from what people did: of every run, of a course (by its slug) or of one "
        "run. Safe to repeat; who has completed a course stays so."
    )

    def add_arguments(self, parser):
        parser.add_argument("--course", help="slug of a course")
        parser.add_argument("--run", type=int, help="number of a run, as in its address")

    def handle(self, *args, course=None, run=None, **options):
        runs = CourseRun.objects.order_by("pk")
        if course:
            state = CourseState.objects.filter(slug=course).first()
            if state is None:
                raise CommandError(f"There is no course {course}.")
            runs = runs.filter(course=state.course)
        if run:
            runs = runs.filter(pk=run)
            if not runs.exists():
                raise CommandError(f"There is no such run: {run}.")
        for found in runs:
            job = now(found, reason="recalculate_grades")
            self.stdout.write(
                f"run {found.pk}: {job.done} people, {job.changed} changed, "
                f"{job.completed} completed, {job.kept} complete under earlier rules"
            )
