from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "lms.people"
    label = "people"
    verbose_name = _("People")

    def ready(self):
        from courses.enrolment import rules

        from . import (
            receivers,  # noqa: F401 - connects the signals
            records,
            scope,
        )

        rules.register_agencies(scope.agency_keys)
        rules.register_people(scope.visible_to)
        rules.register_agency_choices(scope.agency_choices)
        records.register()
