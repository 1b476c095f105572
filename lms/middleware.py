"""States and guarantees that hold for whole groups of pages."""

from django.conf import settings
from django.db import transaction
from django.shortcuts import render

ADMIN_PREFIX = "/admin/"


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
