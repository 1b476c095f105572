"""What a learner sees of a scenario: one scene at a time, and afterwards the own path."""

import re
from fractions import Fraction
from math import floor

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail.images import get_image_model

from activities.core import substance
from activities.core.contract import Screen, Visit
from activities.core.errors import Refused
from activities.core.models import Attempt
from activities.core.record import draft_of

from . import graph, reflection
from .plays import (
    Phase,
    Standing,
    node_at,
    not_enough_plays,
    offered_at,
    steps_of,
    untried,
)
from .scenario import Node, Told

FOLDER = "activities/role_play_solo"
MARKERS = {"th": "กขคง"}
STEP = re.compile(r"(scene|play)-([0-9]{1,4})")
MOST_ROWS = 200


def screen_at(visit: Visit, standing: Standing, step: str, submitted=None) -> Screen:
    """The screen of a step; "" is wherever the learner is. Raises `Refused`."""
    if step == "reflection":
        return reflecting(visit, standing, submitted)
    match = STEP.fullmatch(step)
    if match and match.group(1) == "scene":
        return past_or_current_scene(visit, standing, int(match.group(2)), submitted)
    if match:
        return ending(visit, standing, finished_play(standing, int(match.group(2))), submitted)
    if step:
        raise unknown_step()
    match standing.phase:
        case Phase.NOT_STARTED:
            return beginning(visit, standing, submitted)
        case Phase.PLAYING | Phase.ABANDONED:
            return scene(visit, standing, standing.current, standing.current.step + 1, submitted)
        case Phase.ENDING:
            return ending(visit, standing, standing.finished[-1], submitted)
        case Phase.REFLECTING:
            return reflecting(visit, standing, submitted)
    return complete(visit, standing, submitted)


def unknown_step() -> Refused:
    return Refused(_("There is no such step."), code="unknown_step", status=404)


def finished_play(standing: Standing, number: int) -> Attempt:
    for attempt in standing.finished:
        if attempt.number == number:
            return attempt
    raise unknown_step()


def told_of(visit: Visit, attempt: Attempt | None = None) -> Told:
    version = visit if attempt is None or attempt.version_id == visit.version.pk else None
    if version is not None:
        return Told(visit.content, visit.rules)
    return Told(attempt.version.content(visit.language), attempt.version.rules)


def base(visit: Visit, standing: Standing, submitted) -> dict:
    """What every screen has."""
    return {
        "home_url": visit.url(),
        "steps": stepper(standing),
        "play_count": len(standing.attempts),
        "required": standing.rules.attempts_required,
        "next_play": len(standing.attempts) + 1,
        "may_play": standing.may_play,
        "plays_left": standing.plays_left,
        "error": submitted.error if submitted else None,
    }


def stepper(standing: Standing) -> list[dict]:
    """The steps of the whole: each required play, then the reflection."""
    required, phase = standing.rules.attempts_required, standing.phase
    playing = phase in (Phase.PLAYING, Phase.ABANDONED, Phase.NOT_STARTED)
    steps = []
    for number in range(1, required + 1):
        label = (
            pgettext("role-play", "Play")
            if required == 1
            else _("Play %(number)s") % {"number": number}
        )
        done = standing.distinct >= number
        steps.append({"label": label, "done": done})
    if standing.rules.reflection:
        steps.append({"label": _("Reflect"), "done": standing.participation.completed})
    first_open = next((step for step in steps if not step["done"]), None)
    for step in steps:
        step["current"] = step is first_open and (playing or not standing.participation.completed)
    return steps


# -- Playing ------------------------------------------------------------------------------------


def beginning(visit: Visit, standing: Standing, submitted) -> Screen:
    told, rules = told_of(visit), standing.rules
    context = base(visit, standing, submitted) | {
        "your_role": told.your_role,
        "dimensions": [told.dimension(key) for key, _name in rules.dimensions],
        "questions": len(rules.reflection),
        "least_chars": sum(question.min_chars for question in rules.reflection),
    }
    if visit.is_preview:
        return preview(visit, standing, context)
    return Screen(f"{FOLDER}/begin.html", context)


