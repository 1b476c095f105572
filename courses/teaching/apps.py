from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeachingConfig(AppConfig):
    name = "courses.teaching"
    verbose_name = _("Teaching")

    def ready(self):
        from courses.enrolment import announced, teach_needs

        from . import notices, privacy  # noqa: F401 - make themselves known
        from .announcements import for_learners
        from .inbox import unread

        announced.register(for_learners)
        teach_needs.register(unread)
