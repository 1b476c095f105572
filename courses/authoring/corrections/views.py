"""The page where an author gives people who have begun the corrected version of an activity."""

from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied

from activities.core import registry
from activities.core.errors import Refused
from courses.authoring.dashboard.views import number, source_or_404
from courses.releases.delivery import in_language

from .giving import corrections_of, give

# Runs named below an activity; the others stand behind a link.
SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request, pk: int):
    course = source_or_404(pk)
    if not course.permissions_for_user(request.user).can_publish():
        return permission_denied(request)
    status = 200
    if request.method == "POST":
        data = request.POST
        try:
            count = give(
                course.translation_key,
                number(data.get("old")),
                number(data.get("new")),
                request.user,
            )
        except Refused as error:
            messages.error(request, error.message)
            status = error.status
        else:
            text = ngettext(
                "%(count)s person goes on with the corrected version.",
                "%(count)s people go on with the corrected version.",
                count,
            ) % {"count": count}
            messages.success(request, text)
            return redirect("authoring_corrections", course.pk)
    language = (get_language() or "th")[:2]
    wide = number(request.GET.get("runs"))
    rows = [
        {
            "correction": row,
            **where(row, language, wide == row.old.pk),
            "title": in_language(row.titles, language),
            "rules": [(label_of(row, name), old, new) for name, old, new in row.difference.rules],
        }
        for row in corrections_of(course.translation_key, request.user)
    ]
    context = {
        "page_title": course.get_admin_display_title(),
        "header_icon": "edit",
        "course": course,
        "rows": rows,
    }
    return render(request, "authoring/corrections/list.html", context, status=status)


def where(correction, language: str, wide: bool) -> dict:
    """The runs that a correction reaches, of those that the author may open the names, those with the
    most people first: all of them, or as many as one reads at a glance."""
    own = [pair for pair in correction.runs if pair[0].own]
    runs = sorted(own, key=lambda pair: (-pair[1], pair[0].pk))
    shown = runs if wide else runs[:SHOWN]
    return {
        "runs": [(run.title(language), people) for run, people in shown],
        "in_all": len(correction.runs),
        "others": len(correction.runs) - len(own),
        "more": len(runs) - len(shown),
    }


def label_of(correction, name: str) -> str:
    """What the edit form calls a field; parts of blocks keep their names."""
    fields = {f.name: f for f in registry.get(correction.new.kind).page_model._meta.fields}
    return str(fields[name].verbose_name) if name in fields else name
