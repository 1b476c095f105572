"""The people of a run, for the activities, which know cohorts and seats only."""

from uuid import UUID

from activities.core.cohorts import CohortMember

from .models import Enrolment


def members(cohort: UUID) -> list[CohortMember]:
    """Everybody who has a place in the run and has not left it, in the order of enrolment."""
    rows = Enrolment.objects.filter(
        run__key=cohort,
        state__in=[Enrolment.State.ACTIVE, Enrolment.State.COMPLETED],
        user__is_active=True,
    )
    return [CohortMember(*row) for row in rows.order_by("pk").values_list("user_id", "seat")]