def preview(visit: Visit, standing: Standing, context: dict) -> Screen:
    """For the author: the first scene as learners get it, and below it what only authors see."""
    told, rules = told_of(visit), standing.rules
    node = rules.by_id.get(rules.start)
    context |= {
        "author": author_sheet(visit.page),
        "play": 1,
        "saved": False,
        "scene": None if node is None else scene_context(visit, told, node, list(node.choices), 1),
    }
    return Screen(f"{FOLDER}/scene.html", context)


def author_sheet(page) -> dict:
    """What keeps the page from being offered, and every path with its score."""
    from activities.core import registry

    kind = registry.get(page.kind_name)
    rows, count = paths_table(page)
    return {
        "problems": kind.problems(page),
        "paths": rows,
        "path_count": count,
        "ceiling": kind.ceiling(page),
    }


def paths_table(page) -> tuple[list[dict], int]:
    """(rows, how many paths there are): each path with ending, points and score.

    At most `MOST_ROWS` rows; none while the scenario cannot be played through.
    """
    from activities.core import registry

    scenario = registry.get(page.kind_name).content(page)
    try:
        measures = scenario.measures
        rows = [
            {
                "steps": [f"{node} {choice}" for node, choice in path.steps],
                "ending": path.ending,
                "quality": quality_word(scenario.ending_by_id[path.ending].quality),
                "total": path.total,
                "score": None if path.score is None else f"{float(path.score):.2f}",
            }
            for path in graph.paths(scenario, MOST_ROWS)
        ]
    except graph.Unplayable:
        return [], 0
    return rows, measures.paths


def scene(visit: Visit, standing: Standing, attempt: Attempt, number: int, submitted) -> Screen:
    """Scene `number` of a play: with its choices if it is the current one, else to read again."""
    told, rules = told_of(visit, attempt), attempt.version.rules
    node = node_at(attempt, rules, number)
    steps = steps_of(attempt)
    current = number == attempt.step + 1
    context = base(visit, standing, submitted) | {
        "your_role": told.your_role,
        "play": attempt.number,
        "attempt_step": attempt.step,
        "saved": attempt.step > 0,
        "long_ago": standing.phase == Phase.ABANDONED,
        "scene": scene_context(visit, told, node, offered_at(attempt, rules, number), number),
        "current": current,
        "back_url": visit.url(f"scene-{number - 1}") if number > 1 else None,
        "forward_url": None
        if current
        else visit.url(f"scene-{number + 1}" if number < attempt.step else ""),
    }
    now = rules.show_feedback == "now"
    if current and number > 1 and now:
        text, feedback = told.choice(*steps[number - 2])
        context["before"] = {"choice": text, "feedback": feedback}
    if not current:
        text, feedback = told.choice(*steps[number - 1])
        context["chosen"] = {"choice": text, "feedback": feedback if now else ""}
    return Screen(f"{FOLDER}/scene.html", context)


def past_or_current_scene(visit: Visit, standing: Standing, number: int, submitted) -> Screen:
    attempt = standing.current
    if attempt is None or not 1 <= number <= attempt.step + 1:
        raise unknown_step()
    return scene(visit, standing, attempt, number, submitted)


def scene_context(visit: Visit, told: Told, node: Node, choices: list, number: int) -> dict:
    markers = MARKERS.get(visit.language, "ABCD")
    return {
        "id": node.id,
        "number": number,
        "of": length_of(told),
        "text": told.scene(node.id),
        "image": image_of(node.image),
        "alt": told.alt(node.id),
        "choices": [
            {
                "id": choice.id,
                "marker": markers[place] if place < len(markers) else str(place + 1),
                "text": told.choice(node.id, choice.id)[0],
            }
            for place, choice in enumerate(choices)
        ],
    }


def length_of(told: Told) -> int | None:
    """How many scenes a play has, when every path has as many."""
    try:
        fewest, most = told.rules.measures.scenes
    except graph.Unplayable:
        return None
    return most if fewest == most else None


def image_of(pk: int | None):
    return None if pk is None else get_image_model().objects.filter(pk=pk).first()


# -- After the ending ---------------------------------------------------------------------------


