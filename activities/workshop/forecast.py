"""Which works will be short of reviews, who holds up whom, and giving a work to somebody by hand."""

import re

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, Sum, Value
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from activities.core.contract import Outcome, Screen
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Event, Participation
from activities.core.moments import day, moment

from . import allocation, notices, standing
from . import desk as desks
from .enums import IN_POOL, LeaseState, ReviewKind, Stage, SubmissionState
from .models import ReviewLease, Submission
from .refusals import not_found, unknown_action

STEP = "missing"
ASSIGN = re.compile(r"(assign|reassign)-(\d{1,18})")


# -- the forecast -------------------------------------------------------------------------------


def short_works(desk):
    """The works that have fewer reviews than asked for, whatever is under way counted."""
    return (
        desks.works(desk)
        .filter(state__in=IN_POOL, opened_at=None)
        .annotate(
            got=allocation.CountOf(
                desks.reviews(desk).filter(
                    kind=ReviewKind.PEER, excluded_at=None, submission=OuterRef("pk")
                )
            ),
            held=allocation.CountOf(
                ReviewLease.objects.filter(allocation.live(desk.now), submission=OuterRef("pk"))
            ),
        )
        .annotate(coming=F("got") + F("held"))
        .filter(got__lt=desk.rules.min_reviews)
    )


def owing(desk):
    """Those who have sent their work and still owe reviews, with how many they have given."""
    return (
        desks.people(desk)
        .filter(workshop_submission__state__in=IN_POOL)
        .exclude(state__in=[State.COMPLETED, State.EXCUSED])
        .annotate(given=Count("workshop_reviews", filter=Q(workshop_reviews__kind=ReviewKind.PEER)))
        .filter(given__lt=desk.rules.reviews_per_learner)
    )


def forecast(desk) -> dict:
    """Reviews that works still need, and those that people still owe: whole numbers. Two queries."""
    missing = Value(desk.rules.min_reviews) - F("got")
    found = short_works(desk).aggregate(
        works=Count("pk"),
        needed=Sum(missing, default=0),
        under_way=Sum(Least(F("held"), missing), default=0),
    )
    found |= owing(desk).aggregate(
        owed=Sum(Value(desk.rules.reviews_per_learner) - F("given"), default=0)
    )
    short = found["needed"] - max(found["owed"], found["under_way"])
    return {**found, "short": max(0, short)}


def screen(desk, submitted=None) -> Screen:
    """Works short of reviews, the worst first: who has them, and since when their authors wait."""
    query = (
        short_works(desk)
        .select_related("participation__user")
        .order_by("coming", "submitted_at", "pk")
    )
    page_obj = Paginator(query, desks.PER_PAGE).get_page(desk.page)
    works = list(page_obj)
    holders: dict[int, list] = {}
    for lease in (
        ReviewLease.objects.filter(state=LeaseState.HELD, submission__in=works)
        .select_related("reviewer__user")
        .order_by("expires_at")
    ):
        over = lease.expires_at <= desk.now
        holders.setdefault(lease.submission_id, []).append(
            {
                "name": desks.name_of(lease.reviewer.user),
                "until": moment(lease.expires_at, desk.language),
                "over": over,
            }
        )
    context = {
        **desks.base(desk, STEP),
        "page_obj": page_obj,
        "forecast": forecast(desk),
        "needed": desk.rules.min_reviews,
        "rows": [
            {
                "name": desks.name_of(work.participation.user),
                "url": desk.url(f"work-{work.participation_id}"),
                "assign_url": desk.url(f"assign-{work.participation_id}"),
                "received": work.got,
                "held": work.held,
                "holders": holders.get(work.pk, []),
                "waiting": standing.stage_of(work.participation) == Stage.WAITING,
                "since": day(work.submitted_at, desk.language),
            }
            for work in works
        ],
        "blockers": blockers(desk),
        "error": submitted.error if submitted is not None else None,
    }
    return Screen(f"{desks.TEMPLATES}desk_missing.html", context)


def blockers(desk) -> list[dict]:
    """Who owes most and was not seen for longest: 20 people at most."""
    rows = (
        owing(desk)
        .select_related("user")
        .order_by("given", F("last_seen_at").asc(nulls_first=True), "pk")[:20]
    )
    return [
        {
            "name": desks.name_of(one.user),
            "owes": desk.rules.reviews_per_learner - one.given,
            "seen": day(one.last_seen_at, desk.language) if one.last_seen_at else "",
        }
        for one in rows
    ]


# -- giving a work by hand ----------------------------------------------------------------------


def reviewers_for(desk, work: Submission):
    """Who may be given that work, those with the least to do first."""
    used = ReviewLease.objects.filter(
        allocation.NEVER_AGAIN | allocation.live(desk.now),
        submission=work,
        reviewer=OuterRef("pk"),
    )
    holds = ReviewLease.objects.filter(allocation.live(desk.now), reviewer=OuterRef("pk"))
    return (
        desks.people(desk)
        .filter(workshop_submission__state__in=IN_POOL)
        .exclude(pk=work.participation_id)
        .exclude(state=State.EXCUSED)
        .filter(~Exists(used))
        .annotate(
            given=Count("workshop_reviews", filter=Q(workshop_reviews__kind=ReviewKind.PEER)),
            holding=allocation.CountOf(holds),
        )
    )


