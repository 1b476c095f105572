"""Grades and rules in words, for pages and exports."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from . import reckon
from .scheme import LETTERS, PASS, PENDING, PERCENT, ZERO, Scheme

SCALES = (
    (PERCENT, gettext_lazy("0 to 100")),
    (PASS, gettext_lazy("Pass or fail")),
    (LETTERS, gettext_lazy("Letters, A to F")),
)
MISSING = (
    (PENDING, gettext_lazy("Left out until it has a score")),
    (ZERO, gettext_lazy("Counts as 0 once the item is closed for the learner")),
)


def part(code: str) -> str:
    """How an item went into the grade."""
    return {
        reckon.COUNTED: "",
        reckon.CLOSED: _("closed without a score: counts as 0"),
        reckon.PENDING: _("no score yet"),
        reckon.EXCUSED: _("excused: reckoned without it"),
        reckon.DROPPED: _("lowest of its category: left out"),
        reckon.LEFT_OUT: _("does not count towards the grade"),
    }.get(code, "")


def mark(scheme: Scheme, value: Decimal | None) -> str:
    """The grade on its scale: a letter, passed or not, or nothing for a plain number."""
    found = reckon.mark(scheme, value)
    if found == "pass":
        return pgettext("grade", "pass")
    if found == "fail":
        return pgettext("grade", "fail")
    return found


def category_name(category, language: str) -> str:
    return category.names.get(language) or next(iter(category.names.values()), category.key)
