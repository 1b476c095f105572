"""What an instructor sees of a scenario in a run: choices taken, endings, who is still to reflect.

Paths of single learners are not listed here; reflections stand without names.
"""

from collections import Counter, defaultdict
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.utils.translation import gettext as _

from activities.core.contract import Desk, Outcome, Screen
from activities.core.enums import AttemptState, State
from activities.core.errors import Refused
from activities.core.models import Attempt, Participation

from .plays import Phase, grant
from .scenario import Scenario, Told
from .screens import FOLDER, quality_word

PER_PAGE = 50


def screen(desk: Desk, step: str, submitted=None) -> Screen:
    builders = {"": overview, "waiting": waiting, "reflections": reflections}
    if step not in builders:
        raise Refused(_("There is no such page."), code="unknown_step", status=404)
    context = builders[step](desk) | {
        "error": submitted.error if submitted else None,
        "desk_step": step,
        "tabs": [
            {"label": _("Choices and endings"), "url": desk.url(), "current": step == ""},
            {
                "label": _("To reflect"),
                "url": desk.url("waiting"),
                "current": step == "waiting",
            },
            {
                "label": _("Reflections"),
                "url": desk.url("reflections"),
                "current": step == "reflections",
            },
        ],
    }
    return Screen(f"{FOLDER}/desk_{step or 'overview'}.html", context)


def people(desk: Desk):
    return Participation.objects.filter(cohort=desk.cohort, item=desk.version.item)


# -- Choices and endings ------------------------------------------------------------------------


def overview(desk: Desk) -> dict:
    """Counts from one query over the plays, however many learners there are."""
    rules, told = desk.rules, Told(desk.content, desk.rules)
    learners: dict[tuple[str, str], set[int]] = defaultdict(set)
    here: Counter = Counter()
    endings: Counter = Counter()
    players = set()
    plays = Attempt.objects.filter(
        participation__cohort=desk.cohort, participation__item=desk.version.item
    ).values_list("participation_id", "state", "data")
    for participation, state, data in plays.iterator():
        players.add(participation)
        place = rules.start
        for node, choice, _at in data.get("path", []):
            learners[node, choice].add(participation)
            taken = rules.by_id[node].choice(choice) if node in rules.by_id else None
            place = taken.to if taken else place
        if state == AttemptState.FINISHED:
            endings[data.get("ending")] += 1
        elif state == AttemptState.IN_PROGRESS:
            here[place] += 1
    counts = {step: len(who) for step, who in learners.items()}
    finished = sum(endings.values())
    return {
        "players": len(players),
        "finished": finished,
        "scenes": scene_rows(rules, told, counts, here),
        "endings": [
            {
                "text": told.ending(ending.id).text,
                "quality": quality_word(ending.quality),
                "count": endings[ending.id],
                "of": finished,
            }
            for ending in rules.endings
        ],
        "wrong": most_chosen_wrong(rules, told, counts),
    }


def scene_rows(rules: Scenario, told: Told, counts: dict, here: Counter) -> list[dict]:
    rows = []
    for number, node in enumerate(rules.nodes, start=1):
        of = sum(counts.get((node.id, choice.id), 0) for choice in node.choices)
        rows.append(
            {
                "id": node.id,
                "number": number,
                "text": told.scene(node.id),
                "here": here[node.id],
                "choices": [
                    {
                        "text": told.choice(node.id, choice.id)[0],
                        "count": counts.get((node.id, choice.id), 0),
                        "of": of,
                        "wrong": is_wrong(node, choice),
                    }
                    for choice in node.choices
                ],
            }
        )
    return rows


def is_wrong(node, choice) -> bool:
    """Whether another choice of the scene is worth more points."""
    return choice.points < max(other.points for other in node.choices)


def most_chosen_wrong(rules: Scenario, told: Told, counts: dict) -> dict | None:
    """The choice below the best of its scene that most learners took; the earlier when equal."""
    wrong = [
        (counts.get((node.id, choice.id), 0), node, choice)
        for node in rules.nodes
        for choice in node.choices
        if is_wrong(node, choice)
    ]
    count, node, choice = max(wrong, key=lambda row: row[0], default=(0, None, None))
    if not count:
        return None
    return {
        "scene": told.scene(node.id),
        "choice": told.choice(node.id, choice.id)[0],
        "count": count,
    }


# -- Who is still to reflect, and who has run out of plays --------------------------------------


def waiting(desk: Desk) -> dict:
    """Two lists: who has played and not reflected, and who needs another play."""
    to_reflect = (
        people(desk)
        .filter(
            completed_at__isnull=True,
            data__phase__in=[Phase.ENDING.value, Phase.REFLECTING.value],
            data__distinct__gte=desk.rules.attempts_required,
        )
        .select_related("user")
        .order_by("user__first_name", "user__last_name", "pk")
    )
    stuck = (
        people(desk)
        .filter(state=State.NEEDS_ATTENTION)
        .select_related("user")
        .order_by("last_seen_at", "pk")[:PER_PAGE]
    )
    return {
        "page_obj": Paginator(to_reflect, PER_PAGE).get_page(desk.page),
        "stuck": [
            {"pk": participation.pk, "learner": participation.user, "key": uuid4()}
            for participation in stuck
        ],
        "form_url": desk.url("waiting"),
    }


def reflections(desk: Desk) -> dict:
    """What learners wrote, without names and in an order that says nothing about them."""
    written = people(desk).filter(completed_at__isnull=False).order_by("seat")
    page = Paginator(written, PER_PAGE).get_page(desk.page)
    told = Told(desk.content, desk.rules)
    return {
        "page_obj": page,
        "entries": [
            [
                {"question": told.question(question.key), "answer": answer}
                for question in desk.rules.reflection
                if (answer := participation.data.get("reflections", {}).get(question.key))
            ]
            for participation in page
        ],
    }


def handle(desk: Desk, step: str, action: str, data, files) -> Outcome:
    if action != "grant":
        raise Refused(_("Sala does not know this action."), code="unknown_action", status=400)
    participation = (
        people(desk)
        .select_for_update()
        .filter(pk=data.get("learner") if str(data.get("learner", "")).isdigit() else None)
        .first()
    )
    if participation is None:
        raise Refused(_("There is no such learner here."), code="unknown_learner", status=404)
    if participation.state != State.NEEDS_ATTENTION:
        raise Refused(
            _("This learner has plays left, or was granted one already."),
            code="not_needed",
            status=409,
        )
    grant(participation, desk.rules, desk.user, key_of(data.get("key")))
    return Outcome(
        step="waiting",
        message=_("%(name)s may play once more.") % {"name": participation.user},
    )


def key_of(text) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
