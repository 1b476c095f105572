"""What is searched for: counted for the site without people, remembered for each person alone."""

import logging

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from .models import QueryCount, RecentSearch
from .thai import normalise

logger = logging.getLogger("sala.search")

LONGEST = 100
REMEMBERED = 10


def count(results, user, language: str) -> None:
    """Count a search. Nothing depends on it, so nothing fails with it."""
    if results.question.empty or (results.page and results.page.number > 1):
        return
    query = " ".join(normalise(results.question.typed).split())[:LONGEST]
    try:
        with transaction.atomic():
            row, created = QueryCount.objects.get_or_create(
                day=timezone.localdate(),
                query=query,
                language=language,
                defaults={"searches": 1, "nothing": int(not results.total)},
            )
            if not created:
                QueryCount.objects.filter(pk=row.pk).update(
                    searches=F("searches") + 1, nothing=F("nothing") + int(not results.total)
                )
            if user.is_authenticated:
                remember(user, " ".join(results.question.typed.split())[:LONGEST])
    except DatabaseError:
        logger.exception("Could not count a search")


def remember(user, query: str) -> None:
    RecentSearch.objects.update_or_create(
        user=user, query=query, defaults={"searched_at": timezone.now()}
    )
    kept = RecentSearch.objects.filter(user=user).order_by("-searched_at", "-pk")
    stale = list(kept.values_list("pk", flat=True)[REMEMBERED:])
    if stale:
        RecentSearch.objects.filter(pk__in=stale).delete()


def recent(user) -> list[str]:
    """What a person searched for last, newest first."""
    if not user.is_authenticated:
        return []
    rows = RecentSearch.objects.filter(user=user).order_by("-searched_at", "-pk")
    return list(rows.values_list("query", flat=True)[:REMEMBERED])


def forget(user) -> None:
    RecentSearch.objects.filter(user=user).delete()
