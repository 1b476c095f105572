"""A learner's own grades in a course."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from courses.enrolment import boards
from courses.enrolment.enrol import place_in
from courses.enrolment.pages import certificate_url
from courses.releases.delivery import in_language

from .models import GradeOverride
from .sheet import sheet


@never_cache
@login_required
@require_GET
def my_grades(request, course: str):
    """Scores, grade, and why the course is not complete yet. Who does not take the course finds
    nothing here."""
    state, enrolment = place_in(request.user, course)
    if enrolment is None:
        raise Http404
    language = (get_language() or "th")[:2]
    outline = state.served.outline
    context = {
        "course": {
            "title": in_language(outline["titles"], language),
            "code": outline["code"],
            "url": reverse("course", args=[state.slug]),
            "resume_url": reverse("course_resume", args=[state.slug]),
        },
        "sheet": sheet(enrolment, outline, language),
        "certificate_url": certificate_url(enrolment),
        "survey_url": boards.survey_of(enrolment),
        "override": GradeOverride.objects.filter(
            enrolment=enrolment, taken_back_at__isnull=True
        ).first(),
    }
    return render(request, "grades/mine.html", context)
