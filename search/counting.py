"""What is searched for: counted for the site without people, remembered for each person alone."""

import logging
import re
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from . import afterwards
from .models import QueryCount, RecentSearch
from .thai import normalise, shortened

logger = logging.getLogger("sala.search")

LONGEST = 100
REMEMBERED = 10
KEPT_DAYS = 400
# Each one statement by itself: a transaction around it would be two questions more, and two people who
# are the first to search for something on a day are both counted.
COUNT = (
    'INSERT INTO search_querycount (day, query, language, searches, "nothing") '
    "VALUES (%s, %s, %s, 1, %s) ON CONFLICT (day, query, language) DO UPDATE SET "
    "searches = search_querycount.searches + 1, "
    '"nothing" = search_querycount."nothing" + excluded."nothing"'
)
REMEMBER = (
    "INSERT INTO search_recentsearch (user_id, query, searched_at) VALUES (%s, %s, %s) "
    "ON CONFLICT (user_id, query) DO UPDATE SET searched_at = excluded.searched_at"
)
# Numbers of cards, accounts and telephones, and addresses: somebody typed a person.
PERSONAL = re.compile(r"(?:\d[ -]?){9,}|\S+@\S+")


def count_after(response, results, user, language: str):
    """Count a search once its answer was sent: the person does not wait for a database that is writing.
    Returns the answer."""
    return afterwards.do(response, lambda: count(results, user, language))


def count(results, user, language: str) -> None:
    """Count a search. Nothing depends on it, so nothing fails with it."""
    if results.question.empty or (results.page and results.page.number > 1):
        return
    if PERSONAL.search(normalise(results.question.typed)):
        return
    query = shortened(" ".join(normalise(results.question.typed).split()), LONGEST)
    try:
        with connection.cursor() as cursor:
            day = connection.ops.adapt_datefield_value(timezone.localdate())
            cursor.execute(COUNT, [day, query, language, int(not results.total)])
        if user.is_authenticated:
            remember(user, shortened(" ".join(results.question.typed.split()), LONGEST))
    except DatabaseError:
        logger.exception("Could not count a search")


def remember(user, query: str) -> None:
    """One statement: what is older than the newest ten is forgotten when they are shown, or by `purge`."""
    with connection.cursor() as cursor:
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        cursor.execute(REMEMBER, [user.pk, query, now])


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
