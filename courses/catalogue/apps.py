from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    name = "courses.catalogue"
    label = "catalogue"
    verbose_name = _("Catalogue")

    def ready(self):
        from activities.core import registry

        from .lessons import LessonKind

        registry.register(LessonKind())
