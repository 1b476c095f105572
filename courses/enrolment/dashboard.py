"""My learning: the next thing to do first, then what waits, then the courses."""

from django.contrib.auth.decorators import login_required
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from activities.core import registry
from activities.core.contract import Waiting
from activities.core.enums import State
from activities.core.models import Draft, Participation
from courses.releases.delivery import in_language, served

from . import asked, boards
from .access import access_to
from .announced import announcements
from .deadlines import SOON, Windows, deadlines, due_next, windows_of_all
from .models import Enrolment, MeasuredTime
from .progress import item_minutes, minutes_done, next_item, strip, totals

MOST_COURSES = 20
MOST_DRAFTS = 5
MOST_DEADLINES = 15
MOST_UNDER_WAY = 200

_certificates_of = None


def register_certificates(function) -> None:
    """`courses.certificates` stands above this app and gives the list of somebody's certificates."""
    global _certificates_of
    _certificates_of = function


@never_cache
@login_required
def dashboard(request):
    language, now = (get_language() or "th")[:2], timezone.now()
    taken = taken_by(request.user, measured=measured_seconds())
    requests = asked.requests_of(request.user, now)
    states = states_of([e.run.course for e in taken] + [r.run.course for r in requests])
    pairs = [(e, states[e.run.course]) for e in taken if e.run.course in states]
    items = {
        (str(e.seat), entry["key"]): (state, entry)
        for e, state in pairs
        for entry in state.served.outline["items"]
    }
    seats = [e.seat for e, _state in pairs]
    begun = under_way(request.user, seats)
    windows = windows_of_all([e for e, _state in pairs])
    certificates = _certificates_of(request.user) if _certificates_of else []
    addresses = {row["enrolment"]: row["url"] for row in certificates if not row["revoked"]}
    completed = [e for e, _state in pairs if e.completed_at is not None]
    surveys = boards.ask("surveys", completed, default={}) if completed else {}
    context = {
        "greeting_name": request.user.first_name or request.user.email.partition("@")[0],
        "announcements": boards.ask("announcements", request.user, language, default=[]),
        "run_announcements": announced_in(pairs, language),
        "next_step": next_step(pairs, begun, windows, language, now),
        "deadlines": deadlines(pairs, windows, language, now, until=now + SOON)[:MOST_DEADLINES],
        "has_dates": bool(windows),
        "waiting": waiting(begun, items, language),
        "requests": asked.request_rows(
            requests, states, {e.run.course for e in taken}, language, now
        ),
        "begins": asked.first_beginning(pairs, now, language),
        "courses": [
            {
                **course_row(e, state, language, e.measured // 60),
                "certificate_url": addresses.get(e.pk),
                "survey_url": surveys.get(e.pk),
            }
            for e, state in pairs
        ],
        "drafts": drafts(request.user, pairs, items, language),
        "certificates": certificates,
        "catalogue_url": reverse("catalogue"),
    }
    return render(request, "learn/dashboard.html", context)


def learning(user) -> list[tuple]:
    """[(enrolment, state of its course)] of what somebody takes or has completed, where they were
    last first. Two queries."""
    enrolments = taken_by(user)
    states = states_of([e.run.course for e in enrolments])
    return [(e, states[e.run.course]) for e in enrolments if e.run.course in states]


def taken_by(user, **annotations) -> list[Enrolment]:
    """What somebody takes or has completed, where they were last first. One query."""
    return list(
        Enrolment.objects.filter(user=user)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .annotate(**annotations)
        .select_related("run")
        .order_by(F("last_seen_at").desc(nulls_last=True), "-enrolled_at")[:MOST_COURSES]
    )


def states_of(courses: list) -> dict:
    """{course: its state with what is served}, without the texts. One query."""
    rows = served().filter(course__in=courses).defer("served__texts")
    return {state.course: state for state in rows}


def under_way(user, seats: list) -> dict:
    """{(seat, item): participation} of what was begun and is not completed, in one query."""
    rows = (
        Participation.objects.filter(user=user, seat__in=seats, completed_at__isnull=True)
        .select_related("version")
        .defer("version__texts")
        .order_by(F("last_seen_at").desc(nulls_last=True))[:MOST_UNDER_WAY]
    )
    found = {}
    for participation in rows:
        participation.user = user
        found[(str(participation.seat), str(participation.item))] = participation
    return found


def announced_in(pairs: list, language: str) -> list[dict]:
    """Announcements of somebody's runs, each with the title of its course."""
    titles = {e.run_id: in_language(state.served.outline["titles"], language) for e, state in pairs}
    rows = announcements([e for e, _state in pairs], language)
    return [row | {"course": titles[row["run"]]} for row in rows]


def measured_seconds():
    """For a query of enrolments: seconds of visible activity, shown to the person and to nobody else."""
    rows = MeasuredTime.objects.filter(seat=OuterRef("seat")).order_by().values("seat")
    return Coalesce(Subquery(rows.annotate(s=Sum("seconds")).values("s")), 0)


def course_row(enrolment: Enrolment, state, language: str, measured: int) -> dict:
    outline, progress, run = state.served.outline, enrolment.progress, enrolment.run
    upcoming, done = next_item(outline, progress), minutes_done(outline, progress)
    return {
        "title": in_language(outline["titles"], language),
        "code": outline["code"],
        "url": reverse("course", args=[state.slug]),
        "segments": strip(outline, progress),
        "totals": totals(outline, progress),
        "done_minutes": done.done,
        "all_minutes": done.total,
        "left_minutes": done.left,
        "percent": enrolment.percent,
        "measured_minutes": measured,
        "resume_url": reverse("course_resume", args=[state.slug]),
        "grades_url": reverse("my_grades", args=[state.slug]),
        "completed": enrolment.completed_at is not None,
        "closed": state.closed,
        "run_label": run.title(language) if run.pacing == run.Pacing.COHORT else "",
        "access": access_to(run),
        "next_title": in_language(upcoming["titles"], language) if upcoming else "",
    }


def next_step(pairs: list, begun: dict, windows: Windows, language: str, now) -> dict | None:
    """The one thing to do next: in the course somebody was in last, at the exact step."""
    for enrolment, state in pairs:
        outline = state.served.outline
        entries = {entry["key"]: entry for entry in outline["items"]}
        progress = enrolment.progress
        if enrolment.completed_at is not None or not access_to(enrolment.run, now).may_work:
            continue
        entry = entries.get(str(enrolment.last_item))
        if entry is None or progress.get(entry["key"], 0) >= 100:
            entry = next_item(outline, progress)
        if entry is None:
            continue
        waits, step = step_of(enrolment, entry, begun)
        if waits and (later := next_open(outline, progress, entry)) is not None:
            entry = later
            _waits, step = step_of(enrolment, entry, begun)
        address = [state.slug, entry["slug"]]
        url = (
            reverse("item_step", args=[*address, step.step])
            if step and step.step
            else reverse("item", args=address)
        )
        due = step.due if step else None
        return {
            "course_title": in_language(outline["titles"], language),
            "title": in_language(entry["titles"], language),
            "label": step.label if step else "",
            "minutes": step.minutes if step else item_minutes(entry) or entry["declared"],
            "due": due or due_next(windows, enrolment.seat, entry["key"], now),
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


def step_of(enrolment: Enrolment, entry: dict, begun: dict) -> tuple:
    """(whether it waits for others, what its kind says comes next)"""
    participation = begun.get((str(enrolment.seat), entry["key"]))
    if participation is None:
        return False, None
    try:
        step = registry.get(entry["kind"]).next_step(participation)
    except registry.UnknownKind:
        step = None
    return step is None, step


def waiting(begun: dict, items: dict, language: str) -> list[dict]:
    """What somebody waits for, each with the date when it resolves by itself."""
    found = []
    for where, participation in begun.items():
        if participation.state != State.WAITING or where not in items:
            continue
        state, entry = items[where]
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
