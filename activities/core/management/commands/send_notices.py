from django.core.management.base import BaseCommand

from activities.core import errands
from activities.core.mailing import send_waiting


class Command(BaseCommand):
    help = (
        "Mail what waits: messages that were not done, and notifications as each person wishes. "
        "For cron, where no beat runs."
    )

    def handle(self, **options):
        sent = send_waiting() + errands.sweep()
        self.stdout.write(f"Sent {sent} message{'' if sent == 1 else 's'}.")