def place(desk, step: str) -> tuple[Participation, Submission, ReviewLease | None]:
    """What an address names: the author, the work and, to be passed on, a lease. Raises 404."""
    match = ASSIGN.fullmatch(step)
    if match is None:
        raise not_found()
    if match[1] == "assign":
        return (*desks.find(desk, match[2]), None)
    lease = (
        ReviewLease.objects.filter(
            pk=int(match[2]), submission__cohort=desk.cohort, submission__item=desk.version.item
        )
        .select_related("reviewer__user")
        .first()
    )
    if lease is None:
        raise not_found()
    return (*desks.find(desk, lease.author_id), lease)


def assign_screen(desk, step: str, submitted=None) -> Screen:
    author, work, lease = place(desk, step)
    query = (
        reviewers_for(desk, work)
        .select_related("user")
        .order_by(F("given") + F("holding"), F("last_seen_at").desc(nulls_last=True), "pk")
    )
    page_obj = Paginator(query, desks.PER_PAGE).get_page(desk.page)
    context = {
        **desks.base(desk, STEP),
        "name": desks.name_of(author.user),
        "page_obj": page_obj,
        "holder": desks.name_of(lease.reviewer.user) if lease else "",
        "rows": [
            {
                "id": one.pk,
                "name": desks.name_of(one.user),
                "given": one.given,
                "holding": one.holding,
                "seen": day(one.last_seen_at, desk.language) if one.last_seen_at else "",
            }
            for one in page_obj
        ],
        "form_url": desk.url(step),
        "back_url": desk.url(STEP),
        "error": submitted.error if submitted is not None else None,
    }
    return Screen(f"{desks.TEMPLATES}desk_assign.html", context)


def handle(desk, step: str, action: str, data) -> Outcome:
    """Give the work to a reviewer. The reviewer is locked, then the work, as when one takes it."""
    if action != "assign":
        raise unknown_action()
    author, work, lease = place(desk, step)
    id = str(data.get("reviewer", ""))
    if not (id.isascii() and id.isdigit() and len(id) <= 18):
        raise Refused(
            _("Choose a reviewer."),
            code="no_reviewer",
            fields={"reviewer": _("Choose a reviewer.")},
        )
    reviewer = (
        desks.people(desk)
        .select_for_update(of=("self",))
        .select_related("version", "user")
        .filter(pk=int(id))
        .first()
    )
    if reviewer is None:
        raise not_found()
    if not reviewers_for(desk, work).filter(pk=reviewer.pk).exists():
        raise Refused(
            _("This person has the work already, or had it before. Choose somebody else."),
            code="had_it",
            status=409,
        )
    work = Submission.objects.select_for_update().filter(pk=work.pk, state__in=IN_POOL).first()
    if work is None:
        raise Refused(_("Its author has withdrawn this work."), code="withdrawn", status=409)
    if lease is not None:
        pass_on(desk, lease)
    if work.state != SubmissionState.LOCKED:
        work.state = SubmissionState.LOCKED
        work.save(update_fields=["state"])
    until = desk.now + allocation.LEASE
    given, _created = ReviewLease.objects.update_or_create(
        reviewer=reviewer,
        submission=work,
        state=LeaseState.HELD,
        defaults={"leased_at": desk.now, "expires_at": until, "assigned_by": desk.user},
        create_defaults={
            "author": author,
            "number": allocation.number_for(reviewer, work),
            "leased_at": desk.now,
            "expires_at": until,
            "assigned_by": desk.user,
        },
    )
    notices.assigned(given, reviewer)
    Event.objects.create(
        cohort=desk.cohort,
        item=desk.version.item,
        actor=desk.user,
        kind="workshop_desk_assign",
        payload={"lease": given.pk, "work": work.pk, "instead_of": lease.pk if lease else None},
    )
    standing.settle(reviewer, reviewer.version.rules, desk.now)
    return Outcome(
        step=STEP if lease is None else "reviews",
        message=_("%(name)s has the work now, until %(until)s.")
        % {"name": desks.name_of(reviewer.user), "until": moment(until, desk.language)},
    )


def pass_on(desk, lease: ReviewLease) -> None:
    """Take a work out of somebody's hand; it does not come back to them."""
    changed = ReviewLease.objects.filter(pk=lease.pk, state=LeaseState.HELD).update(
        state=LeaseState.RELEASED,
        decided_at=desk.now,
        detail=_("Given to another reviewer by the instructor"),
    )
    if not changed:
        raise Refused(
            _("Nobody has this work in hand any more: the list below is up to date."),
            code="not_held",
            status=409,
        )
