"""Where a learner may go from where: the one table of transitions."""

from django.utils.translation import gettext as _

from activities.core.errors import TransitionNotAllowed

from .enums import Stage

S = Stage
TRANSITIONS = {
    (S.NOT_STARTED, S.DRAFTING): "the worksheet is filled in and checked",
    (S.DRAFTING, S.SUBMITTED): "the author sends the work",
    (S.SUBMITTED, S.CALIBRATING): "there are examples to practise with",
    (S.SUBMITTED, S.REVIEWING): "there are none; there is something to review",
    (S.SUBMITTED, S.WAITING): "there is nothing to review",
    (S.CALIBRATING, S.REVIEWING): "practised: close enough, or twice",
    (S.CALIBRATING, S.WAITING): "practised, and there is nothing to review",
    (S.REVIEWING, S.WAITING): "as many reviews as are asked for, or as there are works",
    (S.WAITING, S.REVIEWING): "the duty was short for want of works, and now there is one",
    (S.WAITING, S.RESULTS): "enough reviews, the date, nobody left to wait for, or the instructor",
    (S.RESULTS, S.REVISING): "read, and asked what to improve",
    (S.RESULTS, S.DONE): "read, and nothing more is asked",
    (S.REVISING, S.DONE): "the author says what to improve",
    # Ways back: the author takes the work back while nobody has begun to review it.
    (S.SUBMITTED, S.DRAFTING): "taken back",
    (S.CALIBRATING, S.DRAFTING): "taken back",
    (S.REVIEWING, S.DRAFTING): "taken back",
    (S.WAITING, S.DRAFTING): "taken back",
}


def not_allowed(here: str, there: str) -> TransitionNotAllowed:
    return TransitionNotAllowed(
        _("The state cannot change from “%(from)s” to “%(to)s”.")
        % {"from": Stage(here).label, "to": Stage(there).label}
    )


def path(here: str, there: str) -> list[str]:
    """The stages passed on the shortest way, without `here`. Raises `TransitionNotAllowed`."""
    ways = {here: []}
    frontier = [here]
    while frontier and there not in ways:
        reached = []
        for start, end in TRANSITIONS:
            if start in frontier and end not in ways:
                ways[end] = [*ways[start], end]
                reached.append(end)
        frontier = reached
    if there not in ways:
        raise not_allowed(here, there)
    return ways[there]
