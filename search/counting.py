"""What is searched for: counted for the site without people, remembered for each person alone."""

import logging
import re
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import F, Window
from django.db.models.functions import RowNumber
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
    rows = QueryCount.objects.filter(day=day, query=query, language=language)
    nothing = int(not results.total)
    try:
        if not rows.update(searches=F("searches") + 1, nothing=F("nothing") + nothing):
            # Somebody else's first one at this moment would go uncounted: figures, not accounts.
            first = QueryCount(day=day, query=query, language=language, searches=1, nothing=nothing)
            QueryCount.objects.bulk_create([first], ignore_conflicts=True)
        if user.is_authenticated:
            remember(user, " ".join(results.question.typed.split())[:LONGEST])
    except DatabaseError:
        logger.exception("Could not count a search")


def remember(user, query: str) -> None:
    """One query: what is older than the newest ten is forgotten when they are shown, or by `purge`."""
    RecentSearch.objects.bulk_create(
        [RecentSearch(user=user, query=query, searched_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["user", "query"],
        update_fields=["searched_at"],
    )


def recent(user) -> list[str]:
    """What a person searched for last, newest first."""
    if not user.is_authenticated:
        return []
    rows = RecentSearch.objects.filter(user=user).order_by("-searched_at", "-pk")
    found = list(rows.values_list("pk", "query")[: REMEMBERED + 1])
    if len(found) > REMEMBERED:
        rows.exclude(pk__in=[pk for pk, _query in found[:REMEMBERED]]).delete()
    return [query for _pk, query in found[:REMEMBERED]]


def purge() -> None:
    """Forget the counts of days long past, and what people searched for before their newest ten."""
    place = Window(
        RowNumber(), partition_by=F("user"), order_by=[F("searched_at").desc(), F("pk").desc()]
    )
    old = RecentSearch.objects.annotate(place=place).filter(place__gt=REMEMBERED)
    RecentSearch.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    QueryCount.objects.filter(day__lt=timezone.localdate() - timedelta(days=KEPT_DAYS)).delete()


def forget(user) -> None:
    RecentSearch.objects.filter(user=user).delete()
