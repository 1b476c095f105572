"""The player: one shell around every item, whichever kind it is."""

import re
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activities.core import guard, registry
from activities.core.contract import Download, Submitted, Visit
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Participation
from activities.core.pacing import check, windows_of
from activities.core.record import reckon, save_draft
from courses.releases.delivery import current_version, in_language, served
from courses.releases.models import CourseState

from . import boards, places
from .access import access_to, check_work
from .enrol import place_in
from .kept import PROTOCOL, keeps_text, typed
from .measured import ping
from .models import Enrolment
from .pages import catalogue_url, certificate_url, closed_course, kind_word
from .progress import item_minutes, minutes_done, next_item, percent_done, strip

LESSON = "lesson"
LONGEST_DRAFT = 60_000
# A long course shows its neighbourhood beside an item; the whole outline is on the course page.
LONGEST_OUTLINE = 24
NEIGHBOURS = 4
SEEN_EVERY_SECONDS = 60
STEP = re.compile(r"[-a-zA-Z0-9_]{1,60}")


@dataclass
class Place:
    """Where a request is: which course, who, which item."""

    state: CourseState
    enrolment: Enrolment
    item: dict
    index: int

    @property
    def outline(self) -> dict:
        return self.state.served.outline


class NotEnrolled(Exception):
    def __init__(self, state: CourseState):
        self.state = state


class NoAccess(Exception):
    """Enrolled, but the run has not begun, or its time is over and nothing can be read."""

    def __init__(self, state: CourseState, enrolment: Enrolment):
        self.state, self.enrolment = state, enrolment


def find(request, course: str, item: str) -> Place:
    """The place that an address names. Raises Http404, `NotEnrolled` or `NoAccess`."""
    return find_for(request.user, course, item)


def find_for(user, course: str, item: str) -> Place:
    state, enrolment = place_in(user, course)
    if state is None:
        raise Http404(gettext("There is no such course on offer."))
    if enrolment is None:
        raise NotEnrolled(state)
    if not access_to(enrolment.run).may_open:
        raise NoAccess(state, enrolment)
    for index, entry in enumerate(state.served.outline["items"]):
        if entry["slug"] == item:
            return Place(state, enrolment, entry, index)
    raise Http404(gettext("This part is no longer in the course."))


def participation_at(place: Place, user, *, lock: bool = False) -> Participation:
    """The learner's participation, begun if need be, on the version that applies.

    Somebody who has begun an activity goes on with the version that was begun.
    """
    query = Participation.objects.filter(seat=place.enrolment.seat, item=place.item["key"])
    query = query.select_related("version").defer("version__texts")
    if lock:
        query = query.select_for_update(of=("self",))
    participation = query.first()
    if participation is None:
        participation, _created = Participation.objects.get_or_create(
            seat=place.enrolment.seat,
            item=place.item["key"],
            defaults={
                "user": user,
                "cohort": place.enrolment.run.key,
                "version": current_version(place.state.served, place.item["key"]),
                "state": State.IN_PROGRESS,
                "started_at": timezone.now(),
                "last_seen_at": timezone.now(),
            },
        )
        return participation_at(place, user, lock=lock)
    if newest_applies(place, participation):
        newest = current_version(place.state.served, place.item["key"])
        if newest.pk != participation.version_id:
            participation.version = newest
            participation.save(update_fields=["version"])
    return participation


def newest_applies(place: Place, participation: Participation) -> bool:
    """Whether the version may have to be changed for the newest one: cheap checks only."""
    if participation.version.digest == place.item.get("digest"):
        return False
    return registry.get(participation.version.kind).follows_release


def windows_at(place: Place, participation: Participation) -> dict:
    """The dates of a cohort's item for this learner; no query where people learn at any time."""
    run = place.enrolment.run
    if run.pacing != run.Pacing.COHORT:
        return {}
    return windows_of(run.key, participation.item, participation.seat)


def visit_of(user, place: Place, participation: Participation) -> Visit:
    return Visit(
        participation=participation,
        version=participation.version,
        user=user,
        language=(get_language() or "th")[:2],
        base_url=reverse("item", args=[place.outline["slug"], place.item["slug"]]),
        windows=windows_at(place, participation),
    )


@never_cache
@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def item(request, course: str, item: str, step: str = ""):
    """An item of a course: its screen, and what a learner does there."""
    try:
        place = find(request, course, item)
    except NotEnrolled as error:
        return not_enrolled(request, error.state)
    except NoAccess as error:
        return no_access(request, error)
    try:
        kind = registry.get(place.item["kind"])
        if request.method == "POST":
            return act(request, place, kind, step)
        return show(request, place, kind, step)
    except Refused as error:
        if error.status == 404:
            raise Http404(error.message) from error
        return refusal_page(request, place, error)
    except registry.UnknownKind:  # not installed, or failed: what was typed is in its hands
        return unavailable(request, place)


