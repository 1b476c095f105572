"""What waits for an instructor in quizzes."""

from django.utils.translation import gettext as _

from activities.core.needs import Need, stuck


def waiting(cohorts) -> list[Need]:
    return stuck("quiz", cohorts, _("Learners without attempts left"), "learners")
