from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeachingConfig(AppConfig):
    name = "courses.teaching"
    verbose_name = _("Teaching")

    def ready(self):
        from courses.enrolment import announced, deadlines, progress, teach_needs, teach_person

        from . import (
            attendance,
            columns,
            meeting_dates,
            meeting_pages,
            notices,  # noqa: F401 - makes itself known
            person_panels,
            privacy,  # noqa: F401 - makes itself known
        )
        from .announcements import for_learners
        from .inbox import waiting

        announced.register(for_learners)
        teach_needs.register(waiting)
        deadlines.register_source(meeting_dates.dates)
        progress.register_rule(attendance.EnoughAttended())
        progress.register_reason(meeting_dates.why_not)
        columns.register(columns.Extra(_("Attended in per cent"), attendance.column))
        teach_person.register_panel(meeting_pages.panel)
        teach_person.register_panel(person_panels.written)
        teach_person.register_panel(person_panels.recorded)
