"""The participants of a run: found, sorted, changed together, and as a file."""

import csv
from tempfile import TemporaryFile
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities.core.errors import Refused
from courses.enrolment.models import Enrolment, RunGroup
from courses.enrolment.teach import Echo, harmless, outline_or_404, run_facts, the_run
from courses.releases.delivery import in_language

from . import participants

PAGE_SIZE = 100
HEAVY = ("progress", "grade__scores")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    people = participants.found(run, wanted).select_related("user", "group", "grade").defer(*HEAVY)
    page_obj = Paginator(people, PAGE_SIZE).get_page(request.GET.get("page"))
    ticked = set(typed.getlist("to")) if typed else set()
    query = urlencode([(k, v) for k, v in request.GET.items() if v and k != "page"])
    context = {
        "run": run_facts(run, outline, language),
        "wanted": wanted,
        "raw": request.GET,
        "states": Enrolment.State.choices,
        "groups": list(run.groups.all()),
        "items": [(e["key"], in_language(e["titles"], language)) for e in outline["items"]],
        "orders": [
            ("seen", _("Last seen")),
            ("name", _("Name")),
            ("least", _("Least progress first")),
            ("most", _("Most progress first")),
            ("grade", _("Lowest grade first")),
        ],
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
                "ticked": str(row.pk) in ticked,
            }
            for row in page_obj
        ],
        "page_obj": page_obj,
        "query": f"?{query}" if query else "",
        "typed": typed,
        "error": error,
    }
    return render(
        request, "teach/participants.html", context, status=error.status if error else 200
    )


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
        _("Enrolled"), _("Last seen"), _("Completed"),
    ]  # fmt: skip


def lines(request, run):
    """The rows of a file, read a thousand at a time."""
    wanted = participants.wanted_of(request.GET, outline_or_404(run))
    people = participants.found(run, wanted).select_related("user", "group", "grade").defer(*HEAVY)
    for row in people.iterator(chunk_size=1000):
        grade = grade_of(row)
        yield [
            harmless(row.user.get_full_name()),
            harmless(row.user.email),
            row.get_state_display(),
            harmless(row.group.name) if row.group else "",
            row.percent,
            "" if grade is None else f"{grade:.2f}",
            row.enrolled_at.date().isoformat(),
            row.last_seen_at.isoformat(timespec="minutes") if row.last_seen_at else "",
            row.completed_at.date().isoformat() if row.completed_at else "",
        ]


@never_cache
@login_required
@require_GET
def as_csv(request, pk: int):
    """Those who fit, streamed."""
    run = the_run(request, pk)
    outline_or_404(run)
    writer = csv.writer(Echo())

    def text():
        yield "\ufeff" + writer.writerow(head())
        for line in lines(request, run):
            yield writer.writerow(line)

    response = StreamingHttpResponse(text(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="people-{run.pk}.csv"'
    return response


@never_cache
@login_required
@require_GET
def as_xlsx(request, pk: int):
    """Those who fit, as a workbook that is written row by row to a file."""
    import xlsxwriter

    run = the_run(request, pk)
    outline_or_404(run)
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, head())
    for n, line in enumerate(lines(request, run), start=1):
        sheet.write_row(n, 0, line)
    book.close()
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"people-{run.pk}.xlsx", content_type=XLSX
    )
