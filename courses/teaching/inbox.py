"""What learners wrote and nobody has read yet, for the desk."""

from django.db.models import Count
from django.utils.translation import gettext as _

from .models import Message


def unread(runs) -> list[dict]:
    """One query over all these runs."""
    rows = (
        Message.objects.filter(
            run__in=runs.order_by().values("pk"), by_staff=False, read_at__isnull=True
        )
        .order_by()
        .values_list("run__key")
        .annotate(n=Count("pk"))
    )
    return [
        {
            "cohort": key,
            "text": _("Messages of learners"),
            "count": n,
            "place": 0,
            "route": "teach_messages",
        }
        for key, n in rows
    ]
