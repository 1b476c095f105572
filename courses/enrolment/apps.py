from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnrolmentConfig(AppConfig):
    name = "courses.enrolment"
    label = "enrolment"
    verbose_name = _("Enrolment")

    def ready(self):
        from activities.core import cohorts, privacy
        from courses.catalogue import delivery_hooks
        from search import sources

        from . import (
            cohort_members,
            receivers,  # noqa: F401 - connects the signals
        )
        from . import privacy as own
        from .pages import Pages
        from .search_source import Courses, Posts, SitePages

        cohorts.register(cohort_members.members)
        privacy.register(own.RECORDS)
        delivery_hooks.register(Pages())
        for source in (Courses(), Posts(), SitePages()):
            sources.register(source)
