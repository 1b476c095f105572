"""Course files in the authoring site: upload, look at what would change, import; download."""

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied

from activities.core.course_export import CannotExport
from courses.authoring.dashboard.mine import editable
from courses.authoring.models import CourseImport
from courses.authoring.tasks import run_import
from courses.catalogue.course_export import export_course
from courses.catalogue.models import CatalogPage, CoursePage

from .archive import LARGEST_UPLOAD

State = CourseImport.State
MOST_SHOWN = 10


class UploadForm(forms.Form):
    """A file, and what becomes of items that it does not have."""

    file = forms.FileField(
        label=gettext_lazy("Course file"),
        help_text=gettext_lazy(
            "A .yaml file, or a .zip archive with one .yaml file and its pictures. At most 20 MB."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.zip"}),
    )
    remove_rest = forms.BooleanField(
        label=gettext_lazy("Take off what the file does not have"),
        required=False,
        help_text=gettext_lazy(
            "Items of the course that are missing in the file are unpublished. Otherwise they stay."
        ),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_UPLOAD:
            raise forms.ValidationError(_("This file is larger than 20 MB."), code="too_large")
        return file


def may_import(user) -> bool:
    """Whether somebody may make and publish courses in every catalogue of the site."""
    catalogues = list(CatalogPage.objects.filter(live=True))
    return bool(catalogues) and all(
        page.permissions_for_user(user).can_add_subpage()
        and page.permissions_for_user(user).can_publish_subpage()
        for page in catalogues
    )


def index(request):
    """Upload a file; below, what this person has uploaded before."""
    if not may_import(request.user):
        return permission_denied(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        job = CourseImport.objects.create(
            name=file.name[:200],
            content=file.read(),
            remove_rest=form.cleaned_data["remove_rest"],
            user=request.user,
        )
        transaction.on_commit(lambda: run_import.delay(str(job.pk), apply=False))
        return redirect("authoring_import", job.pk)
    context = {
        "form": form,
        "page_title": _("Course files"),
        "header_icon": "doc-full",
        "jobs": CourseImport.objects.filter(user=request.user).defer(
            "content", "report", "problems"
        )[:MOST_SHOWN],
        "courses": courses_for(request.user),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "authoring/files/index.html", context, status=status)


def courses_for(user) -> list:
    """The courses (in their source language) that somebody may edit, for downloading."""
    return list(editable(user).filter(locale__language_code="th").order_by("title")[:200])


@require_GET
def job(request, pk):
    """What became of an upload: mistakes, or what would change, or what was done."""
    found = get_object_or_404(CourseImport.objects.defer("content"), pk=pk, user=request.user)
    keys = found.report.get("courses", [])
    context = {
        "job": found,
        "page_title": found.name,
        "header_icon": "doc-full",
        "pages": list(
            CoursePage.objects.filter(translation_key__in=keys, locale__language_code="th")
        )
        if found.state == State.DONE
        else [],
        "ratios": [ratio_row(row) for row in found.report.get("ratios", [])],
        "nothing": found.state == State.READY
        and not any(found.report.get(k) for k in ("created", "changed", "moved", "removed")),
    }
    return render(request, "authoring/files/job.html", context)


def ratio_row(row: dict) -> dict:
    names = ("lecture", "active", "neutral")
    return {
        "title": row["title"],
        "before": dict(zip(names, row["before"], strict=True)) if row["before"] else None,
        "after": dict(zip(names, row["after"], strict=True)),
    }


@require_POST
def confirm(request, pk):
    """Import what was checked. Pressing twice imports once."""
    if not may_import(request.user):
        return permission_denied(request)
    changed = CourseImport.objects.filter(pk=pk, user=request.user, state=State.READY).update(
        state=State.IMPORTING, percent=0
    )
    if changed:
        transaction.on_commit(lambda: run_import.delay(str(pk), apply=True))
    else:
        get_object_or_404(CourseImport, pk=pk, user=request.user)
        messages.warning(request, _("This file has been imported, or cannot be."))
    return redirect("authoring_import", pk)


@require_GET
def download(request, page: int):
    """The course as a file: an archive with its pictures."""
    course = get_object_or_404(CoursePage, pk=page)
    if not course.permissions_for_user(request.user).can_edit():
        return permission_denied(request)
    try:
        exported = export_course(course, drafts="drafts" in request.GET)
    except CannotExport as error:
        messages.error(request, str(error))
        return redirect(reverse("wagtailadmin_pages:edit", args=[course.pk]))
    name = slugify(exported.name) or "course"
    response = HttpResponse(exported.archive, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response
