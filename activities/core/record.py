"""The only ways to change what is known about a learner in an item."""

from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from .enums import State
from .errors import Refused
from .guard import implements
from .models import Attempt, Draft, Event, Participation
from .signals import participation_changed

FIVE_PLACES = Decimal("0.00001")
UNCHANGED = object()


def rounded(score) -> Decimal | None:
    """A score as it is stored: five decimal places, rounded half up."""
    if score is None:
        return None
    return Decimal(score).quantize(FIVE_PLACES, rounding=ROUND_HALF_UP)


def record(
    participation: Participation,
    *,
    state: str | None = None,
    progress: int | None = None,
    score=UNCHANGED,
    now=None,
    visit: bool = True,
) -> None:
    """Note where a learner is. `progress` is per cent; 100 is kept for completion.

    A completed participation stays completed (its date does not change) unless `state` says
    `NEEDS_ATTENTION`; progress never goes back while it is completed. Who is excused stays excused
    until they complete it all the same. A score that an instructor has set by hand stands: what the
    activity computes is kept beside it. `visit` is false when somebody else's act changed this: then
    nobody has seen the learner.
    """
    now = now or timezone.now()
    participation.started_at = participation.started_at or now
    if visit:
        participation.last_seen_at = now
    if state == State.COMPLETED:
        participation.completed_at = participation.completed_at or now
        participation.progress = 100
    elif progress is not None and not participation.completed:
        participation.progress = max(0, min(99, progress))
    if state is not None and not (
        participation.settled and state in (State.IN_PROGRESS, State.WAITING, State.NOT_STARTED)
    ):
        participation.state = state
    elif participation.state == State.NOT_STARTED:
        participation.state = State.IN_PROGRESS
    if score is not UNCHANGED:
        participation.computed_score = rounded(score)
        if not participation.score_is_set:
            participation.score = participation.computed_score
    participation.save()
    participation_changed.send(sender=Participation, participation=participation, visit=visit)


def note(
    participation: Participation, kind: str, payload: dict | None = None, *, key: UUID | None = None
) -> Event:
    """Append to the event log. With a `key` seen before, the earlier event is returned."""
    values = {
        "cohort": participation.cohort,
        "item": participation.item,
        "actor": participation.user,
        "kind": kind,
        "payload": payload or {},
    }
    if key is None:
        return Event.objects.create(**values)
    event, _created = Event.objects.get_or_create(key=key, defaults=values)
    if (event.cohort, event.item, event.actor_id) != (
        participation.cohort,
        participation.item,
        participation.user_id,
    ):
        # Somebody else's message: ids are made by browsers and may be copied.
        raise Refused(
            _("This was sent with the mark of another message. Reload the page and send it again."),
            code="key_taken",
            status=409,
        )
    return event


def reckon(kind, participation: Participation) -> None:
    """Record what a kind says of score and completion, if it has written `score` or `is_complete`.
    Called after each action of a learner, in its transaction."""
    values = {}
    if implements(kind, "score"):
        score = rounded(kind.score(participation))
        if score != participation.computed_score:
            values["score"] = score
    if implements(kind, "is_complete") and not participation.completed:
        if kind.is_complete(participation):
            values["state"] = State.COMPLETED
    if values or (
        participation.state == State.NOT_STARTED
        and (implements(kind, "score") or implements(kind, "is_complete"))
    ):
        record(participation, **values)


def begin_attempt(participation: Participation, *, version=None, data=None) -> Attempt:
    """Begin the next go, pinned to the version that the learner meets now."""
    last = participation.attempts.order_by("-number").first()
    return Attempt.objects.create(
        participation=participation,
        number=(last.number if last else 0) + 1,
        version=version or participation.version,
        data=data or {},
    )


def save_draft(participation: Participation, form: str, data: dict) -> Draft:
    """Keep what was typed; the newest wins."""
    draft, _created = Draft.objects.update_or_create(
        seat=participation.seat,
        item=participation.item,
        form=form,
        defaults={"data": data, "user": participation.user, "saved_at": timezone.now()},
    )
    return draft


def draft_of(participation: Participation, form: str) -> dict:
    """What was typed into a form and not sent yet, or an empty dict."""
    if participation.pk is None:
        return {}
    draft = Draft.objects.filter(
        seat=participation.seat, item=participation.item, form=form
    ).first()
    return draft.data if draft else {}


def drop_draft(participation: Participation, form: str) -> None:
    Draft.objects.filter(seat=participation.seat, item=participation.item, form=form).delete()
