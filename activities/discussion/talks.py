"""The discussion of a run: which phase it is in, who moved it, whether one may write.

Phases are due dates, not walls: a learner may run ahead, and what comes late counts less. Only a
discussion that is not open yet, closed or locked accepts nothing. Nothing waits for a scheduler: what
a person decided is stored with its instant, and dates after that instant move the phase on.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities.core import cohorts
from activities.core.errors import Refused, TransitionNotAllowed
from activities.core.models import Decision, Event, PhaseDates
from activities.core.moments import moment
from activities.core.pacing import Window, extended, window

from . import machine
from .enums import READABLE, PostKind, RunPhase
from .models import Post, Talk

ORDER = list(RunPhase)
MOST_SUMMARY_CHARS = 5_000


@dataclass
class TalkState:
    """A discussion as it is now for one person (or for a facilitator, without more time)."""

    talk: Talk
    phase: RunPhase
    windows: dict[str, Window]
    now: datetime
    starts: list[tuple[RunPhase, datetime | None]] = field(default_factory=list)

    @property
    def locked(self) -> bool:
        return self.talk.locked_at is not None

    @property
    def dated(self) -> bool:
        """Whether a cohort goes through it together; without dates everybody is on their own."""
        return bool(self.windows)

    @property
    def scheduled(self) -> bool:
        return self.phase == RunPhase.SCHEDULED

    @property
    def closed(self) -> bool:
        return self.phase == RunPhase.CLOSED

    @property
    def writable(self) -> bool:
        return not (self.locked or self.scheduled or self.closed)

    @property
    def patient(self) -> bool:
        """Whether others may still come: the full number of replies is asked until then."""
        return (
            self.dated and self.phase in (RunPhase.INITIAL, RunPhase.REPLIES) and bool(self.until)
        )

    @property
    def until(self) -> datetime | None:
        """When fewer replies are enough if there are not so many others."""
        at = dict(self.starts).get(RunPhase.SYNTHESIS) or dict(self.starts).get(RunPhase.CLOSED)
        return at if at and at > self.now else None

    def start(self, phase: RunPhase) -> datetime | None:
        return dict(self.starts).get(phase)


def begins(windows: dict[str, Window], conclusion: bool) -> list[tuple[RunPhase, datetime | None]]:
    """When each phase begins by the dates; None: no date moves the discussion there."""

    def first(*wanted: tuple[str, str]) -> datetime | None:
        for name, bound in wanted:
            at = getattr(windows.get(name), bound, None)
            if at is not None:
                return at
        return None

    found = [
        (RunPhase.INITIAL, first(("initial", "opens_at"))),
        (
            RunPhase.REPLIES,
            first(("initial", "due_at"), ("replies", "opens_at"), ("initial", "closes_at")),
        ),
    ]
    end = [("synthesis", "closes_at"), ("synthesis", "due_at")]
    if conclusion:
        found.append(
            (
                RunPhase.SYNTHESIS,
                first(("replies", "due_at"), ("synthesis", "opens_at"), ("replies", "closes_at")),
            )
        )
    else:
        end += [("replies", "closes_at"), ("replies", "due_at")]
    return [*found, (RunPhase.CLOSED, first(*end))]


def phase_at(talk: Talk, starts: list, now: datetime) -> RunPhase:
    """The phase in force. An instant belongs to the later phase."""
    if talk.phase:
        phase, since = RunPhase(talk.phase), talk.phase_at
    else:
        opens = dict(starts).get(RunPhase.INITIAL)
        phase, since = (RunPhase.SCHEDULED if opens else RunPhase.INITIAL), None
    for there, at in starts:
        passed = at is not None and at <= now and (since is None or at > since)
        if passed and ORDER.index(there) > ORDER.index(phase):
            phase = there
    return phase


def state_of(talk: Talk, windows: dict[str, Window], rules, now: datetime) -> TalkState:
    starts = begins(windows, rules.synthesis)
    phase = phase_at(talk, starts, now)
    if phase == RunPhase.CLOSED and any(
        one.extended and now < (one.closes_at or one.due_at or now) for one in windows.values()
    ):
        # More time is more time, also in a discussion that was closed for everybody else.
        phase = RunPhase.SYNTHESIS if rules.synthesis else RunPhase.REPLIES
    return TalkState(talk, phase, windows, now, starts)


def of_visit(visit) -> TalkState:
    """The discussion as the visitor finds it, read once per request."""
    state = visit.__dict__.get("_talk")
    if state is None:
        state = state_of(find(visit.participation), visit.windows, visit.rules, visit.now)
        visit.__dict__["_talk"] = state
    return state


def of_participation(participation, rules, now: datetime) -> TalkState:
    """The same where nobody visits: a facilitator's decision changed what somebody has done."""
    rows = PhaseDates.objects.filter(cohort=participation.cohort, item=participation.item)
    windows = {row.phase: window(row) for row in rows}
    if windows:
        until = (
            Decision.objects.filter(
                seat=participation.seat,
                item=participation.item,
                kind=Decision.Kind.EXTENSION,
                taken_back_at__isnull=True,
            )
            .values_list("until", flat=True)
            .first()
        )
        windows = {name: extended(one, until) for name, one in windows.items()}
    return state_of(find(participation), windows, rules, now)