def show(request, place: Place, kind, step: str):
    visit, screen = look(request.user, place, kind, step)
    if isinstance(screen, Download):
        return screen.response()
    return page(request, place, kind, visit, screen, step)


def look(user, place: Place, kind, step: str):
    """(the visit, its `Screen` or `Download`): somebody opens a step, and that is remembered."""
    participation = participation_at(place, user)
    if guard.implements(kind, "advance"):
        with transaction.atomic():
            participation = participation_at(place, user, lock=True)
            kind.advance(participation)
    visit = visit_of(user, place, participation)
    screen = kind.screen(visit, step)
    if not isinstance(screen, Download):
        remember(place, participation, step)
    return visit, screen


def long_ago(moment, now) -> bool:
    return moment is None or (now - moment).total_seconds() > SEEN_EVERY_SECONDS


def remember(place: Place, participation: Participation, step: str) -> None:
    """Keep where the learner is, so that “continue” leads to the exact step.

    That somebody was here matters to others too: peers wait only for people who still come.
    """
    enrolment, key, now = place.enrolment, place.item["key"], timezone.now()
    if long_ago(participation.last_seen_at, now):
        Participation.objects.filter(pk=participation.pk).update(last_seen_at=now)
    stale = long_ago(enrolment.last_seen_at, now)
    if str(enrolment.last_item) != key or enrolment.last_step != step or stale:
        Enrolment.objects.filter(pk=enrolment.pk).update(
            last_item=key, last_step=step, last_seen_at=now
        )


def act(request, place: Place, kind, step: str):
    action = request.POST.get("action", "")
    try:
        visit, outcome = carry_out(
            request.user, place, kind, step, action, request.POST, request.FILES
        )
    except Refused as error:
        if error.status == 404:
            raise
        return refused(request, place, kind, step, action, error)
    if outcome.message:
        messages.success(request, outcome.message)
    anchor = f"#{outcome.anchor}" if outcome.anchor else ""
    return redirect(visit.url(outcome.step) + anchor)


def carry_out(user, place: Place, kind, step: str, action: str, data, files):
    """(the visit, its `Outcome`): what somebody does in an item, with all that follows from it.

    `data` and `files` are what a form sends. Raises `Refused`; then nothing has happened.
    """
    check_work(place.enrolment.run)
    files = kind.receive(step, action, files)
    with transaction.atomic():
        places.lock_person(user)
        participation = participation_at(place, user, lock=True)
        if guard.implements(kind, "advance"):
            kind.advance(participation)
        visit = visit_of(user, place, participation)
        check(visit.windows.get(kind.phase_of(step, action)), visit.now)
        outcome = kind.handle(visit, step, action, data, files)
        reckon(kind, visit.participation)
    return visit, outcome


def refused(request, place: Place, kind, step: str, action: str, error: Refused):
    """The same screen again, with the reason and with everything that was typed."""
    participation = participation_at(place, request.user)
    keep_typed(participation, request.POST)
    visit = visit_of(request.user, place, participation)
    submitted = Submitted(action=action, data=request.POST, error=error)
    try:
        screen = kind.screen(visit, step, submitted=submitted)
    except Refused as wall:
        return refusal_page(request, place, wall if wall.status != 404 else error)
    screen.status = error.status
    screen.context.setdefault("error", error)
    response = page(request, place, kind, visit, screen, step)
    if error.status == 429:
        response["Retry-After"] = str(error.retry_after)
    return response


def keep_typed(participation: Participation, data) -> None:
    form = data.get("draft_form", "")
    if form:
        save_draft(participation, form[:60], typed(data))


def page(request, place: Place, kind, visit: Visit, screen, step: str):
    context = {**shell(place, visit, kind), **screen.context, "step": step}
    if kind.name == LESSON:
        where = (place.state.slug, place.item["slug"])
        context["feedback"] = boards.ask("lesson", visit, *where)
    return guard.render(kind, request, screen.template, context, status=screen.status)


