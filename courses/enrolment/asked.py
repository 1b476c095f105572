"""What somebody asked for and has not got: a place that they wait for, an answer, a refusal."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from courses.releases.delivery import in_language

from . import places
from .access import access_to
from .enrol import hindrance
from .models import Application, CourseRun

State = Application.State
MOST_REQUESTS = 20
# A refusal stays on the dashboard so long; the page of the run tells of it for good.
REFUSALS = timedelta(days=30)


def requests_of(user, now=None) -> list[Application]:
    """What waits, and what was refused lately, the newest first, each with its `place` on the waiting
    list. One query."""
    since = (now or timezone.now()) - REFUSALS
    return list(
        Application.objects.filter(user=user)
        .filter(Q(state__in=Application.OPEN) | Q(state=State.REFUSED, decided_at__gt=since))
        .select_related("run")
        .annotate(place=places.place_in_line())
        .order_by("-queued_at", "-pk")[:MOST_REQUESTS]
    )


def request_rows(requests: list, states: dict, has_place: set, language: str, now) -> list[dict]:
    """Requests as the dashboard tells of them. `states` are {course: state}; `has_place` are the
    courses that the person takes: a refusal there is settled."""
    found = []
    for request in requests:
        run, state = request.run, states.get(request.run.course)
        if state is None or state.closed:
            continue
        if request.state == State.REFUSED and run.course in has_place:
            continue
        found.append(request_row(request, state, language, now))
    return found


def request_row(request: Application, state, language: str, now) -> dict:
    run = request.run
    over, refused = places.over(run, now), request.state == State.REFUSED
    stops = hindrance(run, now)
    return {
        "title": in_language(state.served.outline["titles"], language),
        "course_url": reverse("course", args=[state.slug]),
        "run_label": run.title(language),
        "run_url": reverse("run_join", args=[state.slug, run.key]),
        "begins": run.starts_at if run.starts_at and run.starts_at > now else None,
        "over": stops if over else "",
        "place": request.place if request.state == State.WAITING else None,
        "asked_at": request.queued_at,
        "refused": refused,
        "reason": request.reason if refused else "",
        "again": refused and not stops and run.method == CourseRun.Method.APPROVAL,
    }


def first_beginning(pairs: list, now, language: str) -> dict | None:
    """The course that begins first of those that somebody has a place in and cannot open yet."""
    early = [
        (way_in.begins, state)
        for enrolment, state in pairs
        if enrolment.completed_at is None and (way_in := access_to(enrolment.run, now)).early
    ]
    if not early:
        return None
    begins, state = min(early, key=lambda pair: pair[0])
    return {
        "title": in_language(state.served.outline["titles"], language),
        "url": reverse("course", args=[state.slug]),
        "begins": begins,
    }
