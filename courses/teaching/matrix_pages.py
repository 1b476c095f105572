"""The progress matrix of a run, as a page and as a file."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from activities.core.enums import State
from courses.enrolment import rules, sheets
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.teach import outline_or_404, run_facts, the_run
from courses.releases.delivery import in_language

from . import matrix, participants

PAGE_SIZE = 100
LIGHT = ("pk", "run", "seat", "progress", "percent", "user__first_name", "user__last_name", "user__email")  # fmt: skip


def language_now() -> str:
    return (get_language() or "th")[:2]


def chosen_entries(outline: dict, data, wanted) -> list[tuple[int, dict]]:
    """(number, item) of the columns that are asked for: one item, a section, or all."""
    entries = list(enumerate(outline["items"], start=1))
    if wanted.item and not wanted.item_state:
        return [(n, entry) for n, entry in entries if entry["key"] == wanted.item]
    section = participants.whole(data.get("section"), 10_000)
    if section is not None and section < len(outline["sections"]):
        return [(n, entry) for n, entry in entries if entry["section"] == section]
    return entries


def people_for(request, run: CourseRun, wanted):
    """Who fits, of those whom the instructor may know about."""
    people = participants.found(run, wanted).select_related("user")
    return people.filter(rules.seen_in(run, request.user))


@never_cache
@login_required
@require_GET
def page(request, pk: int):
    """Everybody by item, a hundred people a page; every cell leads to the person at that item."""
    run = the_run(request, pk)
    outline, language = outline_or_404(run), language_now()
    wanted = participants.wanted_of(request.GET, outline)
    entries = chosen_entries(outline, request.GET, wanted)
    people = people_for(request, run, wanted)
    page_obj = Paginator(people.only(*LIGHT), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page_obj)
    states = matrix.Cells(run, [entry for _n, entry in entries]).of(shown) if shown else {}
    done, count = matrix.done_of(run, people), page_obj.paginator.count
    numbers = [n for n, _entry in entries]
    base = reverse("teach_matrix", args=[run.pk])
    query = urlencode([(k, v) for k, v in request.GET.items() if v and k != "page"])
    context = {
        "run": run_facts(run, outline, language),
        "wanted": wanted,
        "section": request.GET.get("section", ""),
        "sections": [
            (str(n), in_language(titles, language)) for n, titles in enumerate(outline["sections"])
        ],
        "states": Enrolment.State.choices,
        "item_states": [(state.value, state.label) for state in State],
        "groups": list(run.groups.all()),
        "agencies": rules.agencies_among(
            participants.found(run, participants.Wanted()).order_by().values("user")
        ),
        "orders": participants.order_choices(),
        "all_items": [(e["key"], in_language(e["titles"], language)) for e in outline["items"]],
        "items": [
            {
                "n": n,
                "title": in_language(entry["titles"], language),
                "url": f"{base}?{urlencode({'item': entry['key']})}",
                "done": done.get(entry["key"], 0),
            }
            for n, entry in entries
        ],
        "one": len(entries) == 1,
        "count": count,
        "legend": [
            {"code": code, "sign": sign, "label": label}
            for code, (sign, label) in matrix.STATES.items()
        ],
        "rows": [row_of(row, states[row.pk], numbers, len(entries) == 1) for row in shown],
        "page_obj": page_obj,
        "query": f"?{query}" if query else "",
        "filtered": bool(query),
    }
    return render(request, "teach/matrix.html", context)


def row_of(enrolment: Enrolment, codes: list[str], numbers: list[int], words: bool) -> dict:
    return {
        "name": enrolment.user.get_full_name() or enrolment.user.email,
        "pk": enrolment.pk,
        "codes": codes,
        "percent": enrolment.percent,
        "cells": cells_html(enrolment.pk, codes, numbers, words),
    }


def cells_html(pk: int, codes: list[str], numbers: list[int], words: bool) -> SafeString:
    """The cells of a row. A page has six thousand, so they are made here and not by the template,
    and each borrows its name from the legend (`m-…`) instead of saying it again."""
    signs = {code: sign for code, (sign, _label) in matrix.STATES.items()}
    if words:
        labels = {code: escape(label) for code, (_sign, label) in matrix.STATES.items()}
        made = [
            f'<td><a class="m-{code}" href="{pk}/{n}/"><span aria-hidden="true">{signs[code]}</span>'
            f" {labels[code]}</a></td>"
            for code, n in zip(codes, numbers, strict=True)
        ]
    else:
        made = [
            f"<td><a href={pk}/{n}/ aria-labelledby={code}>{signs[code]}</a>"
            for code, n in zip(codes, numbers, strict=True)
        ]
    return mark_safe("".join(made))  # noqa: S308 - numbers, and words of the translations, escaped


@never_cache
@login_required
@require_GET
def cell(request, pk: int, enrolment: int, number: int):
    """From a cell to the person's page, at that item: the short address keeps the matrix light."""
    run = the_run(request, pk)
    outline = outline_or_404(run)
    row = get_object_or_404(Enrolment, rules.seen_in(run, request.user), run=run, pk=enrolment)
    if not 0 < number <= len(outline["items"]):
        raise Http404(_("This part is no longer in the course."))
    key = outline["items"][number - 1]["key"]
    return redirect(f"{reverse('teach_person', args=[run.pk, row.pk])}#i-{key}")


@never_cache
@login_required
@require_GET
def export(request, pk: int, kind: str):
    """The whole matrix of those who fit, in words, as CSV or as a workbook."""
    run = the_run(request, pk)
    outline, language = outline_or_404(run), language_now()
    wanted = participants.wanted_of(request.GET, outline)
    entries = [entry for _n, entry in chosen_entries(outline, request.GET, wanted)]
    people = people_for(request, run, wanted).select_related("group").only(*LIGHT, "group__name")
    cells = matrix.Cells(run, entries)
    words = {code: str(label) for code, (_sign, label) in matrix.STATES.items()}
    header = [
        _("Name"),
        _("E-mail"),
        _("Group"),
        _("Per cent"),
        *[in_language(entry["titles"], language) for entry in entries],
    ]

    def lines():
        for row, codes in matrix.rows_of(cells, people):
            yield [
                row.user.get_full_name(),
                row.user.email,
                row.group.name if row.group else "",
                row.percent,
                *[words[code] for code in codes],
            ]

    return sheets.FORMATS[kind](f"matrix-{run.pk}", header, lines())
