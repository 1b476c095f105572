"""Saying what one thinks of a lesson: two buttons below it, and a page to say why."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from courses.enrolment.player import NotEnrolled, Place, find, not_enrolled, participation_at
from courses.releases.delivery import in_language

from . import feedback
from .forms import FeedbackForm

LESSON = "lesson"


def on_lesson(visit, course: str, item: str) -> dict:
    """What the two buttons below a lesson need. One query."""
    row = feedback.given(visit.user, visit.version)
    return {
        "url": reverse("lesson_feedback", args=[course, item]),
        "given": row is not None,
        "useful": row.useful if row else None,
    }


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_feedback(request, course: str, item: str):
    """Without JavaScript: a button keeps the answer and leads here, where one may say why."""
    try:
        place = find(request, course, item)
    except NotEnrolled as error:
        return not_enrolled(request, error.state)
    if place.item["kind"] != LESSON:
        raise Http404
    version = participation_at(place, request.user).version
    row = feedback.given(request.user, version)
    if request.method != "POST":
        initial = {"useful": "yes" if row.useful else "no", "why": row.why} if row else {}
        return page(request, place, FeedbackForm(initial=initial), row)
    data = request.POST.copy()
    if "quick" in data:  # a button below the lesson: what was written before stays
        data["useful"], data["why"] = data["quick"], row.why if row else ""
    form = FeedbackForm(data)
    if not form.is_valid():
        return page(request, place, form, row, status=422)
    feedback.give(place.enrolment, version, **form.cleaned_data)
    if "quick" in request.POST:
        messages.success(request, _("Thank you. If you like, say why."))
        return redirect("lesson_feedback", course, item)
    messages.success(request, _("Thank you. Your answer is kept; you can change it at any time."))
    return redirect("item", course, item)


def page(request, place: Place, form, row, status: int = 200):
    context = {
        "form": form,
        "given": row is not None,
        "lesson_title": in_language(place.item["titles"]),
        "lesson_url": reverse("item", args=[place.state.slug, place.item["slug"]]),
        "course_code": place.outline["code"],
    }
    return render(request, "community/feedback.html", context, status=status)
