"""The author's page of a scenario in the authoring site: its graph, its faults, its paths."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from wagtail.admin.auth import permission_denied

from .models import RolePlaySoloPage
from .outline import author_page

SEEDS = {str(seed) for seed in range(1, 10_000)}


@require_GET
def graph_page(request, pk: int):
    """The newest draft of a scenario as a graph. For those who may edit the page.

    GET: `ending` (its id) keeps its paths only, `page` is the page of paths, `walk` (1 to 9999) the
    number of the random walk.
    """
    page = get_object_or_404(RolePlaySoloPage, pk=pk)
    if not page.permissions_for_user(request.user).can_edit():
        return permission_denied(request)
    draft = page.get_latest_revision_as_object()
    context = author_page(
        draft,
        reverse("wagtailadmin_pages:edit", args=[pk]),
        ending=known_ending(draft, request.GET.get("ending", "")),
        seed=seed_of(request.GET.get("walk", "")),
        number=request.GET.get("page"),
    )
    return render(
        request,
        "activities/role_play/graph.html",
        {
            **context,
            "page": draft,
            "page_title": _("Graph of the scenario"),
            "header_icon": "sitemap",
            "edit_url": reverse("wagtailadmin_pages:edit", args=[pk]),
            "preview_url": reverse("wagtailadmin_pages:view_draft", args=[pk]),
        },
    )


def known_ending(page, name: str) -> str:
    return name if any(block.value.get("id") == name for block in page.endings) else ""


def seed_of(text: str) -> int:
    return int(text) if text in SEEDS else 1