def shell(place: Place, visit: Visit, kind) -> dict:
    """What the player shows around an item."""
    outline, progress, language = place.outline, place.enrolment.progress, visit.language
    # The enrolment was read before the learner acted; the participation is newer.
    progress = {**progress, place.item["key"]: shown_percent(visit.participation)}
    slug, around = outline["slug"], neighbourhood(outline, place.index, progress, language)
    done = minutes_done(outline, progress)
    return {
        "visit": visit,
        "visit_url": visit.url(),
        "course": {
            "title": in_language(outline["titles"], language),
            "code": outline["code"],
            "url": course_address(place.state),
            "closed": place.state.closed,
        },
        "dates": dates(kind, visit),
        **around,
        "item": {
            **around["item"],
            "method_label": kind.method_label,
            "category": place.item["category"],
            "completed": visit.participation.completed,
        },
        "segments": strip(outline, progress),
        "current_index": strip_index(outline, place.index),
        "progress": {
            "percent": min(
                percent_done(outline, progress), 100 if place.enrolment.completed_at else 99
            ),
            "done_minutes": done.done,
            "total_minutes": done.total,
            "left_minutes": done.left,
        },
        "autosave_url": reverse("item_draft", args=[slug, place.item["slug"]]),
        "ping_url": reverse("item_ping", args=[slug, place.item["slug"]]),
        "ping_reading": kind.category == "lecture",
        "is_preview": False,
        "access": access_to(place.enrolment.run),
    }


def dates(kind, visit: Visit) -> list[dict]:
    """The dates of the item's phases for this learner, in their order."""
    return [
        {
            "label": phase.label,
            "window": window,
            "early": window.early(visit.now),
            "late": window.late(visit.now) and not window.closed(visit.now),
            "closed": window.closed(visit.now),
        }
        for phase in kind.phases
        if (window := visit.windows.get(phase.name)) is not None
    ]


def neighbourhood(outline: dict, index: int, progress: dict, language: str) -> dict:
    """The part of the outline that the player shows around an item, how many items stand before and
    after it, the item itself and its neighbours."""
    count = len(outline["items"])
    first, last = 0, count
    if count > LONGEST_OUTLINE:
        first, last = max(0, index - NEIGHBOURS), min(count, index + NEIGHBOURS + 1)
    entries = {
        n: outline_entry(outline, n, progress, language, current=n == index)
        for n in range(first, last)
    }
    return {
        "outline": list(entries.values()),
        "outline_before": first,
        "outline_after": count - last,
        "item": {**entries[index], "count": count},
        "previous": entries.get(index - 1),
        "next": entries.get(index + 1),
    }


def outline_entry(outline: dict, n: int, progress: dict, language: str, *, current: bool) -> dict:
    """The nth item (from 0) as a line of the outline."""
    entry = outline["items"][n]
    percent, section = progress.get(entry["key"], 0), entry["section"]
    return {
        "n": n + 1,
        "title": in_language(entry["titles"], language),
        "minutes": item_minutes(entry) or entry["declared"],
        "kind": entry["kind"],
        "category": entry["category"],
        "icon": entry["icon"],
        "url": item_address(outline["slug"], entry),
        "current": current,
        "done": percent >= 100,
        "percent": percent,
        "section": None if section is None else in_language(outline["sections"][section], language),
    }


def shown_percent(participation: Participation) -> int:
    return 100 if participation.completed else participation.progress


def strip_index(outline: dict, index: int) -> int | None:
    """The place of an item among the strip's segments (items without minutes have none)."""
    if not item_minutes(outline["items"][index]):
        return None
    return sum(1 for entry in outline["items"][:index] if item_minutes(entry))


def item_address(slug: str, entry: dict) -> str:
    return reverse("item", args=[slug, entry["slug"]])


def course_address(state: CourseState) -> str:
    return reverse("course", args=[state.slug])


def refusal_page(request, place: Place, error: Refused):
    """A refusal that has no screen of its own (a wall, a conflict without a form)."""
    kind = registry.get(place.item["kind"])
    participation = participation_at(place, request.user)
    visit = visit_of(request.user, place, participation)
    context = {**shell(place, visit, kind), "error": error}
    return render(request, "learn/refused.html", context, status=error.status)


def unavailable(request, place: Place):
    """A kind that is not installed or does not work: said in its place, everything else goes on.

    What was sent is kept as a draft, shown, and can be sent again with one press.
    """
    outline, language = place.outline, (get_language() or "th")[:2]
    progress = place.enrolment.progress
    sent = keep_sent(request, place) if request.method == "POST" else []
    around = neighbourhood(outline, place.index, progress, language)
    context = {
        "course": {
            "title": in_language(outline["titles"], language),
            "code": outline["code"],
            "url": course_address(place.state),
        },
        **around,
        "item": {
            **around["item"],
            "method_label": kind_word(place.item["kind"]),
            "category": place.item["category"],
            "completed": progress.get(place.item["key"], 0) >= 100,
        },
        "sent": sent,
        "files_sent": bool(request.FILES),
        "here_url": request.path,
        "segments": strip(outline, place.enrolment.progress),
        "current_index": strip_index(outline, place.index),
    }
    response = render(request, "learn/unavailable.html", context, status=503)
    response["Retry-After"] = "600"
    return response


