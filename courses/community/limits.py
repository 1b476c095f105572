"""How often something may be done from one place: what a person never reaches."""

from django.core.cache import cache
from django.shortcuts import render


def too_often(what: str, who: str, most: int, seconds: int) -> bool:
    """Count one more of `what` by `who` in this span of time; whether that is more than `most`."""
    key = f"limit:{what}:{who}"
    if cache.add(key, 1, timeout=seconds):
        return False
    try:
        return cache.incr(key) > most
    except ValueError:  # the time ended between the two lines above
        return False


def slow_down(request, seconds: int):
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(seconds)
    return response
