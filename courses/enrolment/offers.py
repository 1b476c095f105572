"""The runs of a course as somebody who looks for one sees them: dates, places, how one gets in."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from . import places
from .enrol import hindrance, open_now
from .models import Application, CourseRun
from .rules import runs_shown_to

MOST_RUNS = 20
SOON = timedelta(days=30)
Method = CourseRun.Method


def not_over(now: datetime) -> Q:
    return Q(ends_at__isnull=True) | Q(ends_at__gt=now)


def runs_of(user, course: UUID, slug: str, language: str) -> list[dict]:
    """Running and upcoming runs, soonest first, those at any time before all: at most 2 queries."""
    now = timezone.now()
    runs = list(
        CourseRun.objects.filter(runs_shown_to(user), not_over(now), course=course)
        .filter(Q(is_open=True) | Q(pacing=CourseRun.Pacing.COHORT))
        .annotate(taken=places.taken_where_limited())
        .order_by("-pacing", "starts_at", "pk")[:MOST_RUNS]
    )
    if not runs:
        return []
    mine = {}
    if user.is_authenticated:
        mine = {
            row.run_id: row
            for row in Application.objects.filter(user=user, run__in=runs).only("run", "state")
        }
    return [run_row(run, slug, language, now, run.taken, mine.get(run.pk)) for run in runs]


def run_row(run, slug: str, language: str, now, taken: int, application) -> dict:
    left = None if run.capacity is None else max(0, run.capacity - taken)
    reason = hindrance(run, now)
    waits = application is not None and application.state in Application.OPEN
    full = left == 0
    return {
        "title": run.title(language),
        "is_cohort": run.pacing == CourseRun.Pacing.COHORT,
        "starts_at": run.starts_at,
        "ends_at": run.ends_at,
        "enrol_until": run.enrol_until,
        "running": run.starts_at is not None and run.starts_at <= now,
        "capacity": run.capacity,
        "left": left,
        "full": full,
        "method": method_word(run.method),
        "method_word": method_word(run.method),
        "next": what_next(run, full),
        "reason": reason if not waits else "",
        "can_join": not reason and (not full or run.has_waiting_list) and not waits,
        "waits": application.get_state_display() if waits else "",
        "direct": run.method == Method.OPEN,
        "button": _("Join the waiting list") if full and run.method == Method.OPEN else button(run),
        "key": str(run.key),
        "url": reverse("run_join", args=[slug, run.key]),
    }


def method_word(method: str) -> str:
    return {
        Method.OPEN: _("open to everybody"),
        Method.KEY: _("with a key"),
        Method.APPROVAL: _("an instructor decides"),
        Method.STAFF: _("instructors enrol people"),
    }[method]


def button(run) -> str:
    return {
        Method.OPEN: _("Enrol"),
        Method.KEY: _("Enrol with the key"),
        Method.APPROVAL: _("Apply for a place"),
        Method.STAFF: "",
    }[run.method]


def what_next(run, full: bool) -> str:
    """What happens after pressing, in a sentence."""
    if run.method == Method.APPROVAL:
        return _("You say why you want to take part; an instructor answers and you are told.")
    if full and run.has_waiting_list:
        return _(
            "All places are taken. On the waiting list you move up by yourself when somebody leaves, "
            "and you are told."
        )
    if full:
        return _("All places are taken.")
    if run.method == Method.KEY:
        return _("You write the key that you were given and are in at once.")
    if run.method == Method.STAFF:
        return ""
    return _("You are in at once and get a mail.")


def starts(user) -> dict[str, set[str]]:
    """{course: when cohorts that take people now begin}: "now" (running), "soon" (within `SOON`) or
    "later". One query, whatever the number of courses."""
    now, found = timezone.now(), {}
    rows = CourseRun.objects.filter(
        open_now(now), runs_shown_to(user), pacing=CourseRun.Pacing.COHORT
    ).values_list("course", "starts_at")
    for course, at in rows:
        name = "now" if at is None or at <= now else "soon" if at <= now + SOON else "later"
        found.setdefault(str(course), set()).add(name)
    return found


def next_runs(user, courses: list[str], language: str) -> dict[str, dict]:
    """{course: {starts_at, left}} of the soonest cohort that takes people now: at most 2 queries."""
    now = timezone.now()
    soonest: dict[str, CourseRun] = {}
    for run in CourseRun.objects.filter(
        open_now(now),
        runs_shown_to(user),
        course__in=courses,
        pacing=CourseRun.Pacing.COHORT,
        starts_at__isnull=False,
    ).order_by("-starts_at", "-pk"):
        if run.starts_at > now or str(run.course) not in soonest:
            soonest[str(run.course)] = run
    if not soonest:
        return {}
    taken = places.counts_of([run for run in soonest.values() if run.capacity is not None])
    return {
        course: {
            "starts_at": run.starts_at,
            "running": run.starts_at <= now,
            "waits": run.has_waiting_list,
            "left": None if run.capacity is None else max(0, run.capacity - taken.get(run.pk, 0)),
        }
        for course, run in soonest.items()
    }
