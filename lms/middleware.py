"""States and guarantees that hold for whole groups of pages."""

import errno
import logging

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages

from activities.core import health, registry
from courses.enrolment import kept
from courses.releases.refusals import RuleBroken

logger = logging.getLogger("sala.site")
ADMIN_PREFIX = "/admin/"
AUTHORING_API_PREFIX = "/api/authoring/"


class AtomicAdmin:
    """Every change made in the authoring site happens whole or not at all.

    Django's ATOMIC_REQUESTS would do the same for reads too, and on SQLite a transaction takes
    the write lock at once, so it would make readers wait for one another.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in ("GET", "HEAD") or not request.path.startswith(ADMIN_PREFIX):
            return self.get_response(request)
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def process_exception(self, request, exception):
        """A refusal by the rule, wherever in the authoring site it comes from, is a message."""
        if not isinstance(exception, RuleBroken) or not request.path.startswith(ADMIN_PREFIX):
            return None
        transaction.set_rollback(True)
        for text in exception.texts:
            messages.error(request, text)
        page = request.resolver_match.kwargs.get("page_id") if request.resolver_match else None
        address = (
            reverse("wagtailadmin_pages:edit", args=[page])
            if page
            else reverse("wagtailadmin_home")
        )
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            return JsonResponse({"step": "success", "redirect": address})
        return redirect(address)


class NotAnAuthor:
    """Who is signed in but has no part in the authoring site reads so. The authoring site would send
    them to sign in, and signing in would send them back, for ever."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 302 or not request.path.startswith(ADMIN_PREFIX):
            return response
        to_sign_in = response["Location"].startswith(f"{reverse(settings.WAGTAILADMIN_LOGIN_URL)}?")
        if not to_sign_in or not signed_in(request):
            return response
        return render(request, "403.html", status=403)


class EndedSession:
    """Who sends a text after the session has ended reads it once more, instead of a bare sign-in form
    from which it is gone. Items of courses do more: they keep it (`courses.enrolment.kept`)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != 302 or signed_in(request):
            return response
        login = reverse(settings.LOGIN_URL)
        if response["Location"].startswith(f"{login}?") and request.path != login:
            if kept.texts_in(request.POST):
                return kept.ended_page(request)
        return response


def signed_in(request) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


# Exceptions that are answers, whoever raises them.
ANSWERS = (Http404, PermissionDenied, RuleBroken)


class PluginFailures:
    """A plugin that fails where nothing else catches it (in the form of its own page, in a hook of
    the authoring site) is a notice with status 503 in that one place."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        name = health.culprit(exception)
        if name is None or isinstance(exception, ANSWERS):
            return None
        if not isinstance(exception, registry.KindFailed):  # those are noted already
            health.failed(name, request.resolver_match.view_name or "", exception)
        in_admin = request.path.startswith(ADMIN_PREFIX)
        title = _("This part is temporarily unavailable")
        if in_admin and isinstance(exception, DatabaseError):
            # The transaction is spoilt: nothing more can be read in it, not even for a page.
            transaction.set_rollback(True)
            messages.error(request, f"{title}: {name}")
            return redirect(reverse("wagtailadmin_home"))
        template = "authoring/kinds/failed.html" if in_admin else "kind_failed.html"
        # AtomicAdmin undoes what was written: the status says that it went wrong.
        context = {"name": name, "page_title": title}
        response = render(request, template, context, status=503)
        response["Retry-After"] = "600"
        return response


class FullDisk:
    """Where there is no room for a file, the person reads so, with what was typed; nothing is changed.

    Attachments of learners say it in their own form; this is for whatever else keeps files.
    """

    ERRORS = (errno.ENOSPC, errno.EDQUOT)

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, OSError) or exception.errno not in self.ERRORS:
            return None
        logger.critical("No room for files: %s", exception)
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            answer = _("There is no room for files at the moment. Nothing was changed.")
            response = JsonResponse({"success": False, "error_message": answer}, status=503)
        else:
            # AtomicAdmin undoes what was written: the status says that it went wrong.
            texts = kept.texts_in(request.POST)
            response = render(request, "no_room.html", {"texts": texts}, status=503)
        response["Retry-After"] = "600"
        return response


class Maintenance:
    """With LMS_MAINTENANCE=1 people read that the site is being looked after, and when to return."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.LMS_MAINTENANCE and not request.path.startswith(settings.STATIC_URL):
            response = render(request, "503.html", status=503)
            response["Retry-After"] = "600"
            return response
        return self.get_response(request)


class TokenOnly:
    """Wagtail's API answers programs with a token only: read without one it would show lessons to
    people who are not enrolled."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = request.headers.get("authorization", "").lower().startswith("bearer ")
        if not request.path.startswith(AUTHORING_API_PREFIX) or token:
            return self.get_response(request)
        problem = {
            "type": "about:blank",
            "title": "Unauthorized",
            "status": 401,
            "detail": "Send a token: Authorization: Bearer …",
        }
        response = JsonResponse(problem, status=401, content_type="application/problem+json")
        response["WWW-Authenticate"] = "Bearer"
        return response