def of_desk(desk) -> TalkState:
    """The discussion as its facilitator finds it, read once per request."""
    state = desk.__dict__.get("_talk")
    if state is None:
        state = of_run(desk.cohort, desk.version.item, desk.rules, desk.now)
        desk.__dict__["_talk"] = state
    return state


def of_run(cohort, item, rules, now: datetime, talk: Talk | None = None) -> TalkState:
    rows = PhaseDates.objects.filter(cohort=cohort, item=item)
    if talk is None:
        talk = Talk.objects.filter(cohort=cohort, item=item).first()
    talk = talk or Talk(cohort=cohort, item=item)
    return state_of(talk, {row.phase: window(row) for row in rows}, rules, now)


def find(place) -> Talk:
    """The row of a discussion, or an unsaved one: most discussions are never decided about."""
    if place.cohort is None:
        return Talk(item=place.item)
    found = Talk.objects.filter(cohort=place.cohort, item=place.item).first()
    return found or Talk(cohort=place.cohort, item=place.item)


def lock(cohort, item) -> Talk:
    """The row of a discussion, held until the end of the transaction."""
    Talk.objects.get_or_create(cohort=cohort, item=item)
    return Talk.objects.select_for_update().get(cohort=cohort, item=item)


# -- may one write? -----------------------------------------------------------------------------


def check_open(visit, phase: str = "") -> TalkState:
    """Raises `Refused` 409 when nothing can be written now; what was typed is kept as a draft."""
    state = of_visit(visit)
    language = (get_language() or "th")[:2]
    if state.locked:
        raise Refused(
            _("The facilitator has locked this discussion for now. Your text is kept as a draft."),
            code="locked",
            status=409,
        )
    if state.scheduled:
        at = state.start(RunPhase.INITIAL)
        raise Refused(
            _("This opens on %(when)s. Your text is kept as a draft.")
            % {"when": moment(at, language)}
            if at
            else _("This is not open yet. Your text is kept as a draft."),
            code="not_open_yet",
            status=409,
        )
    window = state.windows.get(phase)
    reopened = state.talk.phase_at if state.talk.phase else None
    over = (
        window is not None
        and window.closed(visit.now)
        and not (reopened and reopened >= window.closes_at)
    )
    if state.closed or over:
        at = window.closes_at if over else closed_at(state)
        raise Refused(
            _("This closed on %(when)s. Your text is kept as a draft.")
            % {"when": moment(at, language)},
            code="closed",
            status=409,
        )
    return state


def closed_at(state: TalkState) -> datetime:
    """When a closed discussion was closed: by a decision or by its date."""
    by_date = state.start(RunPhase.CLOSED)
    if state.talk.phase == RunPhase.CLOSED:
        return state.talk.phase_at
    return by_date or state.now


# -- moving it ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What a facilitator's page said when the button was pressed."""

    version: int
    phase: str

    @classmethod
    def of(cls, data) -> "Seen":
        raw = str(data.get("version", ""))
        return cls(int(raw) if raw.isascii() and raw.isdigit() else -1, str(data.get("phase", "")))


