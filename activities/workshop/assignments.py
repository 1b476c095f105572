"""Who reviews whom in a run, as its instructor sees and changes it."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import F
from django.utils.translation import gettext as _

from activities.core.contract import Outcome, Screen
from activities.core.errors import Refused
from activities.core.models import Event
from activities.core.moments import moment

from . import allocation, standing
from . import desk as desks
from .enums import LeaseState
from .models import ReviewLease
from .refusals import not_found, unknown_action

STEP = "reviews"
MOST_AHEAD = timedelta(days=7)


def leases(desk):
    return ReviewLease.objects.filter(
        submission__cohort=desk.cohort, submission__item=desk.version.item
    )


def screen(desk, submitted=None) -> Screen:
    """Every work that was given to a peer, those in hand first, the most urgent on top."""
    query = (
        leases(desk)
        .select_related("author__user", "reviewer__user")
        .annotate(held=allocation.held(desk.now))
        .order_by(F("held").desc(), "expires_at", "pk")
    )
    page_obj = Paginator(query, desks.PER_PAGE).get_page(desk.page)
    error = submitted.error if submitted is not None else None
    typed = submitted.data if submitted is not None else {}
    context = {
        **desks.base(desk, STEP),
        "page_obj": page_obj,
        "rows": [row(desk, lease, error, typed) for lease in page_obj],
        "action_url": desk.url(STEP),
        "error": error,
    }
    return Screen(f"{desks.TEMPLATES}desk_reviews.html", context)


def row(desk, lease: ReviewLease, error, typed) -> dict:
    mine = error is not None and str(typed.get("lease")) == str(lease.pk)
    return {
        "id": lease.pk,
        "reviewer": desks.name_of(lease.reviewer.user),
        "author": desks.name_of(lease.author.user),
        "url": desk.url(f"work-{lease.author_id}"),
        "reassign_url": desk.url(f"reassign-{lease.pk}"),
        "state": state_of(lease, desk.now),
        "since": moment(lease.leased_at, desk.language),
        "until": moment(lease.expires_at, desk.language) if lease.held else "",
        "held": lease.held,
        "reason": typed.get("reason", "") if mine else "",
        "error": error.fields.get(f"reason-{lease.pk}", "") if mine else "",
    }


def state_of(lease: ReviewLease, now) -> str:
    """What became of it, in words; time that ran out is looked at, never stored."""
    if lease.state == LeaseState.HELD and lease.expires_at <= now:
        return _("Time ran out")
    if allocation.was_taken_back(lease):
        return _("Taken back by the instructor")
    return lease.get_state_display()


def handle(desk, action: str, data) -> Outcome:
    """Raises `Refused`: 404 for a review of another run, 409 when it is in nobody's hand."""
    if action not in ACTIONS:
        raise unknown_action()
    lease = held_lease(desk, str(data.get("lease", "")))
    message, payload = ACTIONS[action](desk, lease, data)
    Event.objects.create(
        cohort=desk.cohort,
        item=desk.version.item,
        actor=desk.user,
        kind=f"workshop_desk_{action}",
        payload={"lease": lease.pk, "work": lease.submission_id, **payload},
    )
    reviewer = lease.reviewer
    standing.settle(reviewer, reviewer.version.rules, desk.now)
    return Outcome(step=STEP, message=message)


def held_lease(desk, id: str) -> ReviewLease:
    """The lease, its reviewer locked first as when the reviewer sends the review."""
    if not (id.isascii() and id.isdigit() and len(id) <= 18):
        raise not_found()
    reviewer = leases(desk).filter(pk=int(id)).values_list("reviewer_id", flat=True).first()
    if reviewer is None:
        raise not_found()
    reviewer = (
        desks.people(desk)
        .select_for_update(of=("self",))
        .select_related("version")
        .get(pk=reviewer)
    )
    lease = leases(desk).select_for_update(of=("self",)).get(pk=int(id))
    lease.reviewer = reviewer
    if lease.state != LeaseState.HELD or lease.expires_at <= desk.now:
        raise Refused(
            _("Nobody has this work in hand any more: the list below is up to date."),
            code="not_held",
            status=409,
        )
    return lease


def take_back(desk, lease: ReviewLease, data):
    """The work goes to somebody else; its reviewer is not given it again."""
    reason = desks.reason_of(data, f"reason-{lease.pk}")
    lease.state, lease.decided_at, lease.detail = LeaseState.RELEASED, desk.now, reason
    lease.save(update_fields=["state", "decided_at", "detail"])
    return _("The work has been taken back. Somebody else will be given it."), {"reason": reason}


def extend(desk, lease: ReviewLease, data):
    """One more day than there was, never more than a week from now."""
    until = lease.expires_at + allocation.LEASE
    if until > desk.now + MOST_AHEAD:
        raise Refused(
            _("This reviewer has almost a week already. Take the work back if it is urgent."),
            code="long_enough",
            status=409,
        )
    lease.expires_at = until
    lease.save(update_fields=["expires_at"])
    return _("The reviewer has one more day, until %(until)s.") % {
        "until": moment(until, desk.language)
    }, {"until": until.isoformat()}


ACTIONS = {"take_back": take_back, "extend": extend}
