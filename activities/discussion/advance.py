"""What the clock does when nobody looks: groups, dead groups, announcements, people who waited.

Everything here would be computed when somebody looks; a late scheduler is never a wrong state.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from activities.core import cohorts
from activities.core.enums import State
from activities.core.models import Participation, PhaseDates

from . import groups, notices, talks
from .enums import RunPhase
from .standing import settle

KIND = "discussion"
# A phase that began longer ago is not announced: the run was set up afterwards, or nobody was there.
ANNOUNCED = (RunPhase.INITIAL, RunPhase.REPLIES, RunPhase.SYNTHESIS)


def advance_all(now=None) -> int:
    """Bring every discussion with dates up to date. How many were looked at."""
    now = now or timezone.now()
    dated = PhaseDates.objects.filter(cohort=OuterRef("cohort"), item=OuterRef("item"))
    places = (
        Participation.objects.filter(Exists(dated), version__kind=KIND)
        .order_by()
        .values_list("cohort", "item")
        .distinct()
    )
    count = 0
    for cohort, item in list(places):
        advance(cohort, item, now)
        count += 1
    return count


def advance(cohort, item, now) -> None:
    """One discussion; running it again changes nothing."""
    newest = (
        Participation.objects.filter(cohort=cohort, item=item)
        .select_related("version")
        .order_by("-pk")
        .first()
    )
    rules = newest.version.rules
    groups.bring_up_to_date(talks.of_run(cohort, item, rules, now), rules)
    announce(cohort, item, rules, now)
    waiting = Participation.objects.filter(
        cohort=cohort, item=item, state=State.WAITING
    ).values_list("pk", flat=True)
    for pk in list(waiting):
        with transaction.atomic():
            who = (
                Participation.objects.select_for_update(of=("self",))
                .select_related("version")
                .get(pk=pk)
            )
            if not talks.of_participation(who, who.version.rules, now).patient:
                settle(who, who.version.rules, now, patient=False)


@transaction.atomic
def announce(cohort, item, rules, now) -> None:
    """Tell everybody of the run, once, that a phase has begun."""
    state = talks.of_run(cohort, item, rules, now)
    if state.phase not in ANNOUNCED or str(state.phase) in state.talk.told:
        return
    talk = talks.lock(cohort, item)
    if str(state.phase) in talk.told:
        return
    talk.told = [*talk.told, str(state.phase)]
    talk.save(update_fields=["told"])
    people = {member.user for member in cohorts.members(cohort)}
    notices.phase_begins(talk, RunPhase(state.phase), sorted(people))
