"""The participants of a run: found, sorted, changed together, and as a file."""

from decimal import Decimal
from itertools import islice
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities.core.errors import Refused
from activities.core.reports import Reporting
from courses.enrolment import rules, sheets
from courses.enrolment.models import Enrolment, RunGroup
from courses.enrolment.teach import (
    outline_or_404,
    run_facts,
    state_or_404,
    the_run,
    versions_of,
)
from courses.releases.delivery import in_language

from . import columns, participants

PAGE_SIZE = 100
HEAVY = ("progress", "grade__scores")
AT_ONCE = 500


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request, pk: int):
    """Who fits, 100 a page, with what can be done for those who are ticked."""
    run = the_run(request, pk)
    outline, language = outline_or_404(run), (get_language() or "th")[:2]
    error, typed = None, {}
    if request.method == "POST":
        try:
            answer = act(request, run, outline)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error, typed = refusal, request.POST
        else:
            return answer
    wanted = participants.wanted_of(request.GET, outline)
    people = for_actor(request, run, wanted)
    people = people.select_related("user", "group", "grade").defer(*HEAVY)
    page_obj = Paginator(people, PAGE_SIZE).get_page(request.GET.get("page"))
    extra = columns.values(run, list(page_obj))
    # A column that says nothing of anybody here is left out.
    filled = {n for values in extra.values() for n, value in enumerate(values) if value != ""}
    ticked = set(typed.getlist("to")) if typed else set()
    query = urlencode([(k, v) for k, v in request.GET.items() if v and k != "page"])
    context = {
        "run": run_facts(run, outline, language),
        "wanted": wanted,
        "raw": request.GET,
        "states": Enrolment.State.choices,
        "groups": list(run.groups.all()),
        "items": [(e["key"], in_language(e["titles"], language)) for e in outline["items"]],
        "orders": participants.order_choices(),
        "agencies": rules.agencies_among(
            participants.found(run, participants.Wanted()).order_by().values("user")
        ),
        "columns": [column.label for n, column in enumerate(columns.all()) if n in filled],
        "people": [
            {
                "pk": row.pk,
                "name": row.user.get_full_name() or row.user.email,
                "email": row.user.email,
                "state": row.get_state_display(),
                "percent": row.percent,
                "grade": grade_of(row),
                "group": row.group.name if row.group else "",
                "seen": row.last_seen_at,
                "extra": [value for n, value in enumerate(extra[row.pk]) if n in filled],
                "ticked": str(row.pk) in ticked,
            }
            for row in page_obj
        ],
        "page_obj": page_obj,
        "query": f"?{query}" if query else "",
        "kinds_query": f"?{query}&columns=kinds" if query else "?columns=kinds",
        "typed": typed,
        "error": error,
    }
    return render(
        request, "teach/participants.html", context, status=error.status if error else 200
    )


def for_actor(request, run, wanted):
    """Those who fit, of the people whom the instructor may know about."""
    return participants.found(run, wanted).filter(rules.seen_in(run, request.user))


def grade_of(row: Enrolment):
    grade = getattr(row, "grade", None)
    return grade.value if grade else None


def act(request, run, outline: dict):
    """Do what the form says for those who are ticked. Raises `Refused`."""
    data = request.POST
    keys = [int(raw) for raw in data.getlist("to") if raw.isdecimal() and len(raw) < 18]
    action = data.get("action", "")
    if action == "message":
        people = participants.chosen(run, keys)
        chosen = urlencode([("to", row.pk) for row in people])
        return redirect(f"{reverse('teach_write', args=[run.pk])}?{chosen}")
    if action == "group":
        raw = data.get("into", "")
        group = (
            get_object_or_404(RunGroup, run=run, pk=participants.whole(raw, 10**15) or 0)
            if raw
            else None
        )
        count = participants.move(run, keys, group, request.user)
    elif action in ("extend", "excuse"):
        count = participants.decide(run, keys, outline, data, request.user)
    elif action == "remove":
        count = participants.remove(run, keys, data.get("reason", ""), request.user)
    else:
        raise Refused(_("Sala does not know this action."), code="unknown_action", status=422)
    done = ngettext("Done for %(count)d person.", "Done for %(count)d people.", count)
    messages.success(request, done % {"count": count})
    return redirect(request.get_full_path())


def head() -> list[str]:
    return [
        _("Name"), _("E-mail"), _("State"), _("Group"), _("Per cent"), _("Grade"),
        _("Enrolled"), _("Last seen"), _("Completed"), *[str(c.label) for c in columns.all()],
    ]  # fmt: skip


def line(row: Enrolment, extra: list) -> list:
    return [
        row.user.get_full_name(),
        row.user.email,
        row.get_state_display(),
        row.group.name if row.group else "",
        row.percent,
        figure(grade_of(row)),
        row.enrolled_at.date().isoformat(),
        row.last_seen_at.isoformat(timespec="minutes") if row.last_seen_at else "",
        row.completed_at.date().isoformat() if row.completed_at else "",
        *extra,
    ]


def figure(grade) -> Decimal | str:
    return "" if grade is None else Decimal(f"{grade:.2f}")


def lines(run, people, reporting: Reporting | None):
    """The rows of a file, five hundred people at a time: memory does not grow with the run."""
    people = people.select_related("user", "group", "grade").defer(*HEAVY)
    people = people.iterator(chunk_size=AT_ONCE)
    while some := list(islice(people, AT_ONCE)):
        own = columns.values(run, some)
        cells = reporting.cells(run.key, [row.seat for row in some]) if reporting else {}
        for row in some:
            yield line(row, [*own[row.pk], *cells.get(row.seat, [])])


@never_cache
@login_required
@require_GET
def export(request, pk: int, kind: str):
    """Those who fit, as CSV or as a workbook; with `columns=kinds` also what each item's kind says."""
    run = the_run(request, pk)
    release = state_or_404(run).served
    wanted = participants.wanted_of(request.GET, release.outline)
    reporting = None
    if request.GET.get("columns") == "kinds":
        reporting = Reporting(versions_of(release))
    header = head() + (reporting.headings() if reporting else [])
    people = for_actor(request, run, wanted)
    return sheets.FORMATS[kind](f"people-{run.pk}", header, lines(run, people, reporting))
