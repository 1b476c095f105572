from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "activities.core"
    label = "activities"
    verbose_name = _("Activities")

    def import_models(self):
        from . import plugins

        super().import_models()
        plugins.watch(self.apps)

    def ready(self):
        from . import (
            checks,  # noqa: F401 - registers the system checks
            records,
        )
        from .attachments import people

        records.register()
        people.register_records()
