from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkshopConfig(AppConfig):
    name = "activities.workshop"
    label = "workshop"
    verbose_name = _("Workshop")

    def ready(self):
        from activities.core import registry

        from . import notices  # noqa: F401 - registers them
        from .kind import WorkshopKind

        registry.register(WorkshopKind())
