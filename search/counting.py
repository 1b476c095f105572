"""What is searched for: counted for the site without people, remembered for each person alone."""

import logging
import re
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from .models import QueryCount, RecentSearch
from .thai import normalise

logger = logging.getLogger("sala.search")

LONGEST = 100
REMEMBERED = 10
KEPT_DAYS = 400
# Numbers of cards, accounts and telephones, and addresses: somebody typed a person.
PERSONAL = re.compile(r"(?:\d[ -]?){9,}|\S+@\S+")


def count(results, user, language: str) -> None:
    """Count a search. Nothing depends on it, so nothing fails with it."""
    if results.question.empty or (results.page and results.page.number > 1):
        return
    if PERSONAL.search(normalise(results.question.typed)):
        return
    query = " ".join(normalise(results.question.typed).split())[:LONGEST]
    day = timezone.localdate()
    try:
        with transaction.atomic():
            rows = QueryCount.objects.filter(day=day, query=query, language=language)
            nothing = int(not results.total)
            if not rows.update(searches=F("searches") + 1, nothing=F("nothing") + nothing):
                # Somebody else's first one at this moment would go uncounted: figures, not accounts.
                QueryCount.objects.bulk_create(
                    [
                        QueryCount(
                            day=day, query=query, language=language, searches=1, nothing=nothing
                        )
                    ],
                    ignore_conflicts=True,
                )
            if user.is_authenticated:
                remember(user, " ".join(results.question.typed.split())[:LONGEST])
    except DatabaseError:
        logger.exception("Could not count a search")


def remember(user, query: str) -> None:
    RecentSearch.objects.bulk_create(
        [RecentSearch(user=user, query=query, searched_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["user", "query"],
        update_fields=["searched_at"],
    )
    own = RecentSearch.objects.filter(user=user)
    kept = own.order_by("-searched_at", "-pk").values("pk")[:REMEMBERED]
    own.exclude(pk__in=kept).delete()


def recent(user) -> list[str]:
    """What a person searched for last, newest first."""
    if not user.is_authenticated:
        return []
    rows = RecentSearch.objects.filter(user=user).order_by("-searched_at", "-pk")
    return list(rows.values_list("query", flat=True)[:REMEMBERED])


def purge() -> None:
    """Forget the counts of days long past."""
    QueryCount.objects.filter(day__lt=timezone.localdate() - timedelta(days=KEPT_DAYS)).delete()


def forget(user) -> None:
    RecentSearch.objects.filter(user=user).delete()
