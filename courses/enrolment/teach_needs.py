"""What needs an instructor today, over all runs that somebody looks after or in one of them."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from activities.core import registry
from courses.releases.delivery import Served, in_language

from .models import Application, CourseRun, Enrolment
from .rules import runs_for

STUCK_AFTER = timedelta(days=7)
PAGE_SIZE = 25
MOST_ON_A_DESK = 8
MOST_IN_A_RUN = 12
STEP = re.compile(r"[-a-zA-Z0-9_]+")


_sources: list[Callable] = []


def register(function: Callable) -> None:
    """Apps above this one add what waits: `function(runs)` gives rows as `found` does, with the
    `route` of a page of the run. One query each."""
    _sources.append(function)


def found(runs, now=None) -> list[dict]:
    """Everything that waits in these runs, the most pressing first: a query for each kind of
    activity and two more, however many runs there are. People stand before work, and those who
    only may need a word come last.

    Rows are {cohort, item, text, count, step, place}; `shown` makes them readable.
    """
    now = now or timezone.now()
    keys = runs.order_by().values("key")
    rows = [row for source in _sources for row in source(runs)]
    rows += [
        {"cohort": key, "text": _("People who wait for your answer"), "count": n, "place": 0}
        for key, n in Application.objects.filter(
            run__in=runs.order_by().values("pk"), state=Application.State.PENDING
        )
        .order_by()
        .values_list("run__key")
        .annotate(n=Count("pk"))
    ]
    for kind in registry.all_kinds():
        rows += rows_of(kind, keys, now)
    running = runs.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    rows += [
        {"cohort": key, "text": _("Learners not seen for a week"), "count": n, "place": 2}
        for key, n in Enrolment.objects.filter(
            run__in=running.order_by().values("pk"),
            state=Enrolment.State.ACTIVE,
            last_seen_at__lt=now - STUCK_AFTER,
        )
        .order_by()
        .values_list("run__key")
        .annotate(n=Count("pk"))
    ]
    return sorted(rows, key=lambda row: (row["place"], -row["count"], str(row["cohort"])))


def rows_of(kind, keys, now) -> list[dict]:
    """What a kind says; nothing from one that is broken, which is noted elsewhere."""
    try:
        needs = kind.needs(keys, now) if kind.has_desk else []
    except registry.KindFailed:
        return []
    return [
        {
            "cohort": need.cohort,
            "item": str(need.item),
            "text": need.text,
            "count": need.count,
            "step": need.step,
            "place": 1,
        }
        for need in needs
    ]


def shown(rows: list[dict], language: str, served: Served | None = None) -> list[dict]:
    """The rows with titles and addresses. Two queries at most. What is no longer in a course is left out."""
    runs = {run.key: run for run in CourseRun.objects.filter(key__in={r["cohort"] for r in rows})}
    states = (served or Served()).of({run.course for run in runs.values()})
    return worded(rows, runs, states, language)


def worded(rows: list[dict], runs: dict, states: dict, language: str) -> list[dict]:
    """The rows in words, of runs {key: run} and states {course: state} that are known."""
    made = []
    for row in rows:
        run = runs.get(row["cohort"])
        state = states.get(run.course) if run else None
        if state is None:
            continue
        outline, item = state.served.outline, row.get("item")
        entry = next((e for e in outline["items"] if e["key"] == item), None) if item else None
        if item and entry is None:
            continue
        made.append(
            {
                "text": row["text"],
                "count": row["count"],
                "url": address(run, row),
                "item": in_language(entry["titles"], language) if entry else "",
                "course": in_language(outline["titles"], language),
                "code": outline["code"],
                "run": run.title(language),
            }
        )
    return made


def address(run: CourseRun, row: dict) -> str:
    if "route" in row:
        return reverse(row["route"], args=[run.pk])
    if row["place"] == 0:
        return reverse("teach_enrol", args=[run.pk]) + "#waiting"
    if row["place"] == 2:
        return reverse("teach_run", args=[run.pk]) + "?state=stuck#people"
    if STEP.fullmatch(row["step"]):
        return reverse("teach_item_step", args=[run.pk, row["item"], row["step"]])
    return reverse("teach_item", args=[run.pk, row["item"]])


def of_run(run: CourseRun, state, language: str) -> list[dict]:
    """What waits in one run, whose course is in this state."""
    rows = found(CourseRun.objects.filter(pk=run.pk))[:MOST_IN_A_RUN]
    return worded(rows, {run.key: run}, {run.course: state}, language)


@never_cache
@login_required
@require_GET
def needs(request):
    """All that waits, a page at a time."""
    runs = runs_for(request.user)
    if runs is None:
        raise PermissionDenied
    language = (get_language() or "th")[:2]
    page_obj = Paginator(found(runs), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"needs": shown(list(page_obj), language), "page_obj": page_obj}
    return render(request, "teach/needs.html", context)
