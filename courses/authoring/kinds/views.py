"""The list of kinds of activity, and one kind with the courses that use it."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from wagtail.admin.auth import permission_denied

from courses.catalogue.models import CoursePage
from courses.enrolment.rules import manages_all
from courses.releases.delivery import in_language

from . import listing

PER_PAGE = 50


def may_see(user) -> bool:
    """Whoever answers for all courses; what exactly failed is for administrators."""
    return user.is_superuser or manages_all(user)


@require_GET
def kinds(request):
    if not may_see(request.user):
        return permission_denied(request)
    rows = listing.rows()
    context = {
        "page_title": _("Kinds of activity"),
        "header_icon": "cogs",
        "rows": rows,
        "troubled": [row for row in rows if row.state != listing.WORKS],
        "orphans": listing.orphans(),
        "technical": request.user.is_superuser,
    }
    return render(request, "authoring/kinds/list.html", context)


@require_GET
def kind(request, name: str):
    if not may_see(request.user):
        return permission_denied(request)
    row = next((row for row in listing.rows() if row.name == name), None)
    if row is None:
        raise Http404
    page_obj = Paginator(listing.courses_with(name), PER_PAGE).get_page(request.GET.get("page"))
    keys = [state.course for state in page_obj]
    pages = dict(
        CoursePage.objects.filter(translation_key__in=keys)
        .order_by("locale__language_code")
        .values_list("translation_key", "pk")
    )
    language = (get_language() or "th")[:2]
    context = {
        "page_title": row.label,
        "header_icon": "cogs",
        "row": row,
        "technical": request.user.is_superuser,
        "pages_url": pages_url(row),
        "courses": [
            {
                "title": in_language(state.current.outline["titles"], language),
                "code": state.current.outline["code"],
                "n": state.n,
                "url": reverse("authoring_dashboard", args=[pages[state.course]])
                if state.course in pages
                else None,
            }
            for state in page_obj
        ],
        "page_obj": page_obj,
    }
    return render(request, "authoring/kinds/kind.html", context)


def pages_url(row: listing.Row) -> str:
    """Wagtail's own list of the pages of a type."""
    if row.model is None:
        return ""
    names = [row.model._meta.app_label, row.model._meta.model_name]
    return reverse("wagtailadmin_pages:type_use", args=names)
