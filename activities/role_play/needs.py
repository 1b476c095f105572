"""What waits for an instructor in scenarios."""

from django.utils.translation import gettext as _

from activities.core.needs import Need, stuck


def waiting(cohorts) -> list[Need]:
    return stuck("role_play_solo", cohorts, _("Learners without plays left"), "waiting")
