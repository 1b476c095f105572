"""What people are told about messages and announcements. Never what is written in them."""

from django.utils.translation import gettext_lazy as _

from activities.core.notices import Notice, register

MESSAGE = Notice(
    "run_message",
    _("An instructor writes to me"),
    _("%(who)s wrote to you about “%(course)s”."),
    subject="messages",
)
ANSWER = Notice(
    "run_answer",
    _("A learner of a run of mine writes to me"),
    _("%(who)s wrote to you about “%(course)s”."),
    subject="teaching",
)
ANNOUNCED = Notice(
    "run_announced",
    _("Announcements of my courses"),
    _("There is an announcement for “%(course)s”: %(title)s"),
    subject="messages",
)
register(MESSAGE, ANSWER, ANNOUNCED)
