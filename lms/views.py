"""Pages about the site itself: health and errors."""

import json
import logging
import posixpath
import sys
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import render
from django.template import loader
from django.utils.translation import get_language, get_language_from_request, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET
from django.views.static import serve

from courses.enrolment import kept

from .database import is_away

logger = logging.getLogger("sala.site")

# Everything else among the files has a page of its own that asks who wants it.
PICTURES = ("images/", "original_images/")
# Seconds after which it is worth to ask a database again.
TRY_AGAIN = 15
A_YEAR = 365 * 24 * 3600

# What the scripts say of a text that is being typed. Not in every page: the browser keeps it.
WORDS = {
    "remaining": _("{n} more to go"),
    "saving": _("Saving the draft…"),
    "saved": _("Draft saved at {time}"),
    "unsaved": _("The draft is not saved yet; trying again. What you have typed is still here."),
    "ended": _("Your session has ended. Sign in again: your text is kept."),
    "waiting": _(
        "Not sent yet – trying again. You may go on; the text stays on this device until it is sent."
    ),
    "sent": _("What was waiting has been sent."),
    "unsent": _("Something could not be sent as it is. Open the form: your text is in it."),
    "files": _(
        "Without a connection no file can be sent. Press again when you are connected; your text is kept."
    ),
    "found": _(
        "On this device there is another text that you typed at {time} and that was not sent."
    ),
    "use": _("Put it into the form"),
}


@never_cache
def health(request):
    """200 when the database answers; what a container's health check asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@cache
def words_in(language: str) -> tuple[str, str]:
    """(JSON, digest) of the scripts' sentences in the language that is active, which is `language`."""
    text = json.dumps({name: str(words) for name, words in WORDS.items()}, ensure_ascii=False)
    return text, sha256(text.encode()).hexdigest()[:12]


@require_GET
@cache_control(public=True, max_age=A_YEAR, immutable=True)
def words(request, digest: str):
    """{name: sentence} for the scripts; its address changes when a sentence does."""
    text, _digest = words_in(get_language())
    return HttpResponse(text, content_type="application/json")


def picture(request, path: str):
    """A picture of a course; of other files nobody learns whether they are there."""
    if not posixpath.normpath(path).startswith(PICTURES):
        raise Http404
    return serve(request, path, document_root=settings.MEDIA_ROOT)


def permission_denied(request, exception=None):
    return render(request, "403.html", status=403)


def page_not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    """500; or 503 while the database is away, with what was typed. Nothing here may need the database.

    Django calls this while it handles the exception.
    """
    error = sys.exc_info()[1]
    if not is_away(error):
        return defaults.server_error(request)
    logger.error("The database does not answer: %s", error)
    with override(get_language_from_request(request, check_path=True)):
        if request.path.startswith("/api/") or not request.accepts("text/html"):
            said = gettext(
                "The site cannot reach its database at the moment. Try again in a minute."
            )
            response = JsonResponse({"detail": said}, status=503)
        else:
            page = loader.render_to_string("database_away.html", {"texts": typed_in(request)})
            response = HttpResponse(page, status=503)
    response["Retry-After"] = str(TRY_AGAIN)
    response["Cache-Control"] = "no-store"
    return response


def typed_in(request) -> list[str]:
    """What somebody wrote in the form that was sent, if it can be read."""
    try:
        return kept.texts_in(request.POST)
    except (OSError, RawPostDataException):
        return []


def csrf_failure(request, reason=""):
    """The session ended or cookies are off: say so, and how to go on.

    What one of our own pages sent is kept where it belongs to an item, and shown to be copied. What
    comes from elsewhere, or from nowhere, is not repeated.
    """
    origin = f"{request.scheme}://{request.get_host()}"
    if request.headers.get("origin") == origin:
        match = request.resolver_match
        if match is not None and match.url_name in ("item", "item_step"):
            return kept.ended(request, match.kwargs["course"], match.kwargs["item"])
        if kept.texts_in(request.POST):
            return kept.ended_page(request)
    return render(request, "403_csrf.html", status=403)
