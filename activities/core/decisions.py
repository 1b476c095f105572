"""More time, excuses and scores set by hand: each with a reason, each told to the learner."""

import math
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import personal, substance
from .enums import State
from .errors import Refused
from .models import Decision, Participation, PhaseDates
from .notices import Notice, notify, of_item, register
from .record import note, record, rounded

LEAST_REASON_CHARS = 10
MOST_REASON_CHARS = 2_000

EXTENDED = Notice(
    "extension",
    gettext_lazy("More time for me"),
    gettext_lazy("You have more time for “%(item)s”."),
    subject="courses",
)
EXCUSED = Notice(
    "excuse",
    gettext_lazy("I am excused from something"),
    gettext_lazy("You are excused from “%(item)s”."),
    subject="courses",
)
OVERRIDDEN = Notice(
    "override",
    gettext_lazy("A score of mine was set by hand"),
    gettext_lazy("An instructor has set your score in “%(item)s”. You will find the reason there."),
    subject="grades",
)
TAKEN_BACK = Notice(
    "taken_back",
    gettext_lazy("A decision about me was taken back"),
    gettext_lazy(
        "A decision about you in “%(item)s” was taken back. You will find the reason there."
    ),
    subject="courses",
)
register(EXTENDED, EXCUSED, OVERRIDDEN, TAKEN_BACK)

NOTICES = {
    Decision.Kind.EXTENSION: EXTENDED,
    Decision.Kind.EXCUSE: EXCUSED,
    Decision.Kind.OVERRIDE: OVERRIDDEN,
}


def reason_of(text: str) -> str:
    """The reason that every decision needs. Raises `Refused`."""
    text = (text or "").strip()[:MOST_REASON_CHARS]
    if substance.length(text) < LEAST_REASON_CHARS:
        message = _("Give a reason of at least %(least)d characters: the learner may read it.") % {
            "least": LEAST_REASON_CHARS
        }
        raise Refused(message, code="no_reason", fields={"reason": message})
    return text


def standing(seat, item=None):
    """The decisions that stand for a seat (and an item)."""
    rows = Decision.objects.filter(seat=seat, taken_back_at__isnull=True)
    return rows if item is None else rows.filter(item=item)


def extend(participation: Participation, until: datetime, reason: str, by) -> Decision:
    """Give somebody more time for an item. Raises `Refused` for a date in the past."""
    reason = reason_of(reason)
    if until <= timezone.now():
        message = _("Choose a time that is still to come.")
        raise Refused(message, code="past", fields={"until": message})
    return decide(participation, Decision.Kind.EXTENSION, reason, by, until=until)


# What people are entitled to who need longer: half as long again, or twice as long.
FACTORS = {"1.5": Decimal("1.5"), "2": Decimal(2)}


def extend_by_factor(participation: Participation, factor: str, reason: str, by) -> Decision:
    """Give somebody that many times the time that the cohort has for an item: from when it opens (or
    they began) until it is due or closes, whichever is later. Recorded as more time, like any other.

    Raises `Refused` where the item has no dates, and for a factor that is not offered.
    """
    reason = reason_of(reason)
    if factor not in FACTORS:
        message = _("Choose how much more time.")
        raise Refused(message, code="no_factor", fields={"factor": message})
    until = None
    for row in PhaseDates.objects.filter(cohort=participation.cohort, item=participation.item):
        end = row.closes_at or row.due_at
        if end is None:
            continue
        start = row.opens_at or participation.started_at or timezone.now()
        seconds = Decimal(max(0, (end - start).total_seconds())) * FACTORS[factor]
        late = start + timedelta(seconds=math.ceil(seconds))
        until = late if until is None else max(until, late)
    if until is None:
        message = _("This item has no dates in this run: everybody has all the time they need.")
        raise Refused(message, code="no_dates", status=409)
    said = _("%(factor)s times the time") % {"factor": factor}
    return extend(participation, until, f"{said}: {reason}", by)


def excuse(participation: Participation, reason: str, by) -> Decision:
    """Let somebody complete the course without this item."""
    reason = reason_of(reason)
    if participation.completed:
        raise Refused(_("This has been completed already."), code="completed", status=409)
    before = {"state": participation.state}
    made = decide(participation, Decision.Kind.EXCUSE, reason, by, before=before)
    record(participation, state=State.EXCUSED, visit=False)
    return made


def score_of(raw: str) -> Decimal:
    """A score as it was typed, 0–100, with a comma or a point. Raises `Refused`."""
    try:
        score = Decimal(personal.arabic_digits(str(raw)).strip().replace(",", "."))
    except InvalidOperation:
        score = Decimal(-1)
    if not score.is_finite() or not 0 <= score <= 100:
        message = _("The score must be between 0 and 100.")
        raise Refused(message, code="out_of_range", fields={"score": message})
    return rounded(score)


def override(participation: Participation, score: Decimal, reason: str, by) -> Decision:
    """Set somebody's score by hand; what the activity computes no longer counts."""
    reason = reason_of(reason)
    before = {"score": None if participation.score is None else str(participation.score)}
    made = decide(participation, Decision.Kind.OVERRIDE, reason, by, score=score, before=before)
    participation.score, participation.score_is_set = score, True
    record(participation, visit=False)
    return made


@transaction.atomic
def decide(participation: Participation, kind: str, reason: str, by, **values) -> Decision:
    """Write a decision in the place of an earlier one of its kind, and tell the learner."""
    standing(participation.seat, participation.item).filter(kind=kind).update(
        taken_back_at=timezone.now(), taken_back_by=by
    )
    made = Decision.objects.create(
        kind=kind, seat=participation.seat, item=participation.item, reason=reason, by=by, **values
    )
    log(participation, f"decision_{kind}", made, by)
    tell(participation, NOTICES[Decision.Kind(kind)], made)
    return made


@transaction.atomic
def take_back(participation: Participation, decision: Decision, by) -> None:
    """Undo a decision. Repeating it changes nothing."""
    changed = Decision.objects.filter(pk=decision.pk, taken_back_at__isnull=True).update(
        taken_back_at=timezone.now(), taken_back_by=by
    )
    if not changed:
        return
    if decision.kind == Decision.Kind.EXCUSE and participation.state == State.EXCUSED:
        participation.state = decision.before.get("state") or State.IN_PROGRESS
        record(participation, visit=False)
    if decision.kind == Decision.Kind.OVERRIDE:
        participation.score, participation.score_is_set = participation.computed_score, False
        record(participation, visit=False)
    log(participation, "decision_taken_back", decision, by)
    tell(participation, TAKEN_BACK, decision)


def log(participation: Participation, kind: str, decision: Decision, by) -> None:
    event = note(participation, kind, {"decision": decision.pk, "reason": decision.reason})
    if by is not None:
        event.actor = by
        event.save(update_fields=["actor"])


def tell(participation: Participation, notice: Notice, decision: Decision) -> None:
    notify(
        participation.user_id,
        notice.name,
        key=f"{notice.name}-{decision.pk}",
        **of_item(participation),
    )
