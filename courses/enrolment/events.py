"""News of an item while its page is open: asked again and again, with a cursor."""

from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from activities.core import live, registry
from activities.core.errors import Refused
from courses.releases.delivery import current_version, served_state

from .player import NoAccess, NotEnrolled, find, participation_at, visit_of
from .teach import desk_of, the_run


@never_cache
@require_GET
def item_events(request, course: str, item: str):
    """What happened in an item after an event, as far as the learner may see it.

    204: nothing for this learner. 200: JSON {after, events: [{id, html, data}]}, or the pieces of HTML alone for who
    accepts only that; with the next cursor in `Sala-After`, after 204 too. 400, 410: the cursor is no number, or no
    event of this place; the page has to be loaded anew. 403, 404, 503 as everywhere.
    """
    if not request.user.is_authenticated:
        return problem(_("Your session has ended. Sign in again: your text is kept."), 403)
    try:
        place = find(request, course, item)
        kind = registry.get(place.item["kind"])
        participation = participation_at(place, request.user)
        after = live.cursor_of(request.GET.get("after", "0"))
        events = live.happened(participation, after)
        if not events:  # most answers: the dates of the run are not even asked for
            return answer(request, live.News([], after, False))
        found = live.news(kind, visit_of(request.user, place, participation), after, events)
    except (Http404, NotEnrolled, NoAccess):
        return problem(_("There is no such page."), 404)
    except Refused as error:
        return problem(error.message, error.status)
    except registry.UnknownKind:
        return unavailable()
    return answer(request, found)


@never_cache
@require_GET
def desk_events(request, pk: int, key):
    """What happened in an item of a run, for whoever leads the run. Answers like `item_events`: 403 to whoever is not
    signed in, 404 to everybody else whose run it is not."""
    if not request.user.is_authenticated:
        return problem(_("Your session has ended. Sign in again: your text is kept."), 403)
    try:
        run = the_run(request, pk)
        state = served_state(run.course)
        version = current_version(state.served, key) if state else None
        if version is None:
            raise Http404
        kind = registry.get(version.kind)
        if not kind.has_desk:
            raise Http404
        after = live.cursor_of(request.GET.get("after", "0"))
        events = live.happened(live.Place(run.key, key), after)
        if not events:
            return answer(request, live.News([], after, False))
        desk = desk_of(request, run, version, key)
        found = live.settled(kind.desk_events(desk, events), events, after)
    except Http404:
        return problem(_("There is no such page."), 404)
    except Refused as error:
        return problem(error.message, error.status)
    except registry.UnknownKind:
        return unavailable()
    return answer(request, found)


def answer(request, found: live.News) -> HttpResponse:
    if not found.parts:
        response = HttpResponse(status=204)
    elif request.accepts("application/json"):
        response = JsonResponse(
            {
                "after": found.after,
                "events": [
                    {"id": part.event, "html": part.html, "data": part.data} for part in found.parts
                ],
            }
        )
    else:
        response = HttpResponse("\n".join(part.html for part in found.parts))
    response["Sala-After"] = str(found.after)
    return response


def problem(message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)


def unavailable() -> JsonResponse:
    response = problem(_("This part is temporarily unavailable."), 503)
    response["Retry-After"] = "600"
    return response
