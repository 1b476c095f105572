"""My learning: the next thing to do first, then what waits, then the courses."""

from django.contrib.auth.decorators import login_required
from django.db.models import F, Sum
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from activities.core import registry
from activities.core.contract import Waiting
from activities.core.enums import State
from activities.core.models import Draft, Participation
from courses.releases.delivery import in_language, served

from .models import Enrolment, MeasuredTime
from .pages import catalogue_url, certificate_url
from .progress import item_minutes, minutes_done, next_item, segments, totals

MOST_COURSES = 20
MOST_DRAFTS = 5

_certificates_of = None


def register_certificates(function) -> None:
    """`courses.certificates` stands above this app and gives the list of somebody's certificates."""
    global _certificates_of
    _certificates_of = function


@never_cache
@login_required
def dashboard(request):
    language = (get_language() or "th")[:2]
    enrolments = list(
        Enrolment.objects.filter(user=request.user)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .select_related("run")
        .order_by(F("last_seen_at").desc(nulls_last=True), "-enrolled_at")[:MOST_COURSES]
    )
    states = {
        state.course: state
        for state in served().filter(course__in=[e.run.course for e in enrolments])
    }
    pairs = [(e, states[e.run.course]) for e in enrolments if e.run.course in states]
    items = {
        (str(e.seat), entry["key"]): (state, entry)
        for e, state in pairs
        for entry in state.served.outline["items"]
    }
    measured = measured_minutes([e.seat for e, _state in pairs])
    context = {
        "greeting_name": request.user.first_name or request.user.email.partition("@")[0],
        "next_step": next_step(request.user, pairs, language),
        "waiting": waiting(request.user, items, language),
        "courses": [course_row(e, state, language, measured.get(e.seat, 0)) for e, state in pairs],
        "drafts": drafts(request.user, pairs, items, language),
        "certificates": _certificates_of(request.user) if _certificates_of else [],
        "catalogue_url": catalogue_url(),
    }
    return render(request, "learn/dashboard.html", context)


def measured_minutes(seats: list) -> dict:
    """{seat: whole minutes of visible activity}: shown to the person and to nobody else."""
    rows = MeasuredTime.objects.filter(seat__in=seats).values("seat").annotate(s=Sum("seconds"))
    return {row["seat"]: row["s"] // 60 for row in rows}


def course_row(enrolment: Enrolment, state, language: str, measured: int) -> dict:
    outline, progress = state.served.outline, enrolment.progress
    upcoming = next_item(outline, progress)
    return {
        "title": in_language(outline["titles"], language),
        "code": outline["code"],
        "url": reverse("course", args=[state.slug]),
        "segments": segments(outline, progress, language),
        "totals": totals(outline, progress),
        "left_minutes": minutes_done(outline, progress).left,
        "percent": enrolment.percent,
        "measured_minutes": measured,
        "resume_url": reverse("course_resume", args=[state.slug]),
        "grades_url": reverse("my_grades", args=[state.slug]),
        "completed": enrolment.completed_at is not None,
        "closed": state.closed,
        "certificate_url": certificate_url(enrolment),
        "next_title": in_language(upcoming["titles"], language) if upcoming else "",
    }


def next_step(user, pairs: list, language: str) -> dict | None:
    """The one thing to do next: in the course somebody was in last, at the exact step."""
    for enrolment, state in pairs:
        outline = state.served.outline
        entries = {entry["key"]: entry for entry in outline["items"]}
        progress = enrolment.progress
        if enrolment.completed_at is not None:
            continue
        entry = entries.get(str(enrolment.last_item))
        if entry is None or progress.get(entry["key"], 0) >= 100:
            entry = next_item(outline, progress)
        if entry is None:
            continue
        begun, step = step_of(enrolment, entry)
        if begun and step is None and (later := next_open(outline, progress, entry)) is not None:
            entry = later
            _begun, step = step_of(enrolment, entry)
        address = [state.slug, entry["slug"]]
        url = (
            reverse("item_step", args=[*address, step.step])
            if step and step.step
            else reverse("item", args=address)
        )
        return {
            "course_title": in_language(outline["titles"], language),
            "title": in_language(entry["titles"], language),
            "label": step.label if step else "",
            "minutes": step.minutes if step else item_minutes(entry) or entry["declared"],
            "due": step.due if step else None,
            "url": url,
            "button": _("Go on") if progress else _("Start"),
        }
    return None


def next_open(outline: dict, progress: dict, after: dict) -> dict | None:
    """Another item to do while `after` waits for others."""
    for entry in outline["items"]:
        if entry["key"] != after["key"] and progress.get(entry["key"], 0) < 100:
            return entry
    return None


def step_of(enrolment: Enrolment, entry: dict) -> tuple:
    """(whether the item was begun, what its kind says comes next: None when it waits)"""
    participation = (
        Participation.objects.filter(seat=enrolment.seat, item=entry["key"])
        .select_related("version", "user")
        .defer("version__texts")
        .first()
    )
    if participation is None:
        return False, None
    try:
        return True, registry.get(entry["kind"]).next_step(participation)
    except registry.UnknownKind:
        return True, None


def waiting(user, items: dict, language: str) -> list[dict]:
    """What somebody waits for, each with the date when it resolves by itself."""
    found = []
    for participation in (
        Participation.objects.filter(user=user, state=State.WAITING)
        .select_related("version")
        .defer("version__texts")[:MOST_COURSES]
    ):
        place = items.get((str(participation.seat), str(participation.item)))
        if place is None:
            continue
        state, entry = place
        for what in waited_for(entry, participation):
            found.append(
                {
                    "title": in_language(entry["titles"], language),
                    "text": what.text,
                    "until": what.until,
                    "url": reverse("item", args=[state.slug, entry["slug"]]),
                }
            )
    return found


def waited_for(entry: dict, participation) -> list:
    """What a kind says; of one that is not installed or fails, that others are waited for."""
    try:
        return registry.get(entry["kind"]).waiting(participation)
    except registry.UnknownKind:
        return [Waiting(_("This part is temporarily unavailable."), None)]


def drafts(user, pairs: list, items: dict, language: str) -> list[dict]:
    """What was typed and not sent, in items that still ask for it."""
    done = {
        (str(enrolment.seat), key)
        for enrolment, _state in pairs
        for key, percent in enrolment.progress.items()
        if percent >= 100
    }
    found = []
    for draft in Draft.objects.filter(user=user).order_by("-saved_at")[:MOST_DRAFTS]:
        where = (str(draft.seat), str(draft.item))
        place = items.get(where)
        if place is not None and where not in done:
            state, entry = place
            found.append(
                {
                    "title": in_language(entry["titles"], language),
                    "url": reverse("item", args=[state.slug, entry["slug"]]),
                    "saved_at": draft.saved_at,
                }
            )
    return found
