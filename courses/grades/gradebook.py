"""The instructor's gradebook of a run: learner × item, one person's grades, and the exports."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities.core.decisions import score_of
from activities.core.errors import Refused
from courses.enrolment import rules as access
from courses.enrolment import sheets
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.teach import (
    PAGE_SIZE,
    outline_or_404,
    people_of,
    run_facts,
    the_run,
)
from courses.releases.delivery import in_language

from . import grading, words
from .models import GradeOverride, Recalculation, rules_of
from .override import override, take_back
from .reckon import passed, shown
from .scheme import DEFAULT, scored, text
from .sheet import sheet

BATCH = 500


def language_now() -> str:
    return (get_language() or "th")[:2]


def line(enrolment: Enrolment, grade, scheme, outline: dict, keys: list[str], closed) -> dict:
    """A row: reckoned now, so that what closed since yesterday counts."""
    found = grading.reckon_for(scheme, outline, grade, closed.of(enrolment.seat))
    value = grade.value if grade.is_set else found.value
    return {
        "enrolment": enrolment,
        "name": enrolment.user.get_full_name() or enrolment.user.email,
        "scores": [cell(grade.scores.get(key)) for key in keys],
        "grade": shown(value),
        "value": value,
        "is_set": grade.is_set,
        "mark": words.mark(scheme, value),
        "passed": passed(scheme, value),
        "pending": found.pending,
        "remark": grade.remark,
    }


def cell(entry: dict | None) -> dict | None:
    if entry is None:
        return None
    whole = entry["s"]
    return {
        "score": shown(grading.number(whole)) if whole is not None else "",
        "set": entry["h"],
        "excused": entry["x"] and whole is None,
    }


def lines(run: CourseRun, enrolments: list[Enrolment], outline: dict, scheme) -> list[dict]:
    """Rows of some people: at most four queries, however many they are."""
    keys = grading.keys_of(outline)
    grades = grading.grades_of(enrolments)
    closed = grading.Closed(scheme, run, [e.seat for e in enrolments], timezone.now())
    return [line(e, grades[e.pk], scheme, outline, keys, closed) for e in enrolments]


@never_cache
@login_required
@require_GET
def gradebook(request, pk: int):
    run = the_run(request, pk)
    outline, language = outline_or_404(run), language_now()
    rules = rules_of(run)
    scheme = rules.scheme if rules else DEFAULT
    q = request.GET.get("q", "").strip()[:100]
    page_obj = Paginator(wanted_people(request, run), PAGE_SIZE).get_page(request.GET.get("page"))
    person_url = reverse("teach_grade", args=[run.pk, 0]).replace("/0/", "/%d/")
    rows = lines(run, list(page_obj), outline, scheme)
    for row in rows:
        row["url"] = person_url % row["enrolment"].pk
    kept = [(name, request.GET[name]) for name in ("q", "group") if request.GET.get(name)]
    query = f"?{urlencode(kept)}" if kept else ""
    context = {
        "run": run_facts(run, outline, language),
        "items": [
            {
                "n": n,
                "title": in_language(entry["titles"], language),
                "weight": text(scheme.of(entry["key"]).weight),
                "pass_mark": shown(scheme.of(entry["key"]).pass_mark),
            }
            # Items are numbered as everywhere else in the run, so that 3 is one thing.
            for n, entry in enumerate(outline["items"], start=1)
            if entry in scored(outline)
        ],
        "rows": rows,
        "page_obj": page_obj,
        "q": q,
        "pass_mark": shown(scheme.pass_mark),
        "rules": rules,
        "rules_url": reverse("teach_grade_rules", args=[run.pk]),
        "groups": list(run.groups.all()),
        "group": request.GET.get("group", ""),
        "csv_url": reverse("teach_grades_csv", args=[run.pk]) + query,
        "xlsx_url": reverse("teach_grades_xlsx", args=[run.pk]) + query,
        "job": Recalculation.objects.filter(run=run).first(),
    }
    return render(request, "grades/gradebook.html", context)


# -- one person ---------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request, pk: int, enrolment: int):
    """One person's grades, why the course is not complete, and the grade set by hand."""
    run = the_run(request, pk)
    enrolled = get_object_or_404(
        Enrolment.objects.select_related("user", "run"),
        access.seen_in(run, request.user),
        pk=enrolment,
        run=run,
    )
    outline, language = outline_or_404(run), language_now()
    address = reverse("teach_grade", args=[run.pk, enrolled.pk])
    error, typed, status = None, {}, 200
    if request.method == "POST":
        try:
            messages.success(request, act(enrolled, request))
            return redirect(address)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error, typed, status = refusal, request.POST, refusal.status
    context = {
        "run": run_facts(run, outline, language),
        "person": {
            "name": enrolled.user.get_full_name() or enrolled.user.email,
            "email": enrolled.user.email,
            "url": reverse("teach_person", args=[run.pk, enrolled.pk]),
        },
        "sheet": sheet(enrolled, outline, language),
        "history": GradeOverride.objects.filter(enrolment=enrolled).select_related(
            "by", "taken_back_by"
        ),
        "gradebook_url": reverse("teach_grades", args=[run.pk]),
        "error": error,
        "typed": typed,
    }
    return render(request, "grades/person.html", context, status=status)


