from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnrolmentConfig(AppConfig):
    name = "courses.enrolment"
    label = "enrolment"
    verbose_name = _("Enrolment")

    def ready(self):
        from courses.catalogue import delivery_hooks

        from . import receivers  # noqa: F401 - connects the signals
        from .pages import Pages

        delivery_hooks.register(Pages())
