from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from .breaks import break_at

break_at("import")


class DiaryConfig(AppConfig):
    name = "sala_diary"
    label = "diary"
    verbose_name = _("Diary")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from activities.core import registry

        from .kind import DiaryKind

        break_at("ready")
        registry.register(DiaryKind())
