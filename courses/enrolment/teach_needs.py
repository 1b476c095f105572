"""What needs an instructor today, over all runs that somebody looks after or in one of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, Q, QuerySet, Value
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from activities.core import registry
from activities.core.needs import Cohorts
from courses.releases.delivery import Served, in_language

from .models import Application, CourseRun, Enrolment
from .rules import runs_for

STUCK_AFTER = timedelta(days=7)
PAGE_SIZE = 25
MOST_ON_A_DESK = 8
MOST_IN_A_RUN = 12
STEP = re.compile(r"[-a-zA-Z0-9_]+")


@dataclass(frozen=True)
class Waiting:
    """What waits in a run: `rows` of a model that has a `run`, what they are called, and the page of
    the run that shows them. People stand in place 0, those who only may need a word in place 2."""

    text: str
    rows: QuerySet
    route: str
    tail: str = ""
    place: int = 0


_sources: list[Callable] = []


def register(function: Callable) -> None:
    """Apps above this one add what waits: `function(runs, now)` gives `Waiting`s of these runs' primary
    keys (a subquery). However many there are, they are counted together in one query."""
    _sources.append(function)


def found(runs, now=None, cohorts=None) -> list[dict]:
    """Everything that waits in these runs, the most pressing first: a query for each kind of
    activity and one more, however many runs there are. People stand before work, and those who
    only may need a word come last.

    `cohorts` are the keys of the runs if they are known. Rows are {cohort, item, text, count, step,
    place, route, tail}; `shown` makes them readable.
    """
    now = now or timezone.now()
    rows = in_runs(runs, now)
    if cohorts is None:
        cohorts = runs.order_by().values("key")
    for kind in registry.all_kinds():
        rows += rows_of(kind, cohorts, now)
    return sorted(rows, key=lambda row: (row["place"], -row["count"], str(row["cohort"])))


def in_runs(runs, now) -> list[dict]:
    """What waits in the runs themselves: people, and what apps above this one have registered."""
    keys = runs.order_by().values("pk")
    running = runs.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).order_by().values("pk")
    asked = Application.objects.filter(run__in=keys, state=Application.State.PENDING)
    stuck = Enrolment.objects.filter(
        run__in=running, state=Enrolment.State.ACTIVE, last_seen_at__lt=now - STUCK_AFTER
    )
    waiting = [
        Waiting(_("People who wait for your answer"), asked, "teach_enrol", "#waiting"),
        Waiting(
            _("Learners not seen for a week"), stuck, "teach_run", "?state=stuck#people", place=2
        ),
        *(row for source in _sources for row in source(keys, now)),
    ]
    first, *others = [counted(one.rows, n) for n, one in enumerate(waiting)]
    return [
        {
            "cohort": key,
            "text": waiting[n].text,
            "count": count,
            "place": waiting[n].place,
            "route": waiting[n].route,
            "tail": waiting[n].tail,
        }
        for key, n, count in first.union(*others, all=True)
    ]


def counted(rows: QuerySet, n: int) -> QuerySet:
    """(run's key, n, how many)."""
    number = Value(n, output_field=IntegerField())
    return rows.order_by().values_list("run__key", number).annotate(count=Count("pk"))


def rows_of(kind, cohorts, now) -> list[dict]:
    """What a kind says; nothing from one that is broken, which is noted elsewhere."""
    try:
        needs = kind.needs(cohorts, now) if kind.has_desk else []
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
        return reverse(row["route"], args=[run.pk]) + row["tail"]
    if STEP.fullmatch(row["step"]):
        return reverse("teach_item_step", args=[run.pk, row["item"], row["step"]])
    return reverse("teach_item", args=[run.pk, row["item"]])


def of_run(run: CourseRun, state, language: str) -> list[dict]:
    """What waits in one run, whose course is in this state."""
    rows = found(CourseRun.objects.filter(pk=run.pk), cohorts=Cohorts([run.key]))[:MOST_IN_A_RUN]
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
