"""The instructor's pages of a run: who takes part, how far they are, who is stuck where."""

from itertools import islice
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, F, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities.core import guard, holding, registry
from activities.core.contract import Desk, Download, Submitted
from activities.core.errors import Refused
from activities.core.models import Participation
from activities.core.reports import Reporting
from courses.releases.delivery import Served, current_version, in_language, served_state
from courses.releases.models import CourseRelease, CourseState

from . import teach_needs, teach_runs
from .kept import texts_in
from .models import CourseRun, Enrolment
from .pages import kind_word
from .progress import item_minutes, next_item
from .rules import runs_for
from .sheets import as_csv
from .teach_needs import STUCK_AFTER

PAGE_SIZE = 100
# A long course's page of a run shows the items where most people are held up, and all on request.
MOST_ITEMS = 24
AT_ONCE = 500  # rows of the export that are read together


def the_run(request, pk: int) -> CourseRun:
    """The run, if it is this person's to see; others' runs do not exist for them."""
    runs = runs_for(request.user)
    if runs is None:
        raise Http404
    return get_object_or_404(runs, pk=pk)


@never_cache
@login_required
@require_GET
def run_list(request):
    """The desk: what needs somebody today, then the runs."""
    runs = runs_for(request.user)
    if runs is None:
        raise PermissionDenied
    language = (get_language() or "th")[:2]
    waiting, served = teach_needs.found(runs), Served()
    context = {
        **teach_runs.listed(request, runs, language, served),
        "needs": teach_needs.shown(waiting[: teach_needs.MOST_ON_A_DESK], language, served),
        "needs_count": len(waiting),
        "needs_more": len(waiting) > teach_needs.MOST_ON_A_DESK,
    }
    return render(request, "teach/run_list.html", context)


def state_or_404(run: CourseRun) -> CourseState:
    state = served_state(run.course)
    if state is None:
        raise Http404(_("The course is not on offer now."))
    return state


def outline_or_404(run: CourseRun) -> dict:
    return state_or_404(run).served.outline


def learners_of(run: CourseRun):
    """The accounts of those who take a run, as an activity's desk may ask for them."""
    return get_user_model().objects.filter(
        pk__in=Enrolment.objects.filter(run=run)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .values("user")
    )


def people_of(run: CourseRun, q: str = "", state: str = ""):
    people = (
        Enrolment.objects.filter(run=run)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .select_related("user")
        .order_by(F("last_seen_at").desc(nulls_last=True), "pk")
    )
    if q:
        people = people.filter(
            Q(user__first_name__icontains=q)
            | Q(user__last_name__icontains=q)
            | Q(user__email__icontains=q)
        )
    if state == "stuck":
        people = people.filter(
            state=Enrolment.State.ACTIVE, last_seen_at__lt=timezone.now() - STUCK_AFTER
        )
    elif state in Enrolment.State.values:
        people = people.filter(state=state)
    return people


@never_cache
@login_required
@require_GET
def run(request, pk: int):
    """Participants, and per item how many are done, under way, or stuck in it."""
    run = the_run(request, pk)
    course = state_or_404(run)
    outline = course.served.outline
    language = (get_language() or "th")[:2]
    q, state = request.GET.get("q", "").strip()[:100], request.GET.get("state", "")
    counts, stuck = counts_of(run)
    pages = Paginator(people_of(run, q, state), PAGE_SIZE)
    known = {"": "participants", "active": "active", "stuck": "stuck", "completed": "completed"}
    if not q and state in known:
        pages.count = counts[known[state]]
    page_obj = pages.get_page(request.GET.get("page"))
    titles = {e["key"]: in_language(e["titles"], language) for e in outline["items"]}
    now = timezone.now()
    people = [person_row(e, outline, titles, now) for e in page_obj]
    base = reverse("teach_run", args=[run.pk])
    items = item_rows(run, outline, language, stuck)
    hidden = 0 if "items" in request.GET else max(0, len(items) - MOST_ITEMS)
    if hidden:
        busiest = sorted(items, key=lambda row: (-row["stuck"], -row["started"], row["n"]))
        items = sorted(busiest[:MOST_ITEMS], key=lambda row: row["n"])
    context = {
        "run": run_facts(run, outline, language),
        "needs": teach_needs.of_run(run, course, language),
        "closed": course.closed,
        "counts": counts,
        "items": items,
        "items_hidden": hidden,
        "all_items_url": f"{base}?items=all#items",
        "people": people,
        "page_obj": page_obj,
        "q": q,
        "state": state,
        "tabs": [
            {
                "label": label,
                "url": f"{base}?{urlencode({'state': value})}" if value else base,
                "current": state == value,
            }
            for value, label in (
                ("", _("Everybody")),
                ("active", _("Learning")),
                ("stuck", _("Not seen for a week")),
                ("completed", _("Completed")),
            )
        ],
        "matrix_url": reverse("teach_matrix", args=[run.pk]),
        "csv_url": reverse("teach_csv", args=[run.pk]),
        "dates_url": reverse("teach_dates", args=[run.pk])
        if run.pacing == CourseRun.Pacing.COHORT
        else "",
    }
    return render(request, "teach/run.html", context)


