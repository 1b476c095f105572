from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnrolmentConfig(AppConfig):
    name = "courses.enrolment"
    label = "enrolment"
    verbose_name = _("Enrolment")

    def ready(self):
        from activities.core import privacy
        from courses.catalogue import delivery_hooks
        from search import sources

        from . import privacy as own
        from . import receivers  # noqa: F401 - connects the signals
        from .pages import Pages
        from .search_source import Courses, Posts, SitePages

        privacy.register(own.RECORDS)
        delivery_hooks.register(Pages())
        for source in (Courses(), Posts(), SitePages()):
            sources.register(source)