def act(enrolled: Enrolment, request) -> str:
    """Do what the form says. Returns what to say. Raises `Refused`."""
    data = request.POST
    action = data.get("action", "")
    if action == "override":
        value = score_of(data.get("score", ""))
        override(enrolled, value, data.get("reason", ""), request.user)
        return _("The grade is set, with your reason.")
    if action == "take_back":
        pk = data.get("override", "")
        made = GradeOverride.objects.filter(
            enrolment=enrolled, pk=int(pk) if pk.isdigit() and len(pk) < 18 else None
        ).first()
        if made is None:
            raise Refused(_("This grade is no longer there."), code="no_override", status=404)
        take_back(made, request.user)
        return _("The computed grade counts again.")
    raise Refused(_("Sala does not know this action."), code="unknown_action", status=422)


# -- exports ------------------------------------------------------------------------------------


def header(outline: dict, language: str) -> list[str]:
    titles = [in_language(entry["titles"], language) for entry in scored(outline)]
    return [
        _("Name"),
        _("E-mail"),
        _("Progress in per cent"),
        _("Completed"),
        pgettext("course", "Grade"),
        _("Result"),
        _("Set by hand"),
        *titles,
    ]


def table(run: CourseRun, outline: dict, people) -> Iterator[list]:
    """These people (a queryset), five hundred at a time: the memory does not grow with the run."""
    rules = rules_of(run)
    scheme = rules.scheme if rules else DEFAULT
    people = people.order_by("pk")
    last = 0
    while batch := list(people.filter(pk__gt=last)[:BATCH]):
        for row in lines(run, batch, outline, scheme):
            e = row["enrolment"]
            yield [
                e.user.get_full_name(),
                e.user.email,
                e.percent,
                timezone.localdate(e.completed_at).isoformat() if e.completed_at else "",
                figure(row["grade"]),
                row["mark"],
                _("yes") if row["is_set"] else "",
                *[exported(entry) for entry in row["scores"]],
            ]
        last = batch[-1].pk


def exported(entry: dict | None) -> str:
    if entry is None:
        return ""
    return _("excused") if entry["excused"] else figure(entry["score"])


def figure(text) -> Decimal | str:
    """A grade as a number, so that a spreadsheet can reckon with it; what is no number stays."""
    try:
        return Decimal(text)
    except (InvalidOperation, TypeError):
        return text or ""


def wanted_people(request, run: CourseRun):
    """Who fits the search and the group of the address."""
    people = people_of(run, request.GET.get("q", "").strip()[:100])
    raw = request.GET.get("group", "")
    if raw.isdecimal() and len(raw) < 18:
        people = people.filter(group=int(raw) or None)
    return people.filter(access.seen_in(run, request.user))


@never_cache
@login_required
@require_GET
def export(request, pk: int, kind: str):
    """The whole gradebook, or what the search and the group leave of it, as CSV or as a workbook."""
    run = the_run(request, pk)
    outline, language = outline_or_404(run), language_now()
    rows = table(run, outline, wanted_people(request, run))
    return sheets.FORMATS[kind](f"grades-{run.pk}", header(outline, language), rows)