COUNTED = ("participants", "completed", "active", "stuck")


def counts_of(run: CourseRun) -> tuple[dict[str, int], dict[str, int]]:
    """({participants, completed, active, stuck}, {item: how many of the stuck were there last}). One query."""
    stuck = Q(state="active", last_seen_at__lt=timezone.now() - STUCK_AFTER)
    rows = (
        people_of(run)
        .order_by()
        .values("last_item")
        .annotate(
            participants=Count("pk"),
            completed=Count("pk", filter=Q(state="completed")),
            active=Count("pk", filter=Q(state="active")),
            stuck=Count("pk", filter=stuck),
        )
    )
    total = dict.fromkeys(COUNTED, 0)
    by_item = {}
    for row in rows:
        by_item[str(row["last_item"])] = row["stuck"]
        for name in COUNTED:
            total[name] += row[name]
    return total, by_item


def run_facts(run: CourseRun, outline: dict, language: str) -> dict:
    return {
        "pk": run.pk,
        "title": in_language(outline["titles"], language),
        "name": run.title(language) if run.name or run.name_en else "",
        "code": outline["code"],
        "url": reverse("teach_run", args=[run.pk]),
    }


def person_row(enrolment: Enrolment, outline: dict, titles: dict, now) -> dict:
    upcoming = next_item(outline, enrolment.progress)
    current = str(enrolment.last_item)
    if current not in titles or enrolment.progress.get(current, 0) >= 100:
        current = upcoming["key"] if upcoming else ""
    seen = enrolment.last_seen_at
    return {
        "pk": enrolment.pk,
        "name": enrolment.user.get_full_name() or enrolment.user.email,
        "email": enrolment.user.email,
        "percent": enrolment.percent,
        "current_item": titles.get(current, ""),
        "last_seen": seen,
        "completed": enrolment.completed_at,
        "stuck_days": (now - seen).days
        if seen and not enrolment.completed_at and now - seen > STUCK_AFTER
        else 0,
    }


def item_rows(run: CourseRun, outline: dict, language: str, stuck: dict) -> list[dict]:
    """Per item: done, under way, and how many people were here last and not for a week, which is
    known ({item: how many}). One query."""
    counts = {
        str(row["item"]): row
        for row in Participation.objects.filter(cohort=run.key)
        .values("item")
        .annotate(
            done=Count("pk", filter=Q(completed_at__isnull=False)),
            started=Count("pk", filter=Q(completed_at__isnull=True)),
        )
    }
    nothing = {"done": 0, "started": 0}
    rows = []
    for n, entry in enumerate(outline["items"], start=1):
        row = counts.get(entry["key"], nothing)
        rows.append(
            {
                "n": n,
                "title": in_language(entry["titles"], language),
                "icon": entry["icon"],
                "minutes": item_minutes(entry) or entry["declared"],
                "done": row["done"],
                "started": row["started"],
                "stuck": stuck.get(entry["key"], 0),
                "desk_url": desk_address(run, entry),
            }
        )
    return rows


def desk_address(run: CourseRun, entry: dict) -> str | None:
    try:
        kind = registry.get(entry["kind"])
    except registry.UnknownKind:
        return None
    return reverse("teach_item", args=[run.pk, entry["key"]]) if kind.has_desk else None


def versions_of(release: CourseRelease) -> list:
    """The versions of a release in the order of the course."""
    items = release.items.select_related("version").order_by("position")
    return [entry.version for entry in items]


