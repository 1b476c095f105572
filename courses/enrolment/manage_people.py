"""Who gets into a run: applications, the waiting list, people whom an instructor enrols."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from activities.core.errors import Refused

from . import places, staff
from .manage_runs import course_facts
from .models import Application, CourseRun, Enrolment, PlaceEvent, RunGroup
from .rules import people_for, runs_for, seen_in
from .teach import the_run

PAGE_SIZE = 25
MOST_FOUND = 20
MOST_RUNS = 50
LEAST_SEARCH = 2


def current_language() -> str:
    return (get_language() or "th")[:2]


def number(raw) -> int:
    raw = str(raw or "")
    return int(raw) if raw.isdecimal() and len(raw) < 18 else 0


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_page(request, pk: int):
    """Answer applications, see who waits, enrol people one by one."""
    run = the_run(request, pk)
    error, typed = None, {}
    if request.method == "POST":
        try:
            messages.success(request, act(request, run))
            return redirect(request.get_full_path())
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error, typed = refusal, request.POST
    context = enrol_context(request, run, typed, error)
    return render(request, "teach/enrol.html", context, status=error.status if error else 200)


def enrol_context(request, run: CourseRun, typed, error) -> dict:
    applications = (
        Application.objects.filter(run=run, state__in=Application.OPEN)
        .select_related("user")
        .order_by("state", "queued_at", "pk")
    )
    page_obj = Paginator(applications, PAGE_SIZE).get_page(request.GET.get("page"))
    here = number(typed.get("application"))
    q = request.GET.get("q", "").strip()[:100]
    taken = places.taken(run)
    return {
        "course": course_facts(run.course),
        "run": run,
        "title": run.title(current_language()),
        "taken": taken,
        "left": None if run.capacity is None else max(0, run.capacity - taken),
        "applications": [
            {
                "pk": row.pk,
                "name": row.user.get_full_name() or row.user.email,
                "email": row.user.email,
                "pending": row.state == Application.State.PENDING,
                "state": row.get_state_display(),
                "why": row.why,
                "at": row.queued_at,
                "typed": typed.get("reason", "") if row.pk == here else "",
                "error": error.fields.get("reason", "") if error and row.pk == here else "",
            }
            for row in page_obj
        ],
        # Of an application that is gone: to be copied by who wrote it.
        "lost": "" if any(row.pk == here for row in page_obj) else typed.get("reason", ""),
        "page_obj": page_obj,
        "q": q,
        "found": search(request.user, run, q) if len(q) >= LEAST_SEARCH else [],
        "searched": len(q) >= LEAST_SEARCH,
        "groups": list(run.groups.all()),
        "imports": run.imports.defer("content", "problems")[:5],
        "typed": typed,
        "error": error,
        "back_url": reverse("teach_run", args=[run.pk]),
    }


def search(user, run: CourseRun, q: str) -> list[dict]:
    """People by a part of their name or address, among those whom one may look up. Two queries."""
    people = people_for(user)
    for word in q.split()[:3]:
        people = people.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
        )
    people = list(people.order_by("first_name", "last_name", "pk")[:MOST_FOUND])
    there = set(
        Enrolment.objects.filter(places.taken_filter(), run=run, user__in=people).values_list(
            "user", flat=True
        )
    )
    return [
        {
            "pk": person.pk,
            "name": person.get_full_name() or person.email,
            "email": person.email,
            "there": person.pk in there,
        }
        for person in people
    ]


def act(request, run: CourseRun) -> str:
    """Do what the form says. Returns what to say. Raises `Refused`."""
    data, by = request.POST, request.user
    action = data.get("action", "")
    if action in ("approve", "refuse"):
        known = Application.objects.filter(run=run, pk=number(data.get("application")))
        application = known.select_related("run").first()
        if application is None:
            raise staff.gone()
        if action == "approve":
            done = staff.approve(application, by)
            if done.state == Application.State.WAITING:
                return _("Approved. All places are taken, so this person is on the waiting list.")
            return _("Approved: this person is enrolled.")
        staff.refuse(application, by, data.get("reason", ""))
        return _("Refused. The person reads your reason.")
    group = group_of(run, data.get("group", ""))
    if action == "add":
        person = people_for(by).filter(pk=number(data.get("person"))).first()
        if person is None:
            raise Http404
        _enrolment, added = staff.add(run, person, by, group)
    elif action == "add_email":
        _enrolment, added = staff.add_by_email(
            run,
            data.get("email", ""),
            by,
            first_name=data.get("first_name", "")[:150],
            last_name=data.get("last_name", "")[:150],
            group=group,
        )
    else:
        raise Refused(_("Sala does not know this action."), code="unknown_action", status=422)
    return _("Enrolled; the person is told.") if added else _("This person is in the run already.")


def group_of(run: CourseRun, raw: str) -> RunGroup | None:
    if not raw:
        return None
    return get_object_or_404(RunGroup, run=run, pk=number(raw))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def place(request, pk: int, enrolment: int):
    """One person's place in a run: its group, its end, a move to another run, and its history."""
    run = the_run(request, pk)
    enrolled = get_object_or_404(
        Enrolment.objects.select_related("user", "run", "withdrawn_by"),
        seen_in(run, request.user),
        pk=enrolment,
        run=run,
    )
    error, typed = None, {}
    if request.method == "POST":
        try:
            said, where = change_place(request, enrolled)
            messages.success(request, said)
            return redirect("teach_place", where.run_id, where.pk)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error, typed = refusal, request.POST
    others = (
        runs_for(request.user)
        .filter(course=run.course)
        .exclude(pk=run.pk)
        .order_by("-starts_at", "-pk")[:MOST_RUNS]
    )
    context = {
        "course": course_facts(run.course),
        "run": run,
        "title": run.title(current_language()),
        "enrolment": enrolled,
        "name": enrolled.user.get_full_name() or enrolled.user.email,
        "is_active": enrolled.state == Enrolment.State.ACTIVE,
        "is_withdrawn": enrolled.state == Enrolment.State.WITHDRAWN,
        "groups": list(run.groups.all()),
        "others": [(other.pk, other.title(current_language())) for other in others],
        "events": PlaceEvent.objects.filter(run=run, user=enrolled.user).select_related("by")[:50],
        "typed": typed,
        "error": error,
        "person_url": reverse("teach_person", args=[run.pk, enrolled.pk]),
    }
    return render(request, "teach/place.html", context, status=error.status if error else 200)


def change_place(request, enrolled: Enrolment) -> tuple[str, Enrolment]:
    """Do what the form says; returns what to say and the place as it is then. Raises `Refused`."""
    data, by = request.POST, request.user
    action = data.get("action", "")
    if action == "group":
        staff.assign(enrolled, group_of(enrolled.run, data.get("group", "")), by)
        return _("The group is saved."), enrolled
    if action == "remove":
        staff.remove(enrolled, by, data.get("reason", ""))
        return _("The enrolment is ended. What the person did is kept."), enrolled
    if action == "bring_back":
        return _("The person is back, with everything they did."), staff.bring_back(enrolled, by)
    if action == "transfer":
        to = runs_for(by).filter(course=enrolled.run.course, pk=number(data.get("to"))).first()
        if to is None:
            message = _("Choose another run of the same course.")
            raise Refused(message, code="wrong_run", fields={"to": message})
        return _("Moved, with everything they did."), staff.transfer(enrolled, to, by)
    raise Refused(_("Sala does not know this action."), code="unknown_action", status=422)
