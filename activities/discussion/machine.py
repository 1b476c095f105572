"""Where a learner may go from where: the one table of transitions."""

from django.utils.translation import gettext as _

from activities.core.errors import TransitionNotAllowed

from .enums import RunPhase, Stage

# What leads from one stage to the next. Ways back exist because a contribution can be withdrawn or
# taken out by a facilitator; the wall, once open, is never closed again.
TRANSITIONS = {
    (Stage.LOCKED, Stage.POSTED): "every prompt has a valid answer",
    (Stage.POSTED, Stage.REPLYING): "the first valid reply",
    (Stage.POSTED, Stage.SYNTHESISING): "nothing has to be replied to, enough was read",
    (Stage.POSTED, Stage.COMPLETE): "as before, and no conclusion is asked for",
    (Stage.REPLYING, Stage.SYNTHESISING): "enough replies, enough was read",
    (Stage.REPLYING, Stage.COMPLETE): "as before, and no conclusion is asked for",
    (Stage.SYNTHESISING, Stage.COMPLETE): "the conclusion",
    (Stage.REPLYING, Stage.POSTED): "the only reply is gone",
    (Stage.SYNTHESISING, Stage.POSTED): "the answer or the replies are gone",
    (Stage.SYNTHESISING, Stage.REPLYING): "a reply that was needed is gone",
    (Stage.COMPLETE, Stage.POSTED): "the answer or the replies are gone",
    (Stage.COMPLETE, Stage.REPLYING): "a reply that was needed is gone",
    (Stage.COMPLETE, Stage.SYNTHESISING): "the conclusion is gone",
}


def not_allowed(here: str, there: str) -> TransitionNotAllowed:
    return TransitionNotAllowed(
        _("The state cannot change from “%(from)s” to “%(to)s”.")
        % {"from": Stage(here).label, "to": Stage(there).label}
    )


def check(here: str, there: str) -> None:
    """Raises `TransitionNotAllowed` unless the table has the way (or nothing changes)."""
    if here != there and (here, there) not in TRANSITIONS:
        raise not_allowed(here, there)


def path(here: str, there: str) -> list[str]:
    """The stages passed on the shortest way, without `here`. Raises `TransitionNotAllowed`."""
    ways = {here: []}
    frontier = [here]
    while frontier and there not in ways:
        reached = []
        for (start, end), _why in TRANSITIONS.items():
            if start in frontier and end not in ways:
                ways[end] = [*ways[start], end]
                reached.append(end)
        frontier = reached
    if there not in ways:
        raise not_allowed(here, there)
    return ways[there]


# The discussion of a run. Who or what moves it: "time" is a date, "facilitator" a button, "everybody"
# that all have answered. Where no conclusion is asked for, the phase of conclusions is passed over.
RUN_TRANSITIONS = {
    (RunPhase.SCHEDULED, RunPhase.INITIAL): ("time", "facilitator"),
    (RunPhase.INITIAL, RunPhase.REPLIES): ("time", "facilitator", "everybody"),
    (RunPhase.REPLIES, RunPhase.SYNTHESIS): ("time", "facilitator"),
    (RunPhase.REPLIES, RunPhase.CLOSED): ("time", "facilitator"),
    (RunPhase.SYNTHESIS, RunPhase.CLOSED): ("time", "facilitator"),
    (RunPhase.CLOSED, RunPhase.SYNTHESIS): ("facilitator, with a reason",),
    (RunPhase.CLOSED, RunPhase.REPLIES): ("facilitator, with a reason",),
}


def run_steps(here: str, conclusion: bool) -> list[RunPhase]:
    """Where a facilitator may bring a discussion from `here`."""
    skipped = {
        (RunPhase.REPLIES, RunPhase.CLOSED),
        (RunPhase.CLOSED, RunPhase.REPLIES),
    }
    if not conclusion:
        skipped = {
            (RunPhase.REPLIES, RunPhase.SYNTHESIS),
            (RunPhase.CLOSED, RunPhase.SYNTHESIS),
        }
    return [
        there
        for (start, there), ways in RUN_TRANSITIONS.items()
        if start == here
        and (start, there) not in skipped
        and any(way.startswith("facilitator") for way in ways)
    ]


def run_not_allowed(here: str, there: str) -> TransitionNotAllowed:
    return TransitionNotAllowed(
        _("The state cannot change from “%(from)s” to “%(to)s”.")
        % {"from": RunPhase(here).label, "to": RunPhase(there).label}
    )
