"""Enrolling and leaving, as a person does it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from activities.core.errors import Refused
from courses.releases.delivery import state_by_slug

from .enrol import enrol, leave, place_in


@login_required
@require_POST
def enrol_view(request, course: str):
    state = state_by_slug(course)
    if state is None:
        raise Http404
    try:
        enrol(request.user, state.course)
    except Refused as error:
        messages.error(request, error.message)
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
