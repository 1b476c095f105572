"""When a course is complete, and why it is not yet.

A course is complete when every required item is done (or excused), each item with a pass mark has
reached it, and the grade has reached the course's pass mark.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core.enums import State
from activities.core.models import Participation
from courses.enrolment.models import Enrolment
from courses.enrolment.progress import other_reasons
from courses.releases.delivery import in_language

from . import grading
from .models import Grade, scheme_of
from .reckon import shown
from .scheme import Scheme, scored

ITEM, ITEM_MARK, COURSE_MARK = "item", "item_mark", "course_mark"


@dataclass(frozen=True)
class Missing:
    """One thing that stands between somebody and the end of the course."""

    what: str
    item: str | None = None
    percent: int = 0
    value: Decimal | None = None
    least: Decimal | None = None


def marks_missing(
    scheme: Scheme, outline: dict, grade: Grade, value: Decimal | None
) -> list[Missing]:
    """Pass marks that are not reached. Who is excused from an item needs no pass mark in it."""
    found = []
    for entry in scored(outline):
        least = scheme.of(entry["key"]).pass_mark
        if least is None:
            continue
        score = grading.score_in(grade, entry["key"])
        if score.value is None and score.excused:
            continue
        if score.value is None or score.value < least:
            found.append(Missing(ITEM_MARK, entry["key"], value=score.value, least=least))
    if scheme.pass_mark is not None and (value is None or value < scheme.pass_mark):
        found.append(Missing(COURSE_MARK, value=value, least=scheme.pass_mark))
    return found


def missing(enrolment: Enrolment, outline: dict, scheme: Scheme, grade: Grade) -> list[Missing]:
    """All that is missing, in the order of the course."""
    found = [
        Missing(ITEM, entry["key"], percent=enrolment.progress.get(entry["key"], 0))
        for entry in outline["items"]
        if entry["required"] and enrolment.progress.get(entry["key"], 0) < 100
    ]
    return found + marks_missing(scheme, outline, grade, grade.value)


class CompletionRule:
    """What `courses.enrolment.progress` asks: this app stands above it."""

    def note(self, enrolment, participation, release) -> None:
        grading.note(enrolment, participation, release)

    def rebuild(self, enrolment, release) -> None:
        grading.rebuild(enrolment, release)

    def holds(self, enrolment, release) -> bool:
        scheme = scheme_of(enrolment.run)
        if not scheme.asks_for_marks:
            return True
        grade = grading.grade_of(enrolment)
        if grade.pk is None:
            grading.regrade(enrolment, grade, scheme, release.outline)
        return not marks_missing(scheme, release.outline, grade, grade.value)


# -- in words -----------------------------------------------------------------------------------


def sentences(
    enrolment: Enrolment, outline: dict, found: list[Missing], language: str
) -> list[dict]:
    """[{title, text, url, icon}] of what is missing, for the learner and for who teaches. One query."""
    entries = {entry["key"]: entry for entry in outline["items"]}
    states = getattr(enrolment, "item_states", None)
    if states is None and any(row.what == ITEM for row in found):
        states = {
            str(item): state
            for item, state in Participation.objects.filter(seat=enrolment.seat).values_list(
                "item", "state"
            )
        }
    rows = []
    for row in found:
        entry = entries.get(row.item)
        rows.append(
            {
                "title": in_language(entry["titles"], language) if entry else _("The whole course"),
                "text": sentence(row, (states or {}).get(row.item)),
                "url": reverse("item", args=[outline["slug"], entry["slug"]]) if entry else "",
                "icon": entry["icon"] if entry else "certificate",
            }
        )
    return rows


def sentence(row: Missing, state: str | None) -> str:
    if row.what == ITEM:
        if state == State.WAITING:
            return _("You have done your part; this waits for others.")
        if state == State.NEEDS_ATTENTION:
            return _("This needs your attention before it is complete.")
        if row.percent:
            return _("%(percent)d %% done. It is required.") % {"percent": row.percent}
        return _("Not begun yet. It is required.")
    least = shown(row.least)
    if row.what == ITEM_MARK:
        if row.value is None:
            return _("There is no score yet; at least %(least)s is needed.") % {"least": least}
        return _("The score is %(value)s; at least %(least)s is needed.") % {
            "value": shown(row.value),
            "least": least,
        }
    if row.value is None:
        return _("There is no grade yet; at least %(least)s is needed.") % {"least": least}
    return _("The grade is %(value)s; at least %(least)s is needed.") % {
        "value": shown(row.value),
        "least": least,
    }


def why_not(enrolment: Enrolment, outline: dict, language: str) -> list[dict]:
    """Why a course is not complete yet; empty when it is."""
    if enrolment.completed_at is not None:
        return []
    scheme, grade = scheme_of(enrolment.run), grading.grade_of(enrolment)
    closed = grading.Closed(scheme, enrolment.run, [enrolment.seat], timezone.now())
    if not grade.is_set:
        grade.value = grading.reckon_for(scheme, outline, grade, closed.of(enrolment.seat)).value
    rows = sentences(enrolment, outline, missing(enrolment, outline, scheme, grade), language)
    return rows + other_reasons(enrolment, language)
