"""The pages of a list of people: upload, look at what it would do, enrol, undo."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities.core.errors import Refused

from . import imports
from .import_rows import LARGEST_FILE, MOST_ROWS
from .manage_runs import course_facts
from .models import EnrolmentImport, ImportRow
from .teach import the_run

State = EnrolmentImport.State
MOST_SHOWN = 20


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("List of people"),
        help_text=gettext_lazy(
            "CSV or Excel (.xlsx), at most 5 MB and 20,000 people. The first line names the columns: "
            "email, first name, last name, group."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is larger than 5 MB."), code="too_large")
        return file


def context_of(run) -> dict:
    return {
        "course": course_facts(run.course),
        "run": run,
        "title": run.title((get_language() or "th")[:2]),
        "back_url": reverse("teach_enrol", args=[run.pk]),
    }


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request, pk: int):
    run = the_run(request, pk)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        job = imports.start(run, file.name, file.read(), request.user)
        return redirect("teach_import_batch", run.pk, job.pk)
    context = {**context_of(run), "form": form, "most_rows": MOST_ROWS}
    status = 422 if request.method == "POST" else 200
    return render(request, "teach/import_upload.html", context, status=status)


@login_required
@require_GET
def template(request, pk: int):
    """An empty list with the right columns, to fill in."""
    run = the_run(request, pk)
    group = run.groups.values_list("name", flat=True).first() or ""
    lines = ["\ufeffemail,first name,last name,group", f"somchai@agency.go.th,สมชาย,ใจดี,{group}"]
    response = HttpResponse("\r\n".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="people.csv"'
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request, pk: int, batch):
    """A list: its mistakes, or what enrolling it does, or how far it is, or what was done."""
    run = the_run(request, pk)
    job = get_object_or_404(
        EnrolmentImport.objects.defer("content").select_related("run"), pk=batch, run=run
    )
    error = None
    if request.method == "POST":
        try:
            if not act(request, job):
                messages.info(request, _("Somebody was quicker: the list stands as shown here."))
            return redirect("teach_import_batch", run.pk, job.pk)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error = refusal
    now = timezone.now()
    context = {
        **context_of(run),
        "job": job,
        "error": error,
        "more": job.mistakes - len(job.problems),
        "rows": job.rows.select_related("user")[:MOST_SHOWN],
        "rows_left": max(0, job.total - MOST_SHOWN),
        "may_undo": job.may_be_undone(now),
        "untold": imports.to_tell(job).count() if job.state in (State.DONE, State.STOPPED) else 0,
        "kept": job.rows.filter(did=ImportRow.Did.KEPT).count() if job.state == State.UNDONE else 0,
        "upload_url": reverse("teach_import", args=[run.pk]),
    }
    return render(
        request, "teach/import_batch.html", context, status=error.status if error else 200
    )


def act(request, job: EnrolmentImport) -> bool:
    action = request.POST.get("action", "")
    if action == "confirm":
        return imports.confirm(job, request.user)
    if action == "undo":
        return imports.undo(job, request.user)
    if action == "go_on":
        imports.go_on(job)
        return True
    raise Refused(_("Sala does not know this action."), code="unknown_action", status=422)
