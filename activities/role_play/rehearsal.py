"""A scenario in the author's hands: walked through choice by choice, each ending, what comes after.

The player's role is the only one in a solo play. Everything here is undone.
"""

from django.utils.translation import gettext as _

from activities.core.errors import Refused
from activities.core.rehearsal import stand_in_text

from . import graph, plays, screens


def modes(content) -> list[tuple[str, str]]:
    found = [("walk", _("Walk through, choice by choice"))]
    for ending in content.endings:
        word = screens.quality_word(ending.quality)
        found.append((f"ending-{ending.id}", _("Ending %(id)s: %(quality)s") % {"id": ending.id, "quality": word}))  # fmt: skip
    if content.reflection:
        found.append(("reflection", _("Reflecting")))
    return [*found, ("complete", _("At the end"))]


def screen(visit, mode: str, step: str):
    rules = visit.rules
    try:
        if mode == "walk":
            return walk(visit, [part for part in step.split(".") if part])
        if mode.startswith("ending-"):
            play(visit, path_to(rules, mode.removeprefix("ending-")))
            return here(visit, step)
        ways = list(graph.paths(rules, rules.attempts_required))
        for path in ways:
            play(visit, path)
        standing = standing_of(visit)
        if standing.phase != plays.Phase.COMPLETE:
            plays.go_to_reflection(standing)
        if mode == "complete" and rules.reflection:
            plays.reflect(
                standing_of(visit),
                {q.key: stand_in_text(visit.language, q.min_chars) for q in rules.reflection},
            )
    except graph.Unplayable as error:
        raise Refused(
            _(
                "The scenario cannot be played through yet: see the first preview for what is missing."
            ),
            code="unplayable",
        ) from error
    return here(visit, step)


def standing_of(visit):
    return plays.standing_of(visit.participation, visit.rules, visit.now)


def here(visit, step: str):
    return screens.screen_at(visit, standing_of(visit), step)


def path_to(rules, ending: str):
    for path in graph.paths(rules):
        if path.ending == ending:
            return path
    raise Refused(_("No path leads to this ending."), code="unreachable", status=404)


def play(visit, path) -> None:
    standing = standing_of(visit)
    attempt = plays.begin(standing, str(len(standing.attempts) + 1))
    for _node, choice in path.steps:
        choose(visit, attempt.number, choice)


def choose(visit, number: int, choice: str) -> None:
    standing = standing_of(visit)
    attempt = standing.current
    if attempt is None:
        raise Refused(_("The play is over."), code="over", status=409)
    node = plays.place_of(attempt, visit.rules)
    plays.choose(standing, str(number), node, choice, str(attempt.step))


def walk(visit, chosen: list[str]):
    """The scene that the chosen answers lead to, with links as answers; at the end the ending."""
    graph.check_playable(visit.rules)
    standing = standing_of(visit)
    attempt = plays.begin(standing, "1")
    for choice in chosen:
        choose(visit, attempt.number, choice)
    standing = standing_of(visit)
    over = standing.current is None
    found = screens.screen_at(visit, standing, f"play-{attempt.number}" if over else "")
    if not over:
        for choice in found.context["scene"]["choices"]:
            choice["url"] = visit.url(".".join([*chosen, choice["id"]])) + "#scene"
    attempt = standing.attempts[-1]
    told = screens.told_of(visit, attempt)
    totals = attempt.data.get("totals", {})
    found.context |= {
        "back_url": visit.url(".".join(chosen[:-1])) if chosen else None,
        "forward_url": None,
        "walk": {
            "restart_url": visit.url() if chosen else "",
            "back_url": visit.url(".".join(chosen[:-1])) if chosen else "",
            "totals": [
                (told.dimension(key), totals.get(key, 0)) for key, _n in visit.rules.dimensions
            ],
        },
    }
    return found
