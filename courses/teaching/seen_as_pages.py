"""Pages on which an instructor sees a course as a learner of the run does. Nothing can be sent."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities.core import registry
from activities.core.errors import Refused
from courses.enrolment import rules
from courses.enrolment.models import Enrolment
from courses.enrolment.progress import next_item
from courses.enrolment.teach import run_facts, state_or_404, the_run

from . import seen_as


def enrolment_of(request, run, pk: int | None) -> Enrolment | None:
    if pk is None:
        return None
    people = Enrolment.objects.select_related("run", "user")
    return get_object_or_404(people, rules.seen_in(run, request.user), run=run, pk=pk)


@never_cache
@login_required
@require_GET
def first(request, pk: int, enrolment: int | None = None):
    """To where somebody new begins, or to where this participant goes on."""
    run = the_run(request, pk)
    outline = state_or_404(run).served.outline
    row = enrolment_of(request, run, enrolment)
    if row is None:
        return redirect("teach_see", run.pk, outline["items"][0]["key"])
    entry = next_item(outline, row.progress) or outline["items"][0]
    return redirect("teach_see_as", run.pk, row.pk, entry["key"])


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def see(request, pk: int, key, enrolment: int | None = None, step: str = ""):
    """An item as a learner of the run sees it, read-only."""
    run = the_run(request, pk)
    state = state_or_404(run)
    row = enrolment_of(request, run, enrolment)
    keys = [entry["key"] for entry in state.served.outline["items"]]
    if str(key) not in keys:
        raise Http404(_("This part is no longer in the course."))
    look = seen_as.Look(
        run=run,
        state=state,
        by=request.user,
        language=(get_language() or "th")[:2],
        enrolment=row,
        step=step,
        index=keys.index(str(key)),
    )
    if request.method == "POST":
        message = _("You only look at the course as a learner does here. Nothing was sent.")
        return told(request, look, message, 403)
    try:
        return seen_as.shown(request, look)
    except Refused as refusal:
        if refusal.status == 404:
            raise Http404(refusal.message) from refusal
        return told(request, look, refusal.message, refusal.status)
    except registry.UnknownKind:
        message = _("This part is temporarily unavailable. Try again later.")
        return told(request, look, message, 503)


def told(request, look: seen_as.Look, message: str, status: int):
    """Why something cannot be seen or done here, with the ways on."""
    entry = look.entry
    context = {
        "run": run_facts(look.run, look.state.served.outline, look.language),
        "view_as": seen_as.banner(look),
        "message": message,
        "title": entry["titles"].get(look.language) or next(iter(entry["titles"].values())),
        "new_url": reverse("teach_see", args=[look.run.pk, entry["key"]]),
        "as_new": look.enrolment is None,
        "here_url": look.url(entry["key"]),
    }
    return render(request, "teach/seen_as_refused.html", context, status=status)
