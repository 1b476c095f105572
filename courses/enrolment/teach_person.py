"""One person in a run: how far they are, and what the instructor decides for them."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from activities.core import decisions, holding
from activities.core.date_input import MomentField
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Attempt, Decision, Participation
from courses.releases.delivery import current_version, in_language, served_release

from .models import CourseRun, Enrolment
from .rules import seen_in
from .teach import outline_or_404, run_facts, the_run

MOST_ATTEMPTS = 10

_panels: list[Callable[[Enrolment, dict, str], dict]] = []


def register_panel(function: Callable[[Enrolment, dict, str], dict]) -> None:
    """Apps above this one add to the page of a person: `function(enrolment, outline, language)`
    gives {template, …}, shown as `panel` in that template."""
    _panels.append(function)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request, pk: int, enrolment: int):
    """Everything this person did, item by item, with the decisions and their reasons."""
    run = the_run(request, pk)
    enrolled = get_object_or_404(
        Enrolment.objects.select_related("user", "run"),
        seen_in(run, request.user),
        pk=enrolment,
        run=run,
    )
    outline = outline_or_404(run)
    language = (get_language() or "th")[:2]
    error, typed, status = None, {}, 200
    if request.method == "POST":
        try:
            done = act(request, enrolled, outline)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error, typed, status = refusal, request.POST, refusal.status
        else:
            messages.success(request, done)
            address = reverse("teach_person", args=[run.pk, enrolled.pk])
            return redirect(f"{address}#i-{request.POST.get('item', '')}")
    begun = participations_of(enrolled)
    context = {
        "run": run_facts(run, outline, language),
        "person": {
            "name": enrolled.user.get_full_name() or enrolled.user.email,
            "email": enrolled.user.email,
            "percent": enrolled.percent,
            "enrolled_at": enrolled.enrolled_at,
            "last_seen": enrolled.last_seen_at,
            "completed_at": enrolled.completed_at,
            "state": enrolled.get_state_display(),
        },
        "is_cohort": run.pacing == CourseRun.Pacing.COHORT,
        "panels": [panel(enrolled, outline, language) for panel in _panels],
        "items": item_rows(enrolled, begun, outline, language, typed, error),
        "errors": summary(outline, error, typed.get("item", "")),
        "messages_url": reverse("teach_conversation", args=[run.pk, enrolled.pk]),
        "place_url": reverse("teach_place", args=[run.pk, enrolled.pk]),
        "see_url": reverse("teach_person", args=[run.pk, enrolled.pk]) + "see/",
        "back_url": reverse("teach_run", args=[run.pk]),
    }
    return render(request, "teach/person.html", context, status=status)


def summary(outline: dict, error: Refused | None, item: str) -> list[dict]:
    """The refusal for the top of the page, with links to the fields of the item it is about."""
    if error is None:
        return []
    numbers = {entry["key"]: n for n, entry in enumerate(outline["items"], start=1)}
    fields = [
        {"field_id": f"{name}-{numbers[item]}", "message": message}
        for name, message in error.fields.items()
        if item in numbers
    ]
    return fields or [{"field_id": "", "message": error.message}]


def participations_of(enrolled: Enrolment) -> dict[str, Participation]:
    """{item: participation}; their states stay with the enrolment for whoever asks next."""
    found = {str(p.item): p for p in Participation.objects.filter(seat=enrolled.seat).defer("data")}
    enrolled.item_states = {item: participation.state for item, participation in found.items()}
    return found


def item_rows(
    enrolled: Enrolment, participations: dict, outline: dict, language: str, typed, error
) -> list[dict]:
    """At most two queries, however many items there are."""
    attempts: dict[str, list[Attempt]] = {}
    tried = (
        Attempt.objects.filter(participation__seat=enrolled.seat)
        .select_related("participation")
        .only("number", "state", "score", "started_at", "finished_at", "participation__item")
    )
    for attempt in tried if participations else ():
        attempts.setdefault(str(attempt.participation.item), []).append(attempt)
    by_item: dict[str, list[Decision]] = {}
    for row in Decision.objects.filter(seat=enrolled.seat).select_related("by"):
        by_item.setdefault(str(row.item), []).append(row)
    rows = []
    see_url = reverse("teach_person", args=[enrolled.run_id, enrolled.pk]) + "see/"
    for n, entry in enumerate(outline["items"], start=1):
        participation = participations.get(entry["key"])
        made = by_item.get(entry["key"], [])
        standing = {row.kind: row for row in made if row.taken_back_at is None}
        here = typed.get("item") == entry["key"]
        rows.append(
            {
                "n": n,
                "key": entry["key"],
                "title": in_language(entry["titles"], language),
                "icon": entry["icon"],
                "required": entry["required"],
                "state": State(participation.state).label
                if participation
                else State.NOT_STARTED.label,
                "percent": enrolled.progress.get(entry["key"], 0),
                "score": participation.score if participation else None,
                "computed": participation.computed_score if participation else None,
                "is_set": bool(participation and participation.score_is_set),
                "completed_at": participation.completed_at if participation else None,
                "excused": Decision.Kind.EXCUSE in standing,
                "decisions": made,
                "attempts": attempts.get(entry["key"], [])[-MOST_ATTEMPTS:],
                "begun_at": participation.started_at if participation else None,
                "see_url": f"{see_url}{entry['key']}/",
                "scored": entry["category"] != "lecture",
                "typed": typed if here else {},
                "fields": error.fields if here and error else {},
                "open": here,
            }
        )
    return rows


@holding.once_more
@transaction.atomic
def act(request, enrolled: Enrolment, outline: dict) -> str:
    """Do what the form says. Returns what to say. Raises `Refused`."""
    data, by = request.POST, request.user
    holding.hold_person(enrolled.user_id)
    participation = participation_in(enrolled, outline, data.get("item", ""))
    action, reason = data.get("action", ""), data.get("reason", "")
    if action == "extend":
        decisions.extend(participation, until_of(data.get("until", "")), reason, by)
        return _("There is more time now.")
    if action == "extend_factor":
        decisions.extend_by_factor(participation, data.get("factor", ""), reason, by)
        return _("There is more time now.")
    if action == "excuse":
        decisions.excuse(participation, reason, by)
        return _("The learner is excused from this item.")
    if action == "override":
        decisions.override(participation, decisions.score_of(data.get("score", "")), reason, by)
        return _("The score is set, with your reason.")
    if action == "take_back":
        pk = data.get("decision", "")
        decision = (
            decisions.standing(participation.seat, participation.item)
            .filter(pk=int(pk) if pk.isdigit() and len(pk) < 18 else None)
            .first()
        )
        if decision is not None:
            decisions.take_back(participation, decision, by)
        return _("The decision is taken back.")
    raise Refused(_("Sala does not know this action."), code="unknown_action", status=422)


def until_of(raw: str):
    try:
        until = MomentField(required=True).clean(raw)
    except ValidationError as error:
        raise Refused(
            error.messages[0], code="no_date", fields={"until": error.messages[0]}
        ) from error
    if until is None:
        message = _("Write until when there is more time.")
        raise Refused(message, code="no_date", fields={"until": message})
    return until


def participation_in(enrolled: Enrolment, outline: dict, key: str) -> Participation:
    """The (locked) participation, begun if need be. Raises `Refused` 404 for no item of the course."""
    if key not in {entry["key"] for entry in outline["items"]}:
        raise Refused(_("This part is no longer in the course."), code="no_item", status=404)
    release = served_release(enrolled.run.course)
    Participation.objects.get_or_create(
        seat=enrolled.seat,
        item=key,
        defaults={
            "user": enrolled.user,
            "cohort": enrolled.run.key,
            "version": current_version(release, key),
        },
    )
    return (
        Participation.objects.select_for_update(of=("self",))
        .select_related("version", "user")
        .get(seat=enrolled.seat, item=key)
    )
