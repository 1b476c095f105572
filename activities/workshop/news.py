"""What is new for somebody who waits in a workshop and has the page open.

Only that something has come is said, and only what the page shows anyway once it is loaded: never by
whom, never how a work was assessed.
"""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from activities.core import live
from activities.core.contract import LivePart

from . import allocation, standing
from .enums import Stage
from .models import ReviewLease, Submission

# Seconds between two questions: works and reviews come in hours, not in seconds.
EVERY = 30
# What an instructor does with a work that its author reads in the results.
ANSWERS = {
    f"workshop_desk_{what}" for what in ("review", "override", "clear_override", "exclude", "stand")
}
OPENED = (Stage.RESULTS, Stage.REVISING, Stage.DONE)


def parts(visit, events: list) -> list[LivePart]:
    """What has come for this learner, each thing once: {what: "results" | "work" | "answer" |
    "review"}. Nothing before they wait. At most three queries, none when nothing concerns them."""
    me = visit.participation
    stage = standing.stage_of(me)
    if stage not in (Stage.REVIEWING, Stage.WAITING, *OPENED):
        return []
    last: dict[str, int] = {}
    sent, leases, works = 0, {}, {}
    for event in events:
        if event.actor_id == me.user_id:
            if event.kind == "workshop_results_opened":
                last["results"] = event.pk
        elif event.kind == "workshop_sent":
            sent = event.pk
        elif event.kind in ("workshop_reviewed", "workshop_desk_assign"):
            leases[event.payload.get("lease")] = event.pk
        elif event.kind in ANSWERS and stage in OPENED:
            works[event.payload.get("work")] = event.pk
    if sent and has_work(visit, stage):
        last["work"] = sent
    for id, reviewer in of_mine(me, leases):
        if reviewer == me.pk and stage not in OPENED:
            last["work"] = max(last.get("work", 0), leases[id])
        elif reviewer != me.pk and stage != Stage.REVIEWING:
            last["review"] = max(last.get("review", 0), leases[id])
    if works:
        own = Submission.objects.filter(participation=me).values_list("pk", flat=True).first()
        if own in works:
            last["answer"] = works[own]
    return [LivePart(pk, data={"what": what}) for what, pk in last.items()]


def of_mine(me, leases: dict):
    """(lease, reviewer) of those leases that are of the own work, or with which the learner was given
    somebody else's. Who reviewed stays here."""
    if not leases:
        return []
    mine = ReviewLease.objects.filter(Q(author=me) | Q(reviewer=me), pk__in=list(leases))
    return mine.values_list("pk", "reviewer_id")


def has_work(visit, stage: Stage) -> bool:
    """Whether a work that was sent just now is one that this learner still owes a review. Whoever
    waits for it is called, see `standing.after_sending`, but perhaps later than this is asked."""
    done = visit.participation.data.get("done", 0)
    if stage == Stage.REVIEWING:
        return done < visit.participation.data.get("required", 0)
    if stage != Stage.WAITING or done >= visit.rules.reviews_per_learner:
        return False
    used = ReviewLease.objects.filter(
        allocation.NEVER_AGAIN, reviewer=visit.participation, submission=OuterRef("pk")
    )
    return allocation.pool(visit.participation).filter(~Exists(used)).exists()


def opening(visit) -> live.Opening | None:
    """Where a page that waits begins to ask; None where nobody waits. To be taken before the page
    reads what it shows. One query."""
    stage = standing.stage_of(visit.participation)
    if visit.is_preview or stage not in (Stage.WAITING, *OPENED):
        return None
    return live.opening(visit.participation)


def bar(visit, begin: live.Opening | None, here: str, *, results: bool = False) -> dict:
    """How the open page asks, for `components/live.html`; empty where it does not."""
    if begin is None:
        return {}
    if results:
        sentences = {"answer": _("Your instructor has looked at your work.")}
    else:
        sentences = {
            "results": _("The results of your work are open."),
            "work": _("A work is ready for you to review."),
        }
    sentences["review"] = _("A new review of your work has come.")
    return live.bar(
        begin,
        visit.url("-") + "events/",
        visit.url(here),
        _("Load what is new"),
        **live.texts(begin, EVERY, **sentences),
    )
