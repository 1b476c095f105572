"""What the desk's first page says of messages and meetings: both in one query over all runs."""

from django.db.models import Count, IntegerField, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Meeting, Message

UNREAD, NOT_CALLED = 0, 1


def waiting(runs, now=None) -> list[dict]:
    """What learners wrote and nobody has read, and meetings that are over without a roll call."""
    now = now or timezone.now()
    keys = runs.order_by().values("pk")
    unread = Message.objects.filter(run__in=keys, by_staff=False, read_at__isnull=True)
    # Rows of attendance are outer-joined, so each meeting without one is there once.
    not_called = Meeting.objects.filter(run__in=keys, ends_at__lte=now, attendances__isnull=True)
    said = {
        UNREAD: (_("Messages of learners"), "teach_messages"),
        NOT_CALLED: (_("Meetings without a roll call"), "teach_meetings"),
    }
    rows = counted(unread, UNREAD).union(counted(not_called, NOT_CALLED), all=True)
    return [
        {"cohort": key, "text": said[what][0], "count": n, "place": 0, "route": said[what][1]}
        for key, what, n in rows
    ]


def counted(query, what: int):
    marked = Value(what, output_field=IntegerField())
    return query.order_by().values_list("run__key", marked).annotate(n=Count("pk"))
