"""Enrolling, applying, waiting and leaving, as a person does it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from activities.core.errors import Refused
from activities.core.moments import moment
from courses.releases.delivery import in_language, state_by_slug

from . import access, offers, places, prerequisites
from .enrol import Joined, enrol, join, leave, open_run, place_in, take_back
from .models import Application, CourseRun, Enrolment
from .rules import may_join_agency


@login_required
@require_POST
def enrol_view(request, course: str):
    """Enrol in the run that is open to everybody; without one, the course's page tells of the others."""
    state = state_by_slug(course)
    if state is None:
        raise Http404
    try:
        enrolment = enrol(request.user, state.course)
    except Refused as error:
        run = open_run(state.course)
        if error.code == "waiting" and run is not None:
            messages.info(request, error.message)
            return redirect("run_join", state.slug, run.key)
        messages.error(request, error.message)
        return redirect("course", state.slug)
    return enrolled(request, state, enrolment)


def enrolled(request, state, enrolment: Enrolment):
    """Say what comes next, and lead there."""
    way_in = access.access_to(enrolment.run)
    if way_in.early:
        messages.success(
            request,
            _("You are enrolled. The run begins on %(when)s; you will be reminded.")
            % {"when": moment(way_in.begins, (get_language() or "th")[:2])},
        )
        return redirect("course", state.slug)
    messages.success(request, _("You are enrolled. Start whenever you like."))
    return redirect("course_resume", state.slug)


@login_required
@require_POST
def leave_view(request, course: str):
    state, enrolment = place_in(request.user, course)
    if state is None or enrolment is None:
        raise Http404
    leave(enrolment)
    if state.closed:
        messages.success(request, _("You have left the course. What you did is kept."))
        return redirect("dashboard")
    messages.success(
        request, _("You have left the course. What you did is kept: enrol again to go on.")
    )
    return redirect("course", state.slug)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def run_join(request, course: str, run):
    """One run: what it is, how one gets in, and how one's application stands."""
    state = state_by_slug(course)
    if state is None:
        raise Http404
    found = CourseRun.objects.filter(key=run, course=state.course).first()
    if found is None or not (may_join_agency(request.user, found) or belongs(request.user, found)):
        raise Http404
    error = None
    if request.method == "POST":
        if request.POST.get("action") == "take_back":
            return taken_back(request, state, found)
        try:
            joined = join(
                request.user,
                found,
                key=request.POST.get("key", ""),
                why=request.POST.get("why", ""),
            )
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error = refusal
        else:
            return after(request, state, found, joined)
    context = join_context(request, state, found)
    context |= {"error": error, "typed": request.POST if error else {}}
    response = render(
        request, "learn/run_join.html", context, status=error.status if error else 200
    )
    if error is not None and error.status == 429:
        response["Retry-After"] = "300"
    return response


def belongs(user, run: CourseRun) -> bool:
    """Somebody who has or wants a place in a run may see it, whatever agency they moved to."""
    return (
        Enrolment.objects.filter(user=user, run=run).exists()
        or Application.objects.filter(user=user, run=run).exists()
    )


def after(request, state, run: CourseRun, joined: Joined):
    if joined.enrolment is not None:
        return enrolled(request, state, joined.enrolment)
    if joined.application.state == Application.State.WAITING:
        messages.info(request, _("All places are taken. You are on the waiting list."))
    else:
        messages.success(request, _("Your application is with the instructors. You will be told."))
    return redirect("run_join", state.slug, run.key)


def taken_back(request, state, run: CourseRun):
    application = Application.objects.filter(user=request.user, run=run).first()
    if application is not None and take_back(application):
        messages.success(request, _("Your application is taken back."))
    else:
        messages.info(request, _("There was nothing left to take back."))
    return redirect("course", state.slug)


def join_context(request, state, run: CourseRun) -> dict:
    language = (get_language() or "th")[:2]
    outline = state.current.outline
    application = (
        Application.objects.filter(user=request.user, run=run).select_related("decided_by").first()
    )
    enrolment = Enrolment.objects.filter(user=request.user, run=run).first()
    has_place = enrolment is not None and enrolment.state != Enrolment.State.WITHDRAWN
    taken = places.taken(run) if run.capacity is not None else 0
    row = offers.run_row(run, state.slug, language, timezone.now(), taken, application)
    waits = application is not None and application.state in Application.OPEN
    returns = enrolment is not None and not has_place and enrolment.withdrawn_by_id is None
    return {
        "course": {
            "title": in_language(outline["titles"], language),
            "code": outline["code"],
            "url": reverse("course", args=[state.slug]),
        },
        "run": row,
        "has_place": has_place,
        "enrolment": enrolment,
        "access": access.access_to(run),
        "resume_url": reverse("course_resume", args=[state.slug]),
        "leave_url": reverse("leave", args=[state.slug]),
        "application": application,
        "waits": waits,
        "position": places.position(application)
        if waits and application.state == Application.State.WAITING
        else None,
        "refused": application is not None
        and application.state == Application.State.REFUSED
        and not has_place,
        "asks_key": run.method == CourseRun.Method.KEY and not returns,
        "asks_why": run.method == CourseRun.Method.APPROVAL and not returns,
        "missing": []
        if has_place or returns
        else prerequisites.missing(request.user, outline, language),
        "removed_reason": enrolment.withdrawn_reason
        if enrolment is not None and not has_place and enrolment.withdrawn_by_id is not None
        else "",
    }
