from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "activities.core"
    label = "activities"
    verbose_name = _("Activities")

    def ready(self):
        from .attachments import people

        people.register_records()