def locked_state(desk, seen: Seen) -> TalkState:
    """The discussion, locked. Raises `Refused` 409 when it is no longer as the facilitator saw it."""
    talk = lock(desk.cohort, desk.version.item)
    state = of_run(talk.cohort, talk.item, desk.rules, desk.now, talk)
    desk.__dict__["_talk"] = state
    if (talk.version, str(state.phase)) != (seen.version, seen.phase):
        raise Refused(
            _("The discussion has changed meanwhile. It is now: %(state)s. Nothing was done.")
            % {"state": words(state)},
            code="stale",
            status=409,
        )
    return state


def words(state: TalkState) -> str:
    label = str(RunPhase(state.phase).label)
    return _("%(phase)s, locked") % {"phase": label} if state.locked else label


def move(desk, there: str, seen: Seen, reason: str = "") -> TalkState:
    """A facilitator brings the discussion into another phase. Going back needs a reason."""
    state = locked_state(desk, seen)
    if there not in machine.run_steps(state.phase, desk.rules.synthesis):
        raise (
            machine.run_not_allowed(state.phase, there)
            if there in RunPhase.values
            else TransitionNotAllowed(_("There is no such state."))
        )
    if state.closed:
        reason = needs_reason(reason)
    decide(state.talk, RunPhase(there), desk.now, desk.user, reason, before=state.phase)
    desk.__dict__.pop("_talk", None)
    return of_desk(desk)


def decide(talk: Talk, phase: RunPhase, now, by, reason: str = "", *, before="") -> None:
    """Note a decided phase; the row must be locked."""
    talk.phase, talk.phase_at, talk.version = phase, now, talk.version + 1
    talk.save()
    log(talk, "phase", by, {"from": str(before), "to": str(phase), "reason": reason})


def set_lock(desk, on: bool, seen: Seen) -> None:
    """Let nobody write for a while, or let them write again."""
    state = locked_state(desk, seen)
    if on == state.locked:
        raise TransitionNotAllowed(
            _("The discussion is locked already.") if on else _("The discussion is not locked.")
        )
    if on and not state.writable:
        raise TransitionNotAllowed(_("Only an open discussion can be locked."))
    state.talk.locked_at = desk.now if on else None
    state.talk.version += 1
    state.talk.save()
    log(state.talk, "locked" if on else "unlocked", desk.user, {})


def summarise(desk, text: str, seen_version: int) -> None:
    """Pin a summary, or take it away with an empty text."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) > MOST_SUMMARY_CHARS:
        message = _("At most %(most)d characters (now %(now)d)") % {
            "most": MOST_SUMMARY_CHARS,
            "now": len(text),
        }
        raise Refused(message, code="too_long", fields={"summary": message})
    talk = lock(desk.cohort, desk.version.item)
    if talk.version != seen_version:
        raise Refused(
            _("Something has changed while you were writing. Your text is still below."),
            code="stale",
            status=409,
        )
    talk.summary, talk.version = text, talk.version + 1
    talk.summary_by, talk.summary_at = (desk.user, desk.now) if text else (None, None)
    talk.save()
    desk.__dict__.pop("_talk", None)
    log(talk, "summary", desk.user, {"length": len(text)})


def needs_reason(reason: str) -> str:
    reason = reason.strip()[:2_000]
    if not reason:
        message = _("Give a reason: it is kept in the log.")
        raise Refused(message, code="no_reason", fields={"reason": message})
    return reason


def log(talk: Talk, what: str, by, payload: dict) -> None:
    Event.objects.create(
        cohort=talk.cohort,
        item=talk.item,
        actor=by,
        kind=f"discussion_{what}",
        payload=payload,
    )


def advance_when_all_have_answered(visit) -> None:
    """Where a cohort answers together and the last one has, replying begins before its date."""
    state = of_visit(visit)
    if not state.dated or state.phase != RunPhase.INITIAL:
        return
    place = visit.participation
    seats = {member.seat for member in cohorts.members(place.cohort)}
    if len(seats) < 2:
        return
    answered = set(
        Post.objects.filter(
            cohort=place.cohort,
            item=place.item,
            kind=PostKind.INITIAL,
            valid=True,
            state__in=READABLE,
        ).values_list("voice", flat=True)
    )
    if not seats <= answered:
        return
    talk = lock(place.cohort, place.item)
    state = of_run(talk.cohort, talk.item, visit.rules, visit.now, talk)
    if state.phase == RunPhase.INITIAL:
        decide(talk, RunPhase.REPLIES, visit.now, None, "everybody", before=RunPhase.INITIAL)
        visit.__dict__.pop("_talk", None)