@never_cache
@login_required
@require_GET
def participants_csv(request, pk: int):
    """All participants with their progress, streamed."""
    run = the_run(request, pk)
    release = state_or_404(run).served
    outline, language = release.outline, (get_language() or "th")[:2]
    titles = [in_language(entry["titles"], language) for entry in outline["items"]]
    keys = [entry["key"] for entry in outline["items"]]
    reporting = Reporting(versions_of(release))
    header = [_("Name"), _("E-mail"), _("Per cent"), _("Completed"), _("Last seen"), *titles]
    header += reporting.headings()

    def lines():
        people = people_of(run).iterator(chunk_size=AT_ONCE)
        while some := list(islice(people, AT_ONCE)):
            cells = reporting.cells(run.key, [e.seat for e in some])
            for e in some:
                yield [
                    e.user.get_full_name(),
                    e.user.email,
                    e.percent,
                    e.completed_at.date().isoformat() if e.completed_at else "",
                    e.last_seen_at.isoformat(timespec="minutes") if e.last_seen_at else "",
                    *[e.progress.get(key, 0) for key in keys],
                    *cells[e.seat],
                ]

    return as_csv(f"participants-{run.pk}", header, lines())


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item(request, pk: int, key, step: str = ""):
    """An item of a run from the instructor's side: the desk of its kind."""
    run = the_run(request, pk)
    state = served_state(run.course)
    version = current_version(state.served, key) if state else None
    if version is None:
        raise Http404
    try:
        return desk_at(request, run, state, version, key, step)
    except registry.UnknownKind:  # not installed, or failed
        return desk_unavailable(request, run, state, version, key)


def desk_of(request, run: CourseRun, version, key) -> Desk:
    """Who looks at an item of a run from the instructor's side, as its kind needs it."""
    return Desk(
        version=version,
        cohort=run.key,
        user=request.user,
        language=(get_language() or "th")[:2],
        base_url=reverse("teach_item", args=[run.pk, key]),
        page=page_number(request.GET.get("page")),
        learners=learners_of(run),
    )


@holding.once_more
@transaction.atomic
def handled(kind, desk: Desk, step: str, action: str, request):
    """What a kind does with a form of its desk: all of it or nothing."""
    return kind.desk_handle(desk, step, action, request.POST, request.FILES)


def desk_at(request, run: CourseRun, state: CourseState, version, key, step: str):
    """The desk of the kind of an item. Raises `registry.UnknownKind` when that fails."""
    kind = registry.get(version.kind)
    if not kind.has_desk:
        raise Http404
    desk = desk_of(request, run, version, key)
    submitted, status = None, 200
    if request.method == "POST":
        action = request.POST.get("action", "")
        try:
            outcome = handled(kind, desk, step, action, request)
            if outcome.message:
                messages.success(request, outcome.message)
            return redirect(
                desk.url(outcome.step) + (f"#{outcome.anchor}" if outcome.anchor else "")
            )
        except Refused as error:
            if error.status == 404:
                raise Http404(error.message) from error
            submitted, status = Submitted(action, request.POST, error), error.status
    try:
        screen = kind.desk_screen(desk, step, submitted)
    except Refused as error:
        if submitted is not None and (texts := texts_in(request.POST)):
            # What it was about is gone: what was written is shown once more.
            context = {"error": submitted.error, "texts": texts, "back_url": desk.url()}
            return render(request, "teach/gone.html", context, status=status)
        raise Http404(error.message) from error
    if isinstance(screen, Download):
        return screen.response()
    context = {
        "run": run_facts(run, state.served.outline, desk.language),
        "item": {
            "title": version_title(state.served.outline, key, desk.language),
            "icon": kind.icon,
            "minutes": version.minutes,
            "method_label": kind.method_label,
        },
        "desk": desk,
        "desk_url": desk.url(),
        "back_url": reverse("teach_run", args=[run.pk]),
        "step": step,
        **({"error": submitted.error} if submitted else {}),
        **screen.context,
    }
    status = status if submitted else screen.status
    return guard.render(kind, request, screen.template, context, status=status)


def desk_unavailable(request, run: CourseRun, state: CourseState, version, key):
    """The place of a desk whose kind is not installed or does not work."""
    outline, language = state.served.outline, (get_language() or "th")[:2]
    context = {
        "run": run_facts(run, outline, language),
        "item": {
            "title": version_title(outline, key, language),
            "icon": "file",
            "minutes": version.minutes,
            "method_label": kind_word(version.kind),
        },
        "back_url": reverse("teach_run", args=[run.pk]),
        "sent": [
            value
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken" and len(value) > 12
        ],
    }
    response = render(request, "teach/item_unavailable.html", context, status=503)
    response["Retry-After"] = "600"
    return response


def page_number(raw) -> int:
    return int(raw) if str(raw or "").isdigit() and 0 < int(raw) < 100_000 else 1


def version_title(outline: dict, key, language: str) -> str:
    for entry in outline["items"]:
        if entry["key"] == str(key):
            return in_language(entry["titles"], language)
    return ""
