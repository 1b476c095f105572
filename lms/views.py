"""Pages about the site itself: health and errors."""

import posixpath

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.static import serve

from courses.enrolment import kept

# Everything else among the files has a page of its own that asks who wants it.
PICTURES = ("images/", "original_images/")


@never_cache
def health(request):
    """200 when the database answers; what a container's health check asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def picture(request, path: str):
    """A picture of a course; of other files nobody learns whether they are there."""
    if not posixpath.normpath(path).startswith(PICTURES):
        raise Http404
    return serve(request, path, document_root=settings.MEDIA_ROOT)


def permission_denied(request, exception=None):
    return render(request, "403.html", status=403)


def page_not_found(request, exception=None):
    return render(request, "404.html", status=404)


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
