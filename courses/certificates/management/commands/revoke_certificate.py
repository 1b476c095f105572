from django.core.management.base import BaseCommand, CommandError

from courses.certificates.issue import revoke
from courses.certificates.models import Certificate


class Command(BaseCommand):
    help = "Revoke a certificate by its number; the verification page then says so, and why."

    def add_arguments(self, parser):
        parser.add_argument("number")
        parser.add_argument("--reason", required=True)

    def handle(self, *args, number: str, reason: str, **options):
        code = number.replace("-", "").upper()
        certificate = Certificate.objects.filter(code=code).first()
        if certificate is None:
            raise CommandError(f"There is no certificate {number}.")
        revoke(certificate, by=None, reason=reason)
        self.stdout.write(f"Revoked: {certificate}")
