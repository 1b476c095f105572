"""What counts, of a course (its authors) and of a run (who teaches it); and recalculations."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activities.core.errors import Refused
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.rules import manages_all, seen_in
from courses.enrolment.teach import outline_or_404, run_facts, the_run
from courses.releases.cut import source_page
from courses.releases.delivery import in_language, state_of

from . import change, words
from .models import GradeRules, Recalculation, rules_of
from .rules_form import MOST_CATEGORIES, initial, read
from .scheme import DEFAULT, scored

HISTORY = 10
SPARE_CATEGORIES = 2


def may_edit_course(user, course: UUID) -> bool:
    """Who runs every course, and authors who may edit this course's page."""
    page = source_page(course)
    return page is not None and (manages_all(user) or page.permissions_for_user(user).can_edit())


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def run_rules(request, pk: int):
    """The rules of one run: a change needs a reason and reaches the people in it at once."""
    run = the_run(request, pk)
    outline = outline_or_404(run)
    standing = rules_of(run)
    own = change.latest(run.course, run)
    return answer(
        request,
        outline,
        standing.scheme if standing else DEFAULT,
        own.number if own else 0,
        lambda scheme, based_on: saved_run(request, run, scheme, based_on),
        lambda scheme: [(run, change.effect(run, outline, scheme))],
        {
            "run": run,
            "crumb_url": reverse("teach_grades", args=[run.pk]),
            "title": in_language(outline["titles"], language_now()),
            "code": outline["code"],
            "whose": "run",
            "kept": bool(own and own.kept),
            "own": bool(own and not own.kept),
            "history": GradeRules.objects.filter(run=run).select_related("by")[:HISTORY],
            "jobs": Recalculation.objects.filter(run=run)[:HISTORY],
        },
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_rules(request, course: UUID):
    """The rules of a course: for runs in which nobody has begun, and for all when they get easier."""
    if not may_edit_course(request.user, course):
        raise Http404
    state = state_of(course)
    if state is None:
        raise Http404(_("The course is not on offer now."))
    outline = state.current.outline
    last = change.latest(course, None)
    return answer(
        request,
        outline,
        last.scheme if last else DEFAULT,
        last.number if last else 0,
        lambda scheme, based_on: saved_course(request, course, scheme, based_on),
        lambda scheme: [
            (run, change.effect(run, outline, scheme)) for run in change.begun_runs(course)[:5]
        ],
        {
            "crumb_url": reverse("course", args=[state.slug]),
            "title": in_language(outline["titles"], language_now()),
            "code": outline["code"],
            "whose": "course",
            "history": GradeRules.objects.filter(course=course, run=None).select_related("by")[
                :HISTORY
            ],
            "jobs": Recalculation.objects.filter(run__course=course).select_related("run")[
                :HISTORY
            ],
        },
    )


def language_now() -> str:
    return (get_language() or "th")[:2]


def answer(request, outline, scheme, number: int, save, effect, context: dict):
    """Show the form, or what it would do, or save it."""
    values, error, effects, status = initial(scheme, outline), None, None, 200
    based_on = number
    if request.method == "POST":
        values = {**values, **request.POST.dict()}
        raw = request.POST.get("based_on", "")
        based_on = int(raw) if raw.isdigit() and len(raw) < 9 else number
        try:
            wanted = read(request.POST, outline)
            if request.POST.get("action") == "effect":
                effects = effect(wanted)
            else:
                return save(wanted, based_on)
        except Refused as refusal:
            error, status = refusal, refusal.status
            if refusal.code == "stale":
                based_on = number
    context |= {
        "based_on": based_on,
        "values": values,
        "categories": category_rows(values, error),
        "items": item_rows(outline, values, error),
        "scales": words.SCALES,
        "missings": words.MISSING,
        "error": error,
        "effects": effects,
    }
    return render(request, "grades/rules.html", context, status=status)


def category_rows(values: dict, error) -> list[dict]:
    """The categories that there are and two more to fill in."""
    fields = error.fields if error else {}
    rows = []
    numbers = range(1, MOST_CATEGORIES + 1)
    taken = {values.get(f"category-{n}-key") for n in numbers}
    free = iter([key for n in range(1, 100) if (key := f"c{n}") not in taken])
    for n in numbers:
        rows.append(
            {
                "n": n,
                "key": values.get(f"category-{n}-key") or next(free),
                "th": values.get(f"category-{n}-th", ""),
                "en": values.get(f"category-{n}-en", ""),
                "weight": values.get(f"category-{n}-weight", ""),
                "drop": values.get(f"category-{n}-drop", ""),
                "weight_error": fields.get(f"category-{n}-weight"),
                "drop_error": fields.get(f"category-{n}-drop"),
            }
        )
    language, other = ("en", "th") if language_now() == "en" else ("th", "en")
    for row in rows:
        row["name"] = row[language] or row[other]
    used = max((row["n"] for row in rows if row["th"] or row["en"]), default=0)
    return rows[: min(MOST_CATEGORIES, used + SPARE_CATEGORIES)]


def item_rows(outline: dict, values: dict, error) -> list[dict]:
    fields, language = error.fields if error else {}, language_now()
    return [
        {
            "n": n,
            "number": outline["items"].index(entry) + 1,  # as on the other pages
            "title": in_language(entry["titles"], language),
            "icon": entry["icon"],
            "required": entry["required"],
            "weight": values.get(f"item-{n}-weight", ""),
            "category": values.get(f"item-{n}-category", ""),
            "pass": values.get(f"item-{n}-pass", ""),
            "weight_error": fields.get(f"item-{n}-weight"),
            "category_error": fields.get(f"item-{n}-category"),
            "pass_error": fields.get(f"item-{n}-pass"),
        }
        for n, entry in enumerate(scored(outline), start=1)
    ]


def saved_run(request, run: CourseRun, scheme, based_on: int):
    job = change.change_run(
        run, scheme, by=request.user, based_on=based_on, reason=request.POST.get("reason", "")
    )
    messages.success(request, _("The rules are saved. The grades are being reckoned anew."))
    return redirect("teach_recalculation", run.pk, job.pk)


def saved_course(request, course: UUID, scheme, based_on: int):
    made = change.change_course(
        course,
        scheme,
        by=request.user,
        based_on=based_on,
        reason=request.POST.get("reason", "")[:2000],
    )
    messages.success(request, _("The rules are saved."))
    if made["keep"]:
        messages.info(
            request,
            _(
                "In some runs people have begun already: these go on under their own rules. Change "
                "those on the page of each run, with a reason."
            ),
        )
    return redirect("course_grade_rules", course)


# -- recalculations -----------------------------------------------------------------------------


@never_cache
@login_required
@require_POST
def recalculate(request, pk: int):
    """Reckon a run anew without any change of rules."""
    run = the_run(request, pk)
    job = change.start(run, by=request.user, reason="")
    return redirect("teach_recalculation", run.pk, job.pk)


@never_cache
@login_required
@require_GET
def recalculation(request, pk: int, job: int):
    """How far a recalculation is, and what it changed for whom."""
    run = the_run(request, pk)
    found = get_object_or_404(Recalculation.objects.select_related("by"), pk=job, run=run)
    people = {
        e.pk: e
        for e in Enrolment.objects.filter(
            seen_in(run, request.user),
            run=run,
            pk__in=[row["enrolment"] for row in found.changes],
        ).select_related("user")
    }
    outline = outline_or_404(run)
    context = {
        "run": run_facts(run, outline, language_now()),
        "job": found,
        "rows": [
            {
                **row,
                "name": person.user.get_full_name() or person.user.email,
                "url": reverse("teach_grade", args=[run.pk, person.pk]),
            }
            for row in found.changes
            if (person := people.get(row["enrolment"])) is not None
        ],
        "gradebook_url": reverse("teach_grades", args=[run.pk]),
    }
    return render(request, "grades/recalculation.html", context)
