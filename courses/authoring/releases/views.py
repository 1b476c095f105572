"""A course's releases in the authoring site: what changed, comparing two, bringing one back."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied

from courses.authoring.dashboard.views import number, source_or_404
from courses.releases.models import CourseRelease, CourseState

from .history import changes, compare, items_of, restore
from .order import restore_order

PER_PAGE = 20
MOST_SAID = 20


@require_GET
def releases(request, pk: int):
    course = source_or_404(pk)
    if not course.permissions_for_user(request.user).can_edit():
        return permission_denied(request)
    query = CourseRelease.objects.filter(course=course.translation_key).select_related("created_by")
    page = Paginator(query.order_by("-number"), PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    older = query.filter(number__lt=shown[-1].number).order_by("-number").first() if shown else None
    everything = [*shown, older] if older else shown
    items = items_of(everything)
    state = CourseState.objects.filter(course=course.translation_key).first()
    rows = [
        {
            "release": release,
            "mix": release.mix,
            "current": state is not None and state.current_id == release.pk,
            "changes": changes(
                everything[n + 1] if n + 1 < len(everything) else None, release, items
            ),
        }
        for n, release in enumerate(shown)
    ]
    context = {
        "page_title": course.get_admin_display_title(),
        "header_icon": "history",
        "course": course,
        "rows": rows,
        "page_obj": page,
        "may_restore": course.permissions_for_user(request.user).can_edit(),
    }
    return render(request, "authoring/releases/list.html", context)


def release_or_404(course, raw) -> CourseRelease:
    return get_object_or_404(CourseRelease, course=course.translation_key, number=number(raw))


@require_GET
def compare_two(request, pk: int):
    """?old=1&new=2"""
    course = source_or_404(pk)
    if not course.permissions_for_user(request.user).can_edit():
        return permission_denied(request)
    numbers = sorted({number(request.GET.get("old")), number(request.GET.get("new"))})
    if len(numbers) != 2:
        messages.warning(request, _("Choose two different releases to compare."))
        return redirect("authoring_releases", course.pk)
    old, new = (release_or_404(course, n) for n in numbers)
    context = {
        "page_title": course.get_admin_display_title(),
        "header_icon": "history",
        "course": course,
        "old": old,
        "new": new,
        "differences": compare(old, new),
    }
    return render(request, "authoring/releases/compare.html", context)


@require_http_methods(["GET", "POST"])
def bring_back(request, pk: int, release: int):
    """Ask, then make drafts as they were in a release."""
    course = source_or_404(pk)
    if not course.permissions_for_user(request.user).can_edit():
        return permission_denied(request)
    release = release_or_404(course, release)
    if request.method == "GET":
        context = {
            "page_title": course.get_admin_display_title(),
            "header_icon": "history",
            "course": course,
            "release": release,
        }
        return render(request, "authoring/releases/confirm.html", context)
    done = restore(release, request.user)
    if request.POST.get("order"):
        ordered = restore_order(course, release, request.user)
        done.moved, done.left = ordered.moved, [*done.left, *ordered.left]
    text = ngettext(
        "%(count)s page has a draft as it was in release %(number)s. Nothing is published yet.",
        "%(count)s pages have drafts as they were in release %(number)s. Nothing is published yet.",
        len(done.drafts) + len(done.made),
    ) % {"count": len(done.drafts) + len(done.made), "number": release.number}
    messages.success(request, text)
    if done.made:
        messages.info(
            request, _("Made again as drafts: %(titles)s.") % {"titles": ", ".join(done.made)}
        )
    if done.moved:
        text = ngettext(
            "%(count)s page was put back in its place.",
            "%(count)s pages were put back in their places.",
            done.moved,
        )
        messages.info(request, text % {"count": done.moved})
    if done.left:
        reasons = "; ".join(f"{title} ({why})" for title, why in done.left[:MOST_SAID])
        messages.warning(request, _("Could not be brought back: %(titles)s.") % {"titles": reasons})
    return redirect(reverse("authoring_dashboard", args=[course.pk]))
