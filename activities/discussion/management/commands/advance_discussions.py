from django.core.management.base import BaseCommand

from activities.discussion.advance import advance_all


class Command(BaseCommand):
    help = (
        "Form groups, join dead ones, announce phases of discussions. For cron, where no beat runs."
    )

    def handle(self, *args, **options):
        self.stdout.write(f"{advance_all()} discussions are up to date.")