def keep_sent(request, place: Place) -> list[dict]:
    """What a learner sent to a kind that failed: kept as a draft where the form has a name, and
    returned as fields, so that it can be read and sent again."""
    form = request.POST.get("draft_form", "")
    begun = Participation.objects.filter(seat=place.enrolment.seat, item=place.item["key"]).first()
    if form and begun is not None:
        save_draft(begun, form[:60], typed(request.POST))
    return [
        {"name": name, "value": value, "is_text": name not in PROTOCOL and len(value) > 12}
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]


def no_access(request, error: NoAccess):
    """When the run begins or when it ended, and what there is still to see."""
    enrolment, language = error.enrolment, (get_language() or "th")[:2]
    context = {
        "course": {
            "title": in_language(error.state.served.outline["titles"], language),
            "code": error.state.served.outline["code"],
            "url": course_address(error.state),
        },
        "run_name": enrolment.run.title(language),
        "access": access_to(enrolment.run),
        "certificate_url": certificate_url(enrolment),
    }
    return render(request, "learn/no_access.html", context, status=403)


def not_enrolled(request, state: CourseState):
    language = (get_language() or "th")[:2]
    context = {
        "course": {
            "title": in_language(state.served.outline["titles"], language),
            "code": state.served.outline["code"],
            "url": course_address(state),
        },
        "enrol_url": reverse("enrol", args=[state.slug]),
    }
    return render(request, "learn/not_enrolled.html", context, status=403)


@login_required
@require_GET
def resume(request, course: str):
    """Lead to the exact step where the learner was, or to the first thing that is not done."""
    state, enrolment = place_in(request.user, course)
    if state is None:
        raise Http404(gettext("There is no such course on offer."))
    if enrolment is None:
        return not_enrolled(request, state)
    if not access_to(enrolment.run).may_open:
        return no_access(request, NoAccess(state, enrolment))
    outline = state.served.outline
    entries = {entry["key"]: entry for entry in outline["items"]}
    last = entries.get(str(enrolment.last_item))
    if last is not None and enrolment.progress.get(last["key"], 0) < 100:
        if enrolment.last_step:
            return redirect("item_step", outline["slug"], last["slug"], enrolment.last_step)
        return redirect("item", outline["slug"], last["slug"])
    target = next_item(outline, enrolment.progress) or outline["items"][0]
    return redirect("item", outline["slug"], target["slug"])


@require_GET
def item_by_key(request, key):
    """From an item's page address (a link in an e-mail, the admin's “view live”) into the player."""
    states = served().filter(served__items__version__item=key)
    state = states.order_by(F("current").desc(nulls_last=True), "-served").first()
    if state is None:
        raise Http404
    entry = next(entry for entry in state.served.outline["items"] if entry["key"] == str(key))
    step = request.GET.get("step", "")
    if STEP.fullmatch(step):
        return redirect("item_step", state.slug, entry["slug"], step)
    return redirect("item", state.slug, entry["slug"])


@require_GET
def course_by_slug(request, course: str):
    """The course's public page, whatever the address of its catalogue is; who is enrolled in a course
    that has been withdrawn finds it here."""
    state, enrolment = place_in(request.user, course)
    if state is None or state.closed:
        return closed_course(request, state, enrolment, course)
    return redirect(f"{catalogue_url()}{course}/")


@require_POST
def item_ping(request, course: str, item: str):
    """A sign of life from a visible tab. Answers 204, 403 when the session has ended."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    try:
        place = find(request, course, item)
    except (Http404, NotEnrolled, NoAccess):
        return HttpResponse(status=404)
    ping(place.enrolment.seat, place.item["key"], timezone.now())
    return HttpResponse(status=204)


@require_POST
def item_draft(request, course: str, item: str):
    """Keep what is being typed. JSON: {saved_at} or {error}."""
    if not request.user.is_authenticated:
        return JsonResponse(
            {"error": _("Your session has ended. Sign in again: your text is kept.")}, status=403
        )
    try:
        place = find(request, course, item)
    except (Http404, NotEnrolled, NoAccess):
        return JsonResponse({"error": _("There is no such page.")}, status=404)
    form = request.POST.get("draft_form", "")
    if not form or sum(len(str(value)) for value in request.POST.values()) > LONGEST_DRAFT:
        return JsonResponse({"error": _("This is too long to be kept as a draft.")}, status=422)
    participation = participation_at(place, request.user)
    draft = save_draft(participation, form[:60], typed(request.POST))
    return JsonResponse({"saved_at": timezone.localtime(draft.saved_at).strftime("%H.%M")})
