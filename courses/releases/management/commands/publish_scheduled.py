from wagtail.management.commands.publish_scheduled import Command as WagtailCommand

from courses.releases import scheduled


class Command(WagtailCommand):
    help = (
        "Publish and expire what is due, each page by itself: one that would break its course keeps "
        "its schedule and its author is told, all others go their way."
    )

    def handle(self, *args, **options):
        if options["dryrun"]:
            super().handle(*args, **options)
            return
        outcome = scheduled.run()
        for word in ("published", "expired", "refused", "failed"):
            for line in getattr(outcome, word):
                self.stdout.write(f"{word}: {line}")
        self.stdout.write(
            f"{len(outcome.published)} published, {len(outcome.expired)} expired, "
            f"{len(outcome.refused)} refused, {len(outcome.failed)} failed."
        )
