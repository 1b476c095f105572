from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "lms.people"
    label = "people"
    verbose_name = _("People")

    def ready(self):
        from activities.core import identity
        from courses.community import announcements
        from courses.enrolment import rules

        from . import (
            places,
            receivers,  # noqa: F401 - connects the signals
            records,
            scope,
        )

        rules.register_agencies(scope.agency_keys)
        rules.register_people(scope.visible_to)
        rules.register_agency_choices(scope.agency_choices)
        rules.register_agency_filter(scope.agencies_among, scope.people_of_agency)
        identity.register(scope.agency_names)
        announcements.register_target_groups(places.target_groups_of)
        records.register()
