"""The pages on which instructors and course managers hold runs: list, make, change, copy, close."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activities.core.errors import Refused
from courses.releases.delivery import in_language, offered, served_state, state_of
from courses.releases.models import CourseState

from . import places, runs
from .models import Application, CourseRun, RunGroup
from .rules import courses_to_edit, manages_all, may_make_runs, runs_for
from .run_forms import CopyForm, RunForm
from .teach import the_run

PAGE_SIZE = 30


def current_language() -> str:
    return (get_language() or "th")[:2]


def course_of(request, course: UUID) -> CourseState:
    state = state_of(course)
    if state is None or not may_make_runs(request.user, course):
        raise Http404
    return state


def course_facts(course: UUID) -> dict:
    """What the head of each page says of the course; it may have been taken off offer."""
    state = served_state(course)
    outline = state.served.outline if state else None
    return {
        "key": course,
        "title": in_language(outline["titles"], current_language()) if outline else _("Course"),
        "code": outline["code"] if outline else "",
        "runs_url": reverse("teach_course_runs", args=[course]),
    }


@never_cache
@login_required
@require_GET
def courses(request):
    """The courses whose runs somebody looks after."""
    own = runs_for(request.user)
    if own is None:
        raise PermissionDenied
    states = offered().order_by("slug")
    if not manages_all(request.user):
        mine = Q(course__in=own.values("course")) | Q(course__in=courses_to_edit(request.user))
        states = states.filter(mine)
    page_obj = Paginator(states, PAGE_SIZE).get_page(request.GET.get("page"))
    keys = [state.course for state in page_obj]
    counts = dict(
        own.filter(course__in=keys).order_by().values_list("course").annotate(n=Count("pk"))
    )
    rows = [
        {
            "title": in_language(state.current.outline["titles"], current_language()),
            "code": state.current.outline["code"],
            "url": reverse("teach_course_runs", args=[state.course]),
            "runs": counts.get(state.course, 0),
        }
        for state in page_obj
    ]
    return render(request, "teach/courses.html", {"courses": rows, "page_obj": page_obj})


@never_cache
@login_required
@require_GET
def course_runs(request, course: UUID):
    """Every run of a course that somebody looks after, newest beginning first."""
    may_make = may_make_runs(request.user, course)
    own = runs_for(request.user)
    if own is None or not (may_make or own.filter(course=course).exists()):
        raise Http404
    found = own.filter(course=course).order_by("-starts_at", "-pk")
    page_obj = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    taken = places.counts_of(list(page_obj))
    waiting = dict(
        Application.objects.filter(run__in=list(page_obj), state__in=Application.OPEN)
        .order_by()
        .values_list("run")
        .annotate(n=Count("pk"))
    )
    now = timezone.now()
    context = {
        "course": course_facts(course),
        "runs": [
            {
                "pk": run.pk,
                "title": run.title(current_language()),
                "starts_at": run.starts_at,
                "ends_at": run.ends_at,
                "state": state_word(run, now),
                "is_open": run.is_open,
                "method": run.get_method_display(),
                "capacity": run.capacity,
                "taken": taken.get(run.pk, 0),
                "waiting": waiting.get(run.pk, 0),
                "few": run.least_people is not None
                and taken.get(run.pk, 0) < run.least_people
                and not places.over(run, now),
                "least": run.least_people,
            }
            for run in page_obj
        ],
        "page_obj": page_obj,
        "new_url": reverse("teach_run_new", args=[course]) if may_make and state_of(course) else "",
    }
    return render(request, "teach/course_runs.html", context)


def state_word(run: CourseRun, now) -> str:
    if places.over(run, now):
        return _("over")
    if run.starts_at is not None and now < run.starts_at:
        word = _("upcoming")
    else:
        word = _("running")
    return word if run.is_open else f"{word} · {_('closed for enrolment')}"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request, course: UUID):
    course_of(request, course)
    form = RunForm(request.POST or None, user=request.user)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            run = runs.create(course, request.user, form.values(), form.cleaned_data["instructors"])
            messages.success(request, _("The run is there. Set the dates of its activities next."))
            return redirect("teach_run", run.pk)
        status = 422
    context = {
        "course": course_facts(course),
        "form": form,
        "heading": _("New run"),
        "back_url": reverse("teach_course_runs", args=[course]),
    }
    return render(request, "teach/run_form.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int):
    run = the_run(request, pk)
    form = RunForm(request.POST or None, user=request.user, run=run)
    status, error = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                runs.change(run, request.user, form.values(), form.cleaned_data["instructors"])
            except Refused as refusal:
                for name, message in refusal.fields.items():
                    form.add_error(name, message)
                status = refusal.status
            else:
                messages.success(request, _("The run is saved."))
                return redirect("teach_course_runs", run.course)
    context = {
        "course": course_facts(run.course),
        "run": run,
        "form": form,
        "error": error,
        "heading": run.title(current_language()),
        "back_url": reverse("teach_course_runs", args=[run.course]),
    }
    return render(request, "teach/run_form.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request, pk: int):
    """Hold a run once more: what it is called then and when it begins."""
    run = the_run(request, pk)
    form = CopyForm(request.POST or None)
    status, error = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = runs.copy(
                    run, request.user, data["starts_at"], data["name"], data["name_en"]
                )
            except Refused as refusal:
                error, status = refusal, refusal.status
            else:
                messages.success(
                    request,
                    _("The copy is closed for enrolment: look through it, then open it."),
                )
                return redirect("teach_run_edit", made.pk)
    context = {
        "course": course_facts(run.course),
        "run": run,
        "form": form,
        "error": error,
        "title": run.title(current_language()),
        "back_url": reverse("teach_course_runs", args=[run.course]),
    }
    return render(request, "teach/run_copy.html", context, status=status)


@login_required
@require_POST
def set_open(request, pk: int):
    run = the_run(request, pk)
    is_open = request.POST.get("open") == "1"
    runs.set_open(run, request.user, is_open)
    messages.success(
        request,
        _("The run is open for enrolment.") if is_open else _("The run is closed for enrolment."),
    )
    return redirect("teach_course_runs", run.course)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def groups(request, pk: int):
    """The groups of a run: names, how many people, more of them."""
    run = the_run(request, pk)
    error, typed = None, {}
    if request.method == "POST":
        try:
            messages.success(request, change_groups(request, run))
            return redirect("teach_groups", run.pk)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error, typed = refusal, request.POST
    counts = dict(
        places.Enrolment.objects.filter(places.taken_filter(), run=run, group__isnull=False)
        .order_by()
        .values_list("group")
        .annotate(n=Count("pk"))
    )
    rows = [
        {
            "pk": group.pk,
            "name": typed.get(f"name-{group.pk}", group.name),
            "people": counts.get(group.pk, 0),
            "error": error.fields.get(f"name-{group.pk}", "") if error else "",
        }
        for group in run.groups.all()[: runs.MOST_GROUPS]
    ]
    context = {
        "course": course_facts(run.course),
        "run": run,
        "title": run.title(current_language()),
        "groups": rows,
        "error": error,
        "typed": typed,
        "back_url": reverse("teach_enrol", args=[run.pk]),
    }
    return render(request, "teach/groups.html", context, status=error.status if error else 200)


def change_groups(request, run: CourseRun) -> str:
    data = request.POST
    action, _dash, pk = data.get("action", "").partition("-")
    if action == "add":
        n = runs.add_groups(run, request.user, data.get("names", ""))
        return _("New groups: %(n)d.") % {"n": n}
    group = get_object_or_404(
        RunGroup.objects.select_related("run"), run=run, pk=int(pk) if pk.isdigit() else 0
    )
    if action == "rename":
        runs.rename_group(group, request.user, data.get(f"name-{group.pk}", ""))
        return _("The group has a new name.")
    if action == "delete":
        runs.delete_group(group, request.user)
        return _("The group is gone; its people are still in the run.")
    raise Refused(_("Sala does not know this action."), code="unknown_action", status=422)
