"""Plays of a scenario: where a learner is, and what may come next.

A play is an `Attempt`. Its `data` holds `path` ([[scene, choice, time], …]), `totals` (points per
dimension) and, at the end, `ending`; `step` counts the choices made. What lists and dashboards
need without reading the plays stands in `Participation.data`:

    phase, play (number of the newest), scene (number of the current), finished, distinct,
    granted (extra plays), reflections {key: text}, reflected_at
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.core.enums import AttemptState, State
from activities.core.errors import Refused, TransitionNotAllowed
from activities.core.models import Attempt, Event, Participation
from activities.core.record import begin_attempt, note, record, rounded

from .graph import score_of, totals_after
from .scenario import Choice, Node, Scenario

ABANDONED_AFTER = timedelta(days=30)


class Phase(models.TextChoices):
    NOT_STARTED = "not_started", gettext_lazy("Not started")
    PLAYING = "in_progress", gettext_lazy("Playing")
    ABANDONED = "abandoned", gettext_lazy("Left for 30 days")
    ENDING = "ending", gettext_lazy("At the ending")
    REFLECTING = "reflecting", gettext_lazy("Reflecting")
    COMPLETE = "complete", gettext_lazy("Complete")


@dataclass
class Standing:
    """A learner in a scenario: the plays so far and the phase, as of now."""

    participation: Participation
    rules: Scenario
    attempts: list[Attempt]
    now: datetime = field(default_factory=timezone.now)

    @property
    def data(self) -> dict:
        return self.participation.data

    @property
    def phase(self) -> Phase:
        phase = Phase(self.data.get("phase", Phase.NOT_STARTED))
        if phase == Phase.PLAYING and self.now - self.last_choice_at >= ABANDONED_AFTER:
            return Phase.ABANDONED
        return phase

    @property
    def last_choice_at(self) -> datetime:
        play = self.current
        if play is None:
            return self.now
        if play.data.get("path"):
            return datetime.fromisoformat(play.data["path"][-1][2])
        return play.started_at

    @property
    def current(self) -> Attempt | None:
        """The play that is under way."""
        return next((a for a in self.attempts if a.state == AttemptState.IN_PROGRESS), None)

    @property
    def finished(self) -> list[Attempt]:
        return [a for a in self.attempts if a.state == AttemptState.FINISHED]

    @property
    def distinct(self) -> int:
        """How many different paths were played to an ending."""
        return len({steps_of(attempt) for attempt in self.finished})

    @property
    def fulfilled(self) -> bool:
        return self.distinct >= self.rules.attempts_required

    @property
    def plays_left(self) -> int | None:
        """How many more plays may be begun; None for as many as one likes."""
        if not self.rules.attempts_max:
            return None
        allowed = self.rules.attempts_max + self.data.get("granted", 0)
        return max(0, allowed - len(self.attempts))

    @property
    def may_play(self) -> bool:
        return self.plays_left is None or self.plays_left > 0

    @property
    def stuck(self) -> bool:
        """All plays used up, and they were too much alike."""
        return not self.fulfilled and self.current is None and not self.may_play

    @property
    def best(self) -> Attempt | None:
        """The play with the highest score, the earlier one when equal."""
        scored = [a for a in self.finished if a.score is not None]
        return max(scored, key=lambda a: (a.score, -a.number), default=None)


def standing_of(participation: Participation, rules: Scenario, now=None) -> Standing:
    """Where the learner is. One query; none in a preview."""
    attempts = []
    if participation.pk is not None:
        attempts = list(Attempt.objects.filter(participation=participation).order_by("number"))
    for attempt in attempts:
        if attempt.version_id == participation.version_id:
            attempt.version = participation.version
    return Standing(participation, rules, attempts, now or timezone.now())


def steps_of(attempt: Attempt) -> tuple[tuple[str, str], ...]:
    return tuple((node, choice) for node, choice, *_at in attempt.data.get("path", []))


def place_of(attempt: Attempt, rules: Scenario) -> str:
    """The id of the scene (or ending) where a play is."""
    steps = steps_of(attempt)
    if not steps:
        return rules.start
    node_id, choice_id = steps[-1]
    return rules.by_id[node_id].choice(choice_id).to


def offered_at(attempt: Attempt, rules: Scenario, scene: int | None = None) -> list[Choice]:
    """The choices at the current scene of a play, or at an earlier one (`scene` counts from 1)."""
    steps = steps_of(attempt)
    if scene is not None:
        steps = steps[: scene - 1]
    node = node_at(attempt, rules, len(steps) + 1)
    visited = {node_id for node_id, _choice in steps} | {node.id}
    return node.offered(totals_after(rules, steps), visited)


def node_at(attempt: Attempt, rules: Scenario, scene: int) -> Node:
    """The scene with that number in a play; scenes count from 1."""
    steps = steps_of(attempt)
    return rules.by_id[steps[scene - 1][0] if scene <= len(steps) else place_of(attempt, rules)]


def untried(standing: Standing) -> int:
    """How many choices the learner was offered in finished plays and never took."""
    offered, taken = set(), set()
    for attempt in standing.finished:
        for scene, step in enumerate(steps_of(attempt), start=1):
            choices = offered_at(attempt, attempt.version.rules, scene)
            offered |= {(step[0], choice.id) for choice in choices}
            taken.add(step)
    return len(offered - taken)


# -- What may follow what -----------------------------------------------------------------------


def plays_must_be_left(standing: Standing) -> None:
    if not standing.may_play:
        raise Refused(
            _("You have used all your plays. Your instructor can grant you another one."),
            code="no_plays_left",
            status=409,
        )


def plays_must_suffice(standing: Standing) -> None:
    if not standing.fulfilled:
        raise Refused(not_enough_plays(standing), code="plays_missing", status=409)


def not_enough_plays(standing: Standing) -> str:
    if standing.finished and standing.rules.attempts_required > 1:
        return _("Play once more first, choosing differently at least once.")
    return _("Play the scenario to an ending first.")


def always(standing: Standing) -> None:
    """No condition."""


# (from, to): what must hold. The learner does all of these; anything absent is refused.
TRANSITIONS = {
    (Phase.NOT_STARTED, Phase.PLAYING): plays_must_be_left,
    (Phase.PLAYING, Phase.PLAYING): always,
    (Phase.PLAYING, Phase.ENDING): always,
    (Phase.ABANDONED, Phase.PLAYING): always,
    (Phase.ABANDONED, Phase.ENDING): always,
    (Phase.ENDING, Phase.PLAYING): plays_must_be_left,
    (Phase.ENDING, Phase.REFLECTING): plays_must_suffice,
    (Phase.ENDING, Phase.COMPLETE): plays_must_suffice,
    (Phase.REFLECTING, Phase.REFLECTING): always,
    (Phase.REFLECTING, Phase.COMPLETE): plays_must_suffice,
    (Phase.COMPLETE, Phase.PLAYING): plays_must_be_left,
    (Phase.COMPLETE, Phase.COMPLETE): always,
}


def check(standing: Standing, to: Phase) -> None:
    """Raises `TransitionNotAllowed` or what the guard raises."""
    guard = TRANSITIONS.get((standing.phase, to))
    if guard is None:
        raise TransitionNotAllowed(
            _("This cannot go from “%(start)s” to “%(end)s”.")
            % {"start": standing.phase.label, "end": to.label}
        )
    guard(standing)


def stale(standing: Standing) -> Refused:
    return Refused(
        _("This choice has been made already, perhaps in another window. You are here now."),
        code="stale",
        status=409,
    )


# -- What a learner does ------------------------------------------------------------------------


def begin(standing: Standing, number: str) -> Attempt:
    """Begin play `number` (as the form said). Raises `Refused` 409."""
    if standing.current is not None or number != str(len(standing.attempts) + 1):
        raise stale(standing)
    check(standing, Phase.PLAYING)
    participation = standing.participation
    attempt = begin_attempt(
        participation, data={"path": [], "totals": totals_after(standing.rules, [])}
    )
    attempt.version = participation.version
    standing.attempts.append(attempt)
    note(participation, "play_begun", {"play": attempt.number})
    save(standing, Phase.PLAYING)
    return attempt


def choose(standing: Standing, number: str, node_id: str, choice_id: str, step: str) -> Attempt:
    """Make a choice in the play that is under way: compare and set.

    Raises `Refused`: 409 when play, scene or step are not the current ones, 422 for a choice that
    is not offered here.
    """
    attempt = standing.current
    if attempt is None or (number, step) != (str(attempt.number), str(attempt.step)):
        raise stale(standing)
    rules = attempt.version.rules
    if node_id != place_of(attempt, rules):
        raise stale(standing)
    choice = next((c for c in offered_at(attempt, rules) if c.id == choice_id), None)
    if choice is None:
        raise Refused(
            _("This choice is not offered here. Choose one of those below."),
            code="not_offered",
            fields={"choice": _("Choose one of the answers.")},
        )
    to = Phase.PLAYING if choice.to in rules.by_id else Phase.ENDING
    check(standing, to)
    put(standing, attempt, rules, choice)
    note(
        standing.participation,
        "choice_made",
        {"play": attempt.number, "step": attempt.step, "node": node_id, "choice": choice_id},
    )
    if to == Phase.ENDING:
        note(
            standing.participation,
            "ending_reached",
            {"play": attempt.number, "ending": attempt.data["ending"]},
        )
        if standing.participation.completed or (
            standing.fulfilled and not standing.rules.reflection
        ):
            to = Phase.COMPLETE
    save(standing, to)
    return attempt


def put(standing: Standing, attempt: Attempt, rules: Scenario, choice: Choice) -> None:
    """Write a choice down, if nobody has in the meantime. Raises `Refused` 409."""
    before = attempt.step
    path = [
        *attempt.data.get("path", []),
        [place_of(attempt, rules), choice.id, standing.now.isoformat()],
    ]
    totals = totals_after(rules, [(node, taken) for node, taken, _at in path])
    data = {"path": path, "totals": totals}
    values = {"data": data}
    if choice.to not in rules.by_id:
        measures = rules.measures
        total = sum(rules.by_id[node].choice(taken).points for node, taken, _at in path)
        exact = score_of(total, measures.worst, measures.best)
        data |= {"ending": choice.to, "total": total}
        values |= {
            "state": AttemptState.FINISHED,
            "finished_at": standing.now,
            "score": None if exact is None else rounded(decimal_of(exact)),
        }
    changed = Attempt.objects.filter(
        pk=attempt.pk, step=before, state=AttemptState.IN_PROGRESS
    ).update(step=F("step") + 1, **values)
    if not changed:
        raise stale(standing)
    attempt.step = before + 1
    for name, value in values.items():
        setattr(attempt, name, value)


def go_to_reflection(standing: Standing) -> None:
    """From the ending to the questions. Raises `Refused` 409 while a play is missing."""
    if standing.phase == Phase.REFLECTING:
        return
    check(standing, Phase.REFLECTING)
    save(standing, Phase.REFLECTING)


def reflect(standing: Standing, answers: dict[str, str]) -> bool:
    """Hand in the reflections (they were found good). Returns whether this completed the item."""
    if standing.phase == Phase.ENDING:
        check(standing, Phase.REFLECTING)
    check(standing, Phase.COMPLETE)
    first = not standing.participation.completed
    standing.data["reflections"] = answers
    standing.data["reflected_at"] = standing.now.isoformat()
    note(standing.participation, "reflected", {"first": first})
    save(standing, Phase.COMPLETE)
    return first


def grant(participation: Participation, rules: Scenario, by, key=None) -> None:
    """Let a learner play once more. The same key again changes nothing."""
    if key is not None and Event.objects.filter(key=key).exists():
        return
    note(participation, "play_granted", {"by": by.pk}, key=key)
    participation.data["granted"] = participation.data.get("granted", 0) + 1
    record(participation, state=State.IN_PROGRESS)


def save(standing: Standing, phase: Phase) -> None:
    """Note phase, progress and score of a learner after something has changed."""
    participation = standing.participation
    current = standing.current
    standing.data.update(
        {
            "phase": phase.value,
            "play": len(standing.attempts),
            "scene": current.step + 1 if current else 0,
            "finished": len(standing.finished),
            "distinct": standing.distinct,
        }
    )
    best = standing.best
    if phase == Phase.COMPLETE:
        state = State.COMPLETED
    elif standing.stuck:
        state = State.NEEDS_ATTENTION
    else:
        state = State.IN_PROGRESS
    if participation.completed:
        state = State.COMPLETED
    record(
        participation,
        state=state,
        progress=percent(standing),
        score=best.score if best else None,
        now=standing.now,
    )


def percent(standing: Standing) -> int:
    """How much is done: each required play is a part, the reflection another."""
    rules = standing.rules
    parts = rules.attempts_required + (1 if rules.reflection else 0)
    done = min(standing.distinct, rules.attempts_required) * 100
    current = standing.current
    if current is not None and standing.distinct < rules.attempts_required:
        done += 100 * current.step // max(1, rules.measures.scenes[1])
    return min(99, done // parts)


def decimal_of(fraction: Fraction) -> Decimal:
    """A fraction as a decimal with more places than are stored."""
    with localcontext() as context:
        context.prec = 28
        return Decimal(fraction.numerator) / Decimal(fraction.denominator)
