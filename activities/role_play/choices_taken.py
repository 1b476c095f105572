"""What a run's learners chose: how many took what, what it led to, where they stopped.

Numbers of one to four learners are not shown, because in a small run they would name somebody,
nor the number that would give one away within its scene. Across scenes one may still reckon:
this is courtesy between learners, no anonymity before an instructor.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from activities.core.contract import Desk
from activities.core.enums import AttemptState
from activities.core.models import Attempt

from .plays import ABANDONED_AFTER
from .scenario import Choice, Node, Scenario, Told
from .screens import quality_word

LEAST_SHOWN = 5


@dataclass
class Taken:
    """Counts over the plays of a run. Keys of `by` and `scores` are (scene, choice): learners who
    took it, and the scores of finished plays in which it was taken.
    """

    by: dict[tuple, set[int]] = field(default_factory=lambda: defaultdict(set))
    scores: dict[tuple, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    here: Counter = field(default_factory=Counter)
    left: Counter = field(default_factory=Counter)
    endings: Counter = field(default_factory=Counter)
    at_ending: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    players: set[int] = field(default_factory=set)

    def count(self, node: Node, choice: Choice) -> int:
        return len(self.by[node.id, choice.id])


def taken_in(desk: Desk) -> Taken:
    """From one query over the plays, however many learners there are."""
    rules, found = desk.rules, Taken()
    plays = Attempt.objects.filter(
        participation__cohort=desk.cohort, participation__item=desk.version.item
    ).values_list("participation_id", "state", "data", "score", "started_at")
    for participation, state, data, score, last in plays.iterator():
        found.players.add(participation)
        place = rules.start
        for node, choice, at in data.get("path", []):
            found.by[node, choice].add(participation)
            if state == AttemptState.FINISHED and score is not None:
                found.scores[node, choice].append(score)
            taken = rules.by_id[node].choice(choice) if node in rules.by_id else None
            place, last = (taken.to if taken else place), datetime.fromisoformat(at)
        if state == AttemptState.FINISHED:
            found.endings[data.get("ending")] += 1
            found.at_ending[data.get("ending")].add(participation)
        elif state == AttemptState.IN_PROGRESS:
            found.here[place] += 1
            if desk.now - last >= ABANDONED_AFTER:
                found.left[place] += 1
    return found


def overview(desk: Desk) -> dict:
    """The context of the instructor's first page."""
    rules, told, taken = desk.rules, Told(desk.content, desk.rules), taken_in(desk)
    finished = sum(taken.endings.values())
    hidden = held_back([len(taken.at_ending[ending.id]) for ending in rules.endings])
    return {
        "players": len(taken.players),
        "finished": finished,
        "least_shown": LEAST_SHOWN,
        "scenes": scene_rows(rules, told, taken),
        "endings": [
            {
                "text": told.ending(ending.id).text,
                "quality": quality_word(ending.quality),
                "count": taken.endings[ending.id],
                "shown": not hides,
                "of": finished,
            }
            for ending, hides in zip(rules.endings, hidden, strict=True)
        ],
        "wrong": most_chosen_wrong(rules, told, taken),
        "stop": most_left(rules, told, taken),
    }


def scene_rows(rules: Scenario, told: Told, taken: Taken) -> list[dict]:
    rows = []
    for number, node in enumerate(rules.nodes, start=1):
        counts = [taken.count(node, choice) for choice in node.choices]
        hidden = held_back(counts)
        rows.append(
            {
                "id": node.id,
                "number": number,
                "text": told.scene(node.id),
                "here": taken.here[node.id],
                "here_words": words(taken.here[node.id]),
                "left": taken.left[node.id],
                "left_words": words(taken.left[node.id]),
                "choices": [
                    {
                        "text": told.choice(node.id, choice.id)[0],
                        "count": count,
                        "of": sum(counts),
                        "shown": not hides,
                        "average": None if hides else average(taken.scores[node.id, choice.id]),
                        "wrong": is_wrong(node, choice),
                    }
                    for choice, count, hides in zip(node.choices, counts, hidden, strict=True)
                ],
            }
        )
    return rows


def held_back(counts: list[int]) -> list[bool]:
    """Which counts are not shown: the small ones, and where only one is small the next larger too,
    since it could be reckoned from the sum.
    """
    hidden = [0 < count < LEAST_SHOWN for count in counts]
    if sum(hidden) == 1:
        others = [n for n, count in enumerate(counts) if count and not hidden[n]]
        if others:
            hidden[min(others, key=lambda n: counts[n])] = True
    return hidden


def words(count: int) -> str:
    if 0 < count < LEAST_SHOWN:
        return _("fewer than %(least)s") % {"least": LEAST_SHOWN}
    return str(count)


def average(scores: list[Decimal]) -> str | None:
    """The mean of the scores with one place; None for too few."""
    if len(scores) < LEAST_SHOWN:
        return None
    return f"{sum(scores) / len(scores):.1f}"


def is_wrong(node: Node, choice: Choice) -> bool:
    """Whether another choice of the scene is worth more points."""
    return choice.points < max(other.points for other in node.choices)


def most_chosen_wrong(rules: Scenario, told: Told, taken: Taken) -> dict | None:
    """The choice below the best of its scene that most learners took; the earlier when equal."""
    wrong = [
        (taken.count(node, choice), node, choice)
        for node in rules.nodes
        for choice, hides in zip(
            node.choices, held_back([taken.count(node, c) for c in node.choices]), strict=True
        )
        if is_wrong(node, choice) and not hides
    ]
    count, node, choice = max(wrong, key=lambda row: row[0], default=(0, None, None))
    if not count:
        return None
    return {
        "scene": told.scene(node.id),
        "choice": told.choice(node.id, choice.id)[0],
        "count": count,
    }


def most_left(rules: Scenario, told: Told, taken: Taken) -> dict | None:
    """The scene where most plays were left for 30 days; None while they are few."""
    node = max(rules.nodes, key=lambda node: taken.left[node.id], default=None)
    if node is None or taken.left[node.id] < LEAST_SHOWN:
        return None
    return {"scene": told.scene(node.id), "count": taken.left[node.id]}