def ending(visit: Visit, standing: Standing, attempt: Attempt, submitted) -> Screen:
    context = base(visit, standing, submitted) | play_context(visit, attempt)
    earlier = {steps_of(other) for other in standing.finished if other.number < attempt.number}
    context |= {
        "untried": untried(standing),
        "same_as_before": steps_of(attempt) in earlier,
        "fulfilled": standing.fulfilled,
        "stuck": standing.stuck,
        "completed": standing.participation.completed,
        "newest": attempt is standing.attempts[-1],
        "asks": bool(standing.rules.reflection),
    }
    return Screen(f"{FOLDER}/ending.html", context)


def play_context(visit: Visit, attempt: Attempt) -> dict:
    """Ending, scores and own path of a finished play."""
    told = told_of(visit, attempt)
    found = told.ending(attempt.data["ending"])
    return {
        "play": attempt.number,
        "ending": found,
        "quality": quality_word(found.quality),
        "score": attempt.score,
        "dimensions": dimension_scores(told, attempt),
        "path": path_of(told, attempt),
    }


def dimension_scores(told: Told, attempt: Attempt) -> list[dict]:
    """Each dimension on the ruler of all complete paths; `score` None where all are equal."""
    rows = []
    totals = attempt.data.get("totals", {})
    for (key, _name), (worst, best) in zip(
        told.rules.dimensions, told.rules.measures.ranges, strict=True
    ):
        score = graph.score_of(totals.get(key, 0), worst, best)
        rows.append(
            {"name": told.dimension(key), "score": None if score is None else half_up(score)}
        )
    return rows


def half_up(number: Fraction) -> int:
    """The nearest whole number, halves upwards: as people round, and as stored scores are."""
    return floor(number + Fraction(1, 2))


def path_of(told: Told, attempt: Attempt) -> list[dict]:
    rows = []
    for number, (node_id, choice_id) in enumerate(steps_of(attempt), start=1):
        text, feedback = told.choice(node_id, choice_id)
        rows.append({"number": number, "choice": text, "feedback": feedback})
    return rows


def quality_word(quality: str) -> str:
    words = {
        "best": pgettext("ending", "A good ending"),
        "recovered": pgettext("ending", "Recovered in time"),
        "poor": pgettext("ending", "A poor ending"),
    }
    return words.get(quality, "")


def paths_played(visit: Visit, standing: Standing) -> list[dict]:
    return [play_context(visit, attempt) for attempt in standing.finished]


def reflecting(visit: Visit, standing: Standing, submitted) -> Screen:
    """The questions beside the own paths. Raises `Refused` 409 while a play is missing."""
    if not standing.rules.reflection:
        raise unknown_step()
    if not standing.fulfilled or standing.current is not None:
        raise Refused(not_enough_plays(standing), code="plays_missing", status=409)
    told = told_of(visit)
    typed = draft_of(standing.participation, "reflection")
    stored = standing.data.get("reflections", {})
    if submitted and submitted.action == "reflect":
        typed = submitted.data
    errors = submitted.error.fields if submitted else {}
    questions = []
    for question in standing.rules.reflection:
        name = reflection.field(question.key)
        value = typed.get(name, stored.get(question.key, ""))
        questions.append(
            {
                "name": name,
                "text": told.question(question.key),
                "least": question.min_chars,
                "value": value,
                "count": substance.length(value),
                "error": errors.get(name),
            }
        )
    context = base(visit, standing, submitted) | {
        "form_url": visit.url("reflection"),
        "questions": questions,
        "plays": paths_played(visit, standing),
        "completed": standing.participation.completed,
        "draft_kept": bool(typed),
    }
    return Screen(f"{FOLDER}/reflection.html", context)


def complete(visit: Visit, standing: Standing, submitted) -> Screen:
    told = told_of(visit)
    best = standing.best or (standing.finished[-1] if standing.finished else None)
    stored = standing.data.get("reflections", {})
    context = base(visit, standing, submitted) | {
        "best": play_context(visit, best) if best else None,
        "plays": paths_played(visit, standing),
        "untried": untried(standing),
        "reflections": [
            {"text": told.question(question.key), "answer": stored.get(question.key, "")}
            for question in standing.rules.reflection
        ],
        "reflection_url": visit.url("reflection") if standing.rules.reflection else None,
    }
    return Screen(f"{FOLDER}/complete.html", context)
