"""What somebody sent after their session had ended: kept for them until they have signed in again.

Who wrote it is known from a signed cookie that the player leaves, so that on a shared computer a text
goes back to its writer only. It waits in this browser's session, for a day at most.
"""

from datetime import datetime, timedelta
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import ngettext

from activities.core.models import Draft
from activities.core.record import save_draft

COOKIE, SALT = "sala_writer", "sala.writer"
IN_SESSION = "kept_texts"
KEPT_FOR = timedelta(days=1)
MOST_TEXTS = 5
LONGEST_TEXT = 60_000
# Shorter values are choices and numbers; whoever reads the page has no use for them.
LEAST_SHOWN = 12
# Fields of every form that nobody has typed.
PROTOCOL = frozenset(("csrfmiddlewaretoken", "action", "draft_form", "key"))


def writer_of(user) -> str:
    """A name for somebody that says nothing about them and cannot be guessed; "" for visitors."""
    if not user.is_authenticated:
        return ""
    return salted_hmac(SALT, str(user.pk)).hexdigest()[:24]


def keeps_text(view):
    """For a view of an item: people sign in first, and what they had typed is not lost by it."""

    @wraps(view)
    def guarded(request, course: str, item: str, step: str = ""):
        if not request.user.is_authenticated:
            if request.method == "POST":
                return ended(request, course, item)
            return redirect_to_login(request.get_full_path())
        response = view(request, course, item, step)
        leave_cookie(request, response)
        return response

    return guarded


def leave_cookie(request, response) -> None:
    """Note in the browser who writes here, if that is news."""
    writer = writer_of(request.user)
    if writer and writer != cookie_of(request):
        response.set_signed_cookie(
            COOKIE,
            writer,
            salt=SALT,
            max_age=settings.SESSION_COOKIE_AGE,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def cookie_of(request) -> str:
    return request.get_signed_cookie(
        COOKIE, default="", salt=SALT, max_age=settings.SESSION_COOKIE_AGE
    )


def typed(data) -> dict:
    """The fields of a form without what belongs to the protocol. Lists stay lists."""
    return {
        name: values[0] if len(values) == 1 else values
        for name, values in data.lists()
        if name not in PROTOCOL
    }


def texts_in(data) -> list[str]:
    """What somebody wrote in a form, to be shown to them once more. Never a password."""
    return [
        value
        for name, values in data.lists()
        if name not in PROTOCOL and "password" not in name
        for value in values
        if len(value) > LEAST_SHOWN
    ]


def ended(request, course: str, item: str):
    """403: the session has ended. The text is kept, and shown so that it can be copied at worst."""
    if request.user.is_authenticated:
        kept = give_back(request.user, [entry_of(request, course, item)]) > 0
    else:
        kept = keep(request, course, item)
    return ended_page(request, kept=kept)


def ended_page(request, *, kept: bool = False):
    context = {
        "kept": kept,
        "texts": texts_in(request.POST),
        "files_sent": bool(request.FILES),
        "here": request.get_full_path(),
    }
    return render(request, "learn/session_ended.html", context, status=403)


def entry_of(request, course: str, item: str) -> dict:
    return {
        "writer": writer_of(request.user) or cookie_of(request),
        "course": course,
        "item": item,
        "form": request.POST.get("draft_form", "")[:60],
        "data": typed(request.POST),
        "at": timezone.now().isoformat(),
    }


def keep(request, course: str, item: str) -> bool:
    """Put a text aside in this browser's session. Returns whether that was possible."""
    entry = entry_of(request, course, item)
    size = sum(len(str(value)) for value in entry["data"].values())
    if not entry["writer"] or not entry["form"] or size > LONGEST_TEXT:
        return False
    place = (entry["course"], entry["item"], entry["form"])
    others = [
        other
        for other in request.session.get(IN_SESSION, [])
        if (other["course"], other["item"], other["form"]) != place
    ]
    request.session[IN_SESSION] = [*others, entry][-MOST_TEXTS:]
    request.session.set_expiry(KEPT_FOR)
    return True


def after_signing_in(sender, request, user, **kwargs) -> None:
    """A receiver: what this person had written in this browser is in its forms again."""
    session = getattr(request, "session", None)
    entries = session.pop(IN_SESSION, []) if session is not None else []
    if not entries:
        return
    session.set_expiry(None)
    count = give_back(user, entries)
    if count:
        text = ngettext(
            "What you had written is in its form again. It has not been sent yet.",
            "The %(count)s texts that you had written are in their forms again. They have not been "
            "sent yet.",
            count,
        ) % {"count": count}
        messages.info(request, text, fail_silently=True)


def give_back(user, entries: list[dict]) -> int:
    """Make drafts of these texts where they are this person's; returns of how many. A draft that was
    saved later stays."""
    # The player uses this module.
    from .player import NoAccess, NotEnrolled, find_for, participation_at

    now, count = timezone.now(), 0
    for entry in entries:
        at = datetime.fromisoformat(entry["at"])
        mine = constant_time_compare(entry["writer"], writer_of(user))
        if not mine or not entry["form"] or now - at > KEPT_FOR:
            continue
        try:
            place = find_for(user, entry["course"], entry["item"])
        except (Http404, NotEnrolled, NoAccess):
            continue
        participation = participation_at(place, user)
        newer = Draft.objects.filter(
            seat=participation.seat,
            item=participation.item,
            form=entry["form"],
            saved_at__gt=at,
        )
        if not newer.exists():
            save_draft(participation, entry["form"], entry["data"])
            count += 1
    return count
