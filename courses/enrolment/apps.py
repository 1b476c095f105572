from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnrolmentConfig(AppConfig):
    name = "courses.enrolment"
    label = "enrolment"
    verbose_name = _("Enrolment")

    def ready(self):
        from activities.core import cohorts
        from courses.catalogue import delivery_hooks
        from search import sources

        from . import (
            cohort_members,
            receivers,  # noqa: F401 - connects the signals
        )
        from .pages import Pages
        from .search_source import Courses, Posts, SitePages

        cohorts.register(cohort_members.members)
        delivery_hooks.register(Pages())
        for source in (Courses(), Posts(), SitePages()):
            sources.register(source)
