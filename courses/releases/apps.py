from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReleasesConfig(AppConfig):
    name = "courses.releases"
    label = "releases"
    verbose_name = _("Releases")

    def ready(self):
        from . import receivers, review_mail  # noqa: F401 - receivers connects the signals

        review_mail.connect()
