from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RolePlayConfig(AppConfig):
    name = "activities.role_play"
    label = "role_play"
    verbose_name = _("Role-play")

    def ready(self):
        from activities.core import registry

        from .kind import RolePlaySoloKind

        registry.register(RolePlaySoloKind())
