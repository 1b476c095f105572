from django.core.management.base import BaseCommand

from courses.certificates.badges import keys
from courses.certificates.models import SigningKey


class Command(BaseCommand):
    help = (
        "Show the keys that sign credentials. --rotate makes a new one (what the old one signed stays "
        "verifiable); --reseal seals them anew after LMS_SECRET_KEY has changed."
    )

    def add_arguments(self, parser):
        parser.add_argument("--rotate", action="store_true")
        parser.add_argument("--reseal", action="store_true")

    def handle(self, *args, rotate: bool, reseal: bool, **options):
        if reseal:
            self.stdout.write(f"{keys.reseal()} keys sealed anew.")
        if rotate:
            keys.rotate()
        keys.current()
        for key in SigningKey.objects.all():
            until = f"retired {key.retired_at:%Y-%m-%d}" if key.retired_at else "signs"
            self.stdout.write(f"{key.kid}  made {key.created_at:%Y-%m-%d}  {until}")
