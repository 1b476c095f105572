"""The search page, suggestions while one types, and erasing one's recent searches."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from . import counting, finding_page, sources
from .contract import EngineDown
from .find import FACETS, search, suggest
from .question import plain
from .thai import shortened


def current_language() -> str:
    return (get_language() or "th")[:2]


@never_cache
@require_GET
def search_page(request):
    """Results with facets; without a question the recent searches of who is signed in."""
    typed = request.GET.get("q", "")
    language = current_language()
    chosen = {name: (value,) for name in FACETS if (value := plain(request.GET.get(name, "")))}
    course = plain(request.GET.get("course", ""))[:40]
    context = {"q": shortened(typed, finding_page.LONGEST_SHOWN)}
    try:
        results = search(
            typed,
            request.user,
            language=language,
            chosen=chosen,
            course=course,
            page=request.GET.get("page", 1),
        )
        context |= finding_page.context(results, language, chosen, course)
        if results.question.empty:
            context["recent"] = counting.recent(request.user)
    except EngineDown:
        return render(request, "search/search.html", context | {"down": True}, status=503)
    page = render(request, "search/search.html", context)
    return counting.count_after(page, results, request.user, language)


@never_cache
@require_GET
def suggestions(request):
    """{"suggestions": [{"title", "url", "kind", "language"}]}; the last leads to all results."""
    typed = request.GET.get("q", "")
    language = current_language()
    try:
        rows = suggest(typed, sources.viewer_for(request.user), language)
    except EngineDown:
        rows = []
    labels = finding_page.kind_labels(finding_page.labels_for(language))
    found = [
        {
            "title": row.title,
            "url": row.url,
            "kind": labels.get(row.kind, ""),
            "language": row.language,
        }
        for row in rows
    ]
    if typed.strip():
        found.append(
            {
                "title": _("All results for “%(words)s”") % {"words": shortened(typed.strip(), 60)},
                "url": f"{reverse('search')}?{urlencode({'q': typed})}",
                "kind": "",
                "language": language,
            }
        )
    return JsonResponse({"suggestions": found})


@login_required
@require_POST
def forget_recent(request):
    counting.forget(request.user)
    return redirect("search")
