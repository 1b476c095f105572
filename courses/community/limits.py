"""How often a form may be sent: kept here where what was typed must stay on the page. Reading is
limited by the site's own table of limits."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied


def caller(request) -> str:
    """Where a request comes from; behind proxies we trust, the address that they saw."""
    try:
        return get_adapter(request).get_client_ip(request)
    except PermissionDenied:  # it did not come through the proxies
        return request.META.get("REMOTE_ADDR", "")


def too_often(what: str, who: str, most: int, seconds: int) -> bool:
    """Count one more of `what` by `who` in this span of time; whether that is more than `most`."""
    key = f"limit:{what}:{who}"
    if cache.add(key, 1, timeout=seconds):
        return False
    try:
        return cache.incr(key) > most
    except ValueError:  # the time ended between the two lines above
        return False
