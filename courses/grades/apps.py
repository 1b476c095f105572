from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GradesConfig(AppConfig):
    name = "courses.grades"
    verbose_name = _("Grades")

    def ready(self):
        from courses.enrolment.progress import register_rule
        from courses.enrolment.teach_person import register_panel

        from . import notices, privacy  # noqa: F401 - make themselves known
        from .completion import CompletionRule
        from .sheet import panel

        register_rule(CompletionRule())
        register_panel(panel)
