"""What the desk's first page says of messages and meetings."""

from django.utils.translation import gettext as _

from courses.enrolment.teach_needs import Waiting

from .models import Meeting, Message


def waiting(runs, now) -> list[Waiting]:
    """What learners wrote and nobody has read, and meetings that are over without a roll call."""
    unread = Message.objects.filter(run__in=runs, by_staff=False, read_at__isnull=True)
    # Rows of attendance are outer-joined, so each meeting without one is there once.
    not_called = Meeting.objects.filter(run__in=runs, ends_at__lte=now, attendances__isnull=True)
    return [
        Waiting(_("Messages of learners"), unread, "teach_messages"),
        Waiting(_("Meetings without a roll call"), not_called, "teach_meetings"),
    ]
