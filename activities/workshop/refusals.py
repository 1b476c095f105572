"""Refusals that many places need."""

from django.utils.translation import gettext as _

from activities.core.errors import Refused


def not_found() -> Refused:
    return Refused(_("There is no such page."), code="not_found", status=404)


def conflict(message: str, code: str) -> Refused:
    return Refused(message, code=code, status=409)


def sent_already() -> Refused:
    return conflict(
        _("Your work has been sent already. What you wrote just now is kept as a draft."), "sent"
    )


def unknown_action() -> Refused:
    return Refused(_("Sala does not know this action."), code="unknown_action", status=400)
