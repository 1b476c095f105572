"""Count what the reports of agencies show, for everybody; sets right what is wrong."""

from django.core.management.base import BaseCommand

from lms.people import sums


class Command(BaseCommand):
    help = (
        "Counts who takes and has completed what, below every agency, and sets the kept sums right. "
        "Run it once after an update that brings the sums, and after changes by SQL."
    )

    def handle(self, *args, **options):
        first = not sums.standing().filled
        wrong = sums.check()
        if first:
            self.stdout.write("The sums stand for everybody now.")
        else:
            self.stdout.write(
                f"{wrong} sums were wrong and have been set right." if wrong else "OK"
            )
