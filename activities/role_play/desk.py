"""What an instructor sees of a scenario in a run: choices taken, endings, who is still to reflect.

Paths of single learners are not listed here; reflections stand without names.
"""

from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.utils.translation import gettext as _

from activities.core import tables
from activities.core.contract import Desk, Download, Outcome, Screen
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Participation

from .choices_taken import overview
from .plays import Phase, grant
from .scenario import Told
from .screens import FOLDER

PER_PAGE = 50


def screen(desk: Desk, step: str, submitted=None) -> Screen | Download:
    if step == "reflections-file":
        return reflections_file(desk)
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
    written = who_reflected(desk)
    page = Paginator(written, PER_PAGE).get_page(desk.page)
    told = Told(desk.content, desk.rules)
    return {
        "page_obj": page,
        "file_url": desk.url("reflections-file"),
        "entries": [
            [
                {"question": told.question(question.key), "answer": answer}
                for question in desk.rules.reflection
                if (answer := participation.data.get("reflections", {}).get(question.key))
            ]
            for participation in page
        ],
    }


def who_reflected(desk: Desk):
    """By their seats: an order that says nothing about them."""
    return people(desk).filter(completed_at__isnull=False).order_by("seat")


def reflections_file(desk: Desk) -> Download:
    """The same for a spreadsheet: a row for each learner, without names, a column for each question."""
    told, keys = Told(desk.content, desk.rules), [q.key for q in desk.rules.reflection]
    written = who_reflected(desk).values_list("data__reflections", flat=True)
    rows = (
        [number, *((answers or {}).get(key, "") for key in keys)]
        for number, answers in enumerate(written.iterator(chunk_size=500), start=1)
    )
    return tables.table("reflections", [_("No."), *map(told.question, keys)], rows)


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
