"""A cohort with dates, and whoever leads it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from activities.core import cohorts
from activities.core.models import PhaseDates
from activities.core.pacing import windows_of

# A Monday at nine; answers are due after four days, replies after seven, conclusions after nine.
START = datetime(2026, 11, 16, 9, 0, tzinfo=ZoneInfo("Asia/Bangkok"))
DUE = {"initial": 4, "replies": 7, "synthesis": 9}


def day(n: float) -> datetime:
    return START + timedelta(days=n)


def dates(cohort, item, **changes) -> None:
    """The dates of a cohort's discussion; `replies=None` leaves a phase without any."""
    for phase, due in {**DUE, **changes}.items():
        if due is not None:
            PhaseDates.objects.create(
                cohort=cohort,
                item=item,
                phase=phase,
                opens_at=START if phase == "initial" else None,
                due_at=day(due),
            )


def enrolled(monkeypatch, *learners) -> None:
    """These people learn in the cohort, whether or not they have opened anything."""
    people = [cohorts.CohortMember(one.user.pk, one.participation.seat) for one in learners]
    monkeypatch.setattr(cohorts, "_members", lambda cohort: people)


def with_windows(learner) -> None:
    """What the player does for a cohort: visits know the learner's dates."""
    plain = learner.visit

    def visit(now=None):
        made = plain(now)
        made.windows = windows_of(
            learner.participation.cohort, learner.participation.item, learner.participation.seat
        )
        return made

    learner.visit = visit
