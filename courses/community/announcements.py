"""What the site tells people now: for everybody, for an agency, for a target group."""

from collections.abc import Callable

from django.core.cache import cache
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from courses.enrolment.rules import agencies_of

from .models import Announcement, PutAway

# Every page of learners asks; what is shown changes a few times a month.
KEPT_SECONDS = 60
CURRENT = "announcements:current"
MOST = 5


def _no_groups(user) -> frozenset[str]:
    return frozenset()


_groups_of: Callable = _no_groups


def register_target_groups(function: Callable) -> None:
    """The site says to which target groups (their keys) somebody belongs."""
    global _groups_of
    _groups_of = function


def lately(now) -> list[Announcement]:
    """What is not over yet, the most pressing first; kept for a minute, so times are compared anew."""
    found = cache.get(CURRENT)
    if found is None:
        found = list(
            Announcement.objects.filter(Q(shown_until__isnull=True) | Q(shown_until__gt=now))
            .select_related("target_group")
            .order_by("-shown_from", "-pk")
        )
        cache.set(CURRENT, found, KEPT_SECONDS)
    return found


def forget(**kwargs) -> None:
    """Announcements have changed."""
    cache.delete(CURRENT)


def is_for(announcement: Announcement, user) -> bool:
    """Whether somebody belongs to those for whom an announcement is."""
    if announcement.agency is None and announcement.target_group is None:
        return True
    if not user.is_authenticated:
        return False
    if announcement.agency is not None and announcement.agency not in agencies_of(user):
        return False
    group = announcement.target_group
    return group is None or group.key in _groups_of(user)


def current(user) -> list[Announcement]:
    """What somebody should read now: shown at this moment, for them, not put away."""
    now = timezone.now()
    shown = [
        one
        for one in lately(now)
        if one.shown_from <= now and (one.shown_until is None or now < one.shown_until)
    ]
    mine = [one for one in shown if is_for(one, user)]
    if mine and user.is_authenticated:
        away = set(
            PutAway.objects.filter(
                user=user, announcement__in=[one.pk for one in mine]
            ).values_list("announcement", flat=True)
        )
        mine = [one for one in mine if one.pk not in away or not may_be_put_away(one)]
    order = {Announcement.Level.DANGER: 0, Announcement.Level.WARNING: 1}
    return sorted(mine, key=lambda one: order.get(one.level, 2))[:MOST]


def may_be_put_away(announcement: Announcement) -> bool:
    return announcement.level != Announcement.Level.DANGER


def put_away(user, announcement: Announcement) -> bool:
    """Never show it to this person again. False when it is not theirs or must stay."""
    if not is_for(announcement, user) or not may_be_put_away(announcement):
        return False
    PutAway.objects.bulk_create(
        [PutAway(user=user, announcement=announcement)], ignore_conflicts=True
    )
    return True


def shown(user, language: str) -> list[dict]:
    """Announcements as pages show them."""
    return [
        {
            "pk": one.pk,
            "level": one.level,
            "title": one.title(language),
            "text": one.text(language),
            "lang": one.language_shown(language),
            "link": one.link,
            "until": one.shown_until,
            "away_url": reverse("announcement_away", args=[one.pk])
            if user.is_authenticated and may_be_put_away(one)
            else "",
        }
        for one in current(user)
    ]
