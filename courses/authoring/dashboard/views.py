"""The course's dashboard: its outline, what is missing, and putting things in order."""

from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied
from wagtail.models import Page

from courses.catalogue.models import CoursePage, SectionPage
from courses.releases.cut import source_page
from courses.releases.refusals import why_not_leave

from .mine import editable, with_states
from .ordering import move_in_all_languages
from .tree import overview

PER_PAGE = 50


def source_or_404(pk: int) -> CoursePage:
    page = get_object_or_404(CoursePage, pk=pk)
    return source_page(page.translation_key) or page


@require_GET
def dashboard(request, pk: int):
    course = source_or_404(pk)
    rights = course.permissions_for_user(request.user)
    if not rights.can_edit():
        return permission_denied(request)
    found = overview(course, request.user)
    context = {
        "page_title": course.get_admin_display_title(),
        "header_icon": "list-ul",
        "found": found,
        "may_order": rights.can_reorder_children(),
        "move_url": reverse("authoring_move", args=[course.pk]),
        "open_checks": sum(not check.done for check in found.checks),
    }
    return render(request, "authoring/dashboard/course.html", context)


@require_GET
def courses(request):
    """The courses that somebody may edit, with how they stand."""
    found = editable(request.user).order_by("title", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_title": _("Courses"),
        "header_icon": "list-ul",
        "rows": with_states(page),
        "page_obj": page,
    }
    return render(request, "authoring/dashboard/courses.html", context)


@require_POST
def move(request, pk: int):
    """Put an item elsewhere in its course: up, down, into a section, out of it, before or after another.

    The order of releases is that of the source language; the other languages follow where they have
    the same pages, so that their trees stay alike.
    A request of the page's script is answered with JSON, a form's with the page.
    """
    course = source_or_404(pk)
    if not course.permissions_for_user(request.user).can_reorder_children():
        return permission_denied(request)
    pages = Page.objects.descendant_of(course)
    page = get_object_or_404(pages, pk=number(request.POST.get("page")))
    target, position = place(course, page, request.POST)
    if target is None:
        return answer(request, course, page, _("It cannot go there."), failed=True)
    parent = target if position.endswith("child") else target.get_parent()
    texts = why_not_leave(page, parent)
    if texts:
        return answer(request, course, page, " ".join(texts), failed=True)
    if not allowed(page, parent):
        return answer(
            request, course, page, _("A section cannot stand in another section."), failed=True
        )
    if not page.permissions_for_user(request.user).can_move_to(parent):
        return answer(request, course, page, _("You may not move this page."), failed=True)
    if not Page._slug_is_available(page.slug, parent, page):
        text = _("There is a page with the address “%(slug)s” there already.") % {"slug": page.slug}
        return answer(request, course, page, text, failed=True)
    move_in_all_languages(page, target, position, request.user)
    return answer(request, course, page, _("“%(title)s” was moved.") % {"title": page.title})


def number(raw) -> int:
    return int(raw) if str(raw or "").isdigit() and len(str(raw)) < 18 else 0


def allowed(page: Page, parent: Page) -> bool:
    is_section = page.specific_class is SectionPage
    return not (is_section and parent.specific_class is SectionPage)


def place(course, page, data) -> tuple[Page | None, str]:
    """(target, treebeard position) that a form or the script asks for; (None, "") for nowhere."""
    where = data.get("where", "")
    if where == "up":
        before = page.get_prev_sibling()
        return before, "left"
    if where == "down":
        after = page.get_next_sibling()
        return after, "right"
    if where == "out":
        return course, "last-child"
    inside = Page.objects.descendant_of(course, inclusive=True).exclude(pk=page.pk)
    target = inside.filter(pk=number(data.get("target"))).first()
    if where == "into" and target is not None:
        fits = target.pk == course.pk or target.specific_class is SectionPage
        return (target, "last-child") if fits else (None, "")
    if where in ("before", "after") and target is not None and target.pk != course.pk:
        if target.is_descendant_of(page):
            return None, ""
        return target, "left" if where == "before" else "right"
    return None, ""


def answer(request, course, page, text: str, *, failed: bool = False):
    if request.headers.get("accept") == "application/json":
        return JsonResponse({"message": text}, status=409 if failed else 200)
    (messages.error if failed else messages.success)(request, text)
    return redirect(reverse("authoring_dashboard", args=[course.pk]) + f"#p{page.pk}")
