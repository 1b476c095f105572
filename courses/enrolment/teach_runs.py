"""The list of runs on the desk: filtered, found by words, a page at a time."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.releases.delivery import Served, in_language

from . import catalogue
from .models import CourseRun, Enrolment
from .rules import manages_all

PAGE_SIZE = 50
LONGEST_SEARCH = 100


def conditions(now) -> dict[str, Q]:
    """{filter: which runs}. An instant belongs to the later phase, as everywhere."""
    begun = Q(starts_at__isnull=True) | Q(starts_at__lte=now)
    over = Q(ends_at__isnull=False, ends_at__lte=now)
    return {"running": begun & ~over, "upcoming": Q(starts_at__gt=now), "ended": over}


def when_of(run: CourseRun, now) -> str:
    if run.starts_at is not None and now < run.starts_at:
        return pgettext("run", "upcoming")
    if run.ends_at is not None and now >= run.ends_at:
        return pgettext("run", "ended")
    return pgettext("run", "running")


def courses_with(q: str) -> list[str]:
    """The keys of the courses on offer whose code or title, in any language, holds the words."""
    wanted = q.casefold()
    return [
        entry.course
        for entry in catalogue.entries()
        if wanted in f"{entry.code} {' '.join(entry.titles.values())}".casefold()
    ]


def listed(request, runs, language: str, served: Served) -> dict:
    """What the list shows: five queries, however many runs there are."""
    now = timezone.now()
    q = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    may_choose_mine = manages_all(request.user)
    mine = may_choose_mine and request.GET.get("mine") == "1"
    if mine:
        runs = runs.filter(instructors=request.user)
    if q:
        runs = runs.filter(
            Q(name__icontains=q) | Q(name_en__icontains=q) | Q(course__in=courses_with(q))
        )
    by_time = conditions(now)
    counts = runs.order_by().aggregate(
        all=Count("pk"), **{name: Count("pk", filter=which) for name, which in by_time.items()}
    )
    when = request.GET.get("when", "")
    when = when if when in by_time else ""
    if when:
        runs = runs.filter(by_time[when])
    page = Paginator(runs.order_by("-created_at", "-pk"), PAGE_SIZE)
    page.count = counts[when or "all"]
    page_obj = page.get_page(request.GET.get("page"))
    kept = {name: value for name, value in (("q", q), ("mine", "1" if mine else "")) if value}
    labels = [
        ("", _("All")),
        ("running", _("Running")),
        ("upcoming", _("Upcoming")),
        ("ended", _("Ended")),
    ]
    base = reverse("teach_runs")
    return {
        "runs": rows(list(page_obj), language, now, served),
        "page_obj": page_obj,
        "q": q,
        "when": when,
        "mine": mine,
        "may_choose_mine": may_choose_mine,
        "filtered": bool(q or when or mine),
        "tabs": [
            {
                "label": label,
                "url": f"{base}?{urlencode(kept | ({'when': name} if name else {}))}".rstrip("?"),
                "count": counts[name or "all"],
                "current": name == when,
            }
            for name, label in labels
        ],
    }


def rows(runs: list[CourseRun], language: str, now, served: Served) -> list[dict]:
    """The runs of a page, with their numbers. Two queries."""
    states = served.of(run.course for run in runs)
    numbers = {
        row["run"]: row
        for row in Enrolment.objects.filter(run__in=[run.pk for run in runs])
        .exclude(state=Enrolment.State.WITHDRAWN)
        .order_by()
        .values("run")
        .annotate(
            participants=Count("pk"),
            completed=Count("pk", filter=Q(state=Enrolment.State.COMPLETED)),
        )
    }
    nobody = {"participants": 0, "completed": 0}
    made = []
    for run in runs:
        state = states.get(run.course)
        if state is None:
            continue
        outline = state.served.outline
        number = numbers.get(run.pk, nobody)
        made.append(
            {
                "title": in_language(outline["titles"], language),
                "name": run.title(language) if run.name or run.name_en else "",
                "code": outline["code"],
                "url": reverse("teach_run", args=[run.pk]),
                "participants": number["participants"],
                "completed": number["completed"],
                "pacing": run.get_pacing_display(),
                "begins": run.starts_at,
                "ends": run.ends_at,
                "when": when_of(run, now),
                "closed": state.closed,
            }
        )
    return made
