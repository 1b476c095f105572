"""How often something may be done: one table of limits for the whole site.

Counted in the database, so that two processes count together and a Redis that is away changes
nothing. A window begins with the first request and ends after its seconds.
"""

import hashlib
import ipaddress
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import RateCount

logger = logging.getLogger("sala.limits")


def address_of(request) -> str:
    """Where a request comes from; behind proxies we trust, the address that they saw. Of an IPv6
    address the network: one household has billions of them."""
    try:
        raw = get_adapter(request).get_client_ip(request)
    except PermissionDenied:  # it did not come through the proxies
        raw = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(raw)
    except ValueError:
        return raw
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
    return str(address)


def person_or_address(request) -> str:
    user = request.user
    return f"person:{user.pk}" if user.is_authenticated else address_of(request)


def typed(name: str) -> Callable:
    """Counts by what was typed into a field, such as the address of an account."""

    def key(request) -> str:
        return request.POST.get(name, "").strip().lower()

    return key


@dataclass(frozen=True)
class Limit:
    """At most `amount` in `seconds`, counted by `by(request)`; "" is not counted."""

    amount: int
    seconds: int
    by: Callable = address_of
    methods: tuple[str, ...] = ("POST",)


READING = ("GET", "HEAD", "POST")
EXPORT = (Limit(20, 60, person_or_address, READING),)
# Every export is named so; a new one is limited without a line here.
EXPORT_NAME = re.compile(r"(^|_)(csv|xlsx|export|pdf|ics|download)$")

# Route: its limits. What concerns passwords is counted in `adapter` too, by account.
LIMITS: dict[str, tuple[Limit, ...]] = {
    "account_login": (Limit(60, 60),),
    "account_signup": (Limit(20, 60),),
    "account_reset_password": (Limit(20, 60), Limit(5, 60, typed("email"))),
    "account_reset_password_from_key": (Limit(20, 60),),
    "account_change_password": (Limit(5, 60, person_or_address),),
    "account_email": (Limit(10, 60, person_or_address),),
    "account_reauthenticate": (Limit(10, 60, person_or_address),),
    "account_erase": (Limit(5, 300, person_or_address),),
    "certificate_verify": (Limit(30, 60, address_of, READING),),
    "transcript_verify": (Limit(30, 60, address_of, READING),),
    "badge_credential": (Limit(30, 60, address_of, READING),),
    "calendar_feed": (Limit(60, 60, address_of, READING),),
    "api-v1:search": (Limit(60, 60, person_or_address, READING),),
}


# In SQL: the window that is kept says nothing about now. Processes that count at the same moment may be
# out of order by a little, so it has to lie ahead by a whole window.
OVER = "old.ends_at <= excluded.started_at OR old.started_at > excluded.ends_at"


def limits_of(route: str) -> tuple[Limit, ...]:
    found = LIMITS.get(route)
    if found is None and EXPORT_NAME.search(route):
        return EXPORT
    return found or ()


def digest(scope: str, key: str) -> str:
    """Keys may be addresses of people: the table holds none."""
    return hashlib.sha256(f"{scope}\x00{key}".encode()).hexdigest()


def spend(scope: str, key: str, amount: int, seconds: int) -> int:
    """Count one more. Returns 0 when it is allowed, else after how many seconds to try again.

    One statement, so that two processes never both take the last one. A window that has not begun yet
    was opened by a clock that was wrong, and is closed.
    """
    now = timezone.now()
    ends = now + timedelta(seconds=seconds)
    table = connection.ops.quote_name(RateCount._meta.db_table)
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            # The table's own name is the only thing put into the text.
            f"INSERT INTO {table} AS old (key, count, started_at, ends_at) VALUES (%s, 1, %s, %s) "  # noqa: S608
            "ON CONFLICT (key) DO UPDATE SET "
            f"count = CASE WHEN {OVER} THEN 1 ELSE old.count + 1 END, "
            f"started_at = CASE WHEN {OVER} THEN excluded.started_at ELSE old.started_at END, "
            f"ends_at = CASE WHEN {OVER} THEN excluded.ends_at ELSE old.ends_at END "
            "RETURNING count",
            [digest(scope, key), adapt(now), adapt(ends)],
        )
        (count,) = cursor.fetchone()
    if count <= amount:
        return 0
    ends = RateCount.objects.values_list("ends_at", flat=True).get(pk=digest(scope, key))
    return max(1, round((ends - now).total_seconds()))


def give_back(scope: str, key: str) -> None:
    """Take one count back: what was done turned out to be in order."""
    from django.db.models import F

    RateCount.objects.filter(pk=digest(scope, key), count__gt=0).update(count=F("count") - 1)


def purge() -> int:
    """Forget the windows that have ended."""
    return RateCount.objects.filter(ends_at__lt=timezone.now()).delete()[0]


class RateLimits:
    """Answers 429 with Retry-After when a limit of the route is spent, before the view does anything."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        route = request.resolver_match.view_name
        for n, limit in enumerate(limits_of(route)):
            if request.method not in limit.methods:
                continue
            key = limit.by(request)
            if not key:
                continue
            wait = spend(f"{route}/{n}", key, limit.amount, limit.seconds)
            if wait:
                logger.warning("Too many requests: %s", route)
                return too_many(request, wait)
        return None


def too_many(request, seconds: int):
    if request.path.startswith("/api/"):
        response = JsonResponse(
            {
                "detail": _("Too many requests. Try again in %(seconds)d seconds.")
                % {"seconds": seconds}
            },
            status=429,
        )
    else:
        response = render(request, "429.html", status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response
