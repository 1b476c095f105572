"""The questions at the end of a course, and what a run's instructors may know of the answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.pages import certificate_url
from courses.enrolment.rules import may_see_run
from courses.releases.delivery import in_language, served_state

from . import survey
from .forms import QUESTIONS, TEXTS, SurveyForm
from .models import SurveyAnswer
from .sheets import as_csv, as_xlsx


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def survey_view(request, pk: int):
    """One's own answer about a course that one has completed; it can be changed."""
    enrolment = get_object_or_404(Enrolment.objects.select_related("run"), pk=pk, user=request.user)
    state = served_state(enrolment.run.course)
    if not survey.may_answer(enrolment) or state is None:
        raise Http404(_("You can answer when you have completed the course."))
    row = SurveyAnswer.objects.filter(enrolment=enrolment).first()
    initial = {name: getattr(row, name) for name in (*QUESTIONS, *TEXTS)} if row else None
    form = SurveyForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        form = SurveyForm(request.POST)
        if form.is_valid():
            survey.answer(enrolment, form.cleaned_data)
            messages.success(request, _("Thank you for your answers."))
            return redirect(certificate_url(enrolment) or "dashboard")
        status = 422
    context = {
        "form": form,
        "answered": row is not None,
        "course_title": in_language(state.served.outline["titles"]),
        "skip_url": certificate_url(enrolment) or reverse("dashboard"),
        "has_certificate": certificate_url(enrolment) is not None,
    }
    return render(request, "community/survey.html", context, status=status)


def run_or_404(request, pk: int) -> CourseRun:
    run = get_object_or_404(CourseRun, pk=pk)
    if not may_see_run(request.user, run):
        raise Http404
    return run


def titles_of(run: CourseRun) -> tuple[str, str]:
    """(title, code) of a run's course."""
    state = served_state(run.course)
    if state is None:
        return str(run), ""
    return in_language(state.served.outline["titles"]), state.served.outline["code"]


@never_cache
@login_required
@require_GET
def run_result(request, pk: int):
    run = run_or_404(request, pk)
    title, code = titles_of(run)
    context = {
        "run": run,
        "run_name": run.title(get_language()) if run.name or run.name_en else "",
        "title": title,
        "code": code,
        "result": survey.of_run(run),
        "text_labels": [(str(label), name) for name, label in TEXTS.items()],
        "least": survey.LEAST_PEOPLE,
        "run_url": reverse("teach_run", args=[run.pk]),
        "csv_url": reverse("run_survey_csv", args=[run.pk]),
        "xlsx_url": reverse("run_survey_xlsx", args=[run.pk]),
    }
    return render(request, "community/run_survey.html", context)


@never_cache
@login_required
@require_GET
def run_csv(request, pk: int):
    run = run_or_404(request, pk)
    return as_csv(f"survey-run-{run.pk}", survey.table(survey.of_run(run)))


@never_cache
@login_required
@require_GET
def run_xlsx(request, pk: int):
    run = run_or_404(request, pk)
    return book(f"survey-run-{run.pk}", survey.of_run(run))


def book(name: str, found: survey.Result):
    return as_xlsx(name, {_("Figures"): survey.table(found), _("Texts"): survey.texts_table(found)})
