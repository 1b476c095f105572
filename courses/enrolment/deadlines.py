"""What somebody has to do by when: the dates of their cohorts, with the extensions they were given."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from activities.core import registry
from activities.core.models import Decision, PhaseDates
from activities.core.pacing import Window, extended, window
from courses.releases.delivery import in_language

from .access import access_to
from .models import CourseRun

SOON = timedelta(days=7)

# {(seat, item): [windows in the order of the kind's phases]}
Windows = dict[tuple[UUID, UUID], list[Window]]


@dataclass(frozen=True)
class Deadline:
    """Something to do by `when`. `key` stays the same when the date moves."""

    key: str
    when: datetime
    title: str
    what: str
    course_title: str
    course_code: str
    url: str
    extended: bool = False
    late: bool = False
    ends: datetime | None = None
    place: str = ""


_sources: list = []


def register_source(function) -> None:
    """Apps above this one add dates: `function(pairs, language, now, since, until)` gives `Deadline`s
    for the pairs that `deadlines` gets. One query."""
    _sources.append(function)


def windows_of_all(enrolments) -> Windows:
    """The dates of all the cohorts that somebody learns in. At most two queries, none without a
    cohort."""
    seats = {e.run.key: e.seat for e in enrolments if e.run.pacing == CourseRun.Pacing.COHORT}
    rows = list(PhaseDates.objects.filter(cohort__in=list(seats))) if seats else []
    if not rows:
        return {}
    until = {
        (seat, item): more
        for seat, item, more in Decision.objects.filter(
            seat__in=list(seats.values()),
            kind=Decision.Kind.EXTENSION,
            taken_back_at__isnull=True,
        ).values_list("seat", "item", "until")
    }
    found: Windows = {}
    for row in rows:
        place = (seats[row.cohort], row.item)
        found.setdefault(place, []).append(extended(window(row), until.get(place)))
    return found


def next_moment(found: Window, now: datetime) -> tuple[datetime | None, bool]:
    """(when something must be done in this phase, whether its due date has passed already)"""
    if found.due_at is not None and now < found.due_at:
        return found.due_at, False
    if found.closes_at is not None and now < found.closes_at:
        return found.closes_at, found.due_at is not None
    return None, False


def due_next(windows: Windows, seat: UUID, item: str, now: datetime) -> datetime | None:
    """The next date of an item for this learner; None when there is none."""
    moments = [next_moment(found, now)[0] for found in windows.get((seat, UUID(item)), [])]
    return min((moment for moment in moments if moment), default=None)


def deadlines(
    pairs: list,
    windows: Windows,
    language: str,
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Deadline]:
    """What is to be done in (enrolment, state) pairs, the nearest first; what is done is left out.

    Without `since` only what lies ahead, a date that has passed giving way to the moment when the
    phase closes. With it also what was due from then on, each under its own date.
    """
    found = []
    for enrolment, state in pairs:
        outline = state.served.outline
        way_in = access_to(enrolment.run, now)
        if way_in.over:
            continue
        for entry in outline["items"]:
            place = (enrolment.seat, UUID(entry["key"]))
            if place not in windows or enrolment.progress.get(entry["key"], 0) >= 100:
                continue
            labels = phase_labels(entry["kind"])
            for one in windows[place]:
                if since is None:
                    when, late = next_moment(one, now)
                else:
                    when, late = one.due_at or one.closes_at, False
                    when = when if when and when >= since else None
                if when is None or (until is not None and when > until):
                    continue
                found.append(
                    Deadline(
                        key=f"{enrolment.seat}-{entry['key']}-{one.phase}",
                        when=when,
                        title=in_language(entry["titles"], language),
                        what=str(labels[one.phase])
                        if len(labels) > 1 and one.phase in labels
                        else "",
                        course_title=in_language(outline["titles"], language),
                        course_code=outline["code"],
                        # Until the run begins its items cannot be opened; its course can.
                        url=reverse("course", args=[state.slug])
                        if way_in.early
                        else reverse("item", args=[state.slug, entry["slug"]]),
                        extended=one.extended,
                        late=late,
                    )
                )
    for source in _sources if pairs else ():
        found += source(pairs, language, now, since, until)
    return sorted(found, key=lambda deadline: (deadline.when, deadline.title))


def phase_labels(kind: str) -> dict:
    try:
        return {phase.name: phase.label for phase in registry.get(kind).phases}
    except registry.UnknownKind:
        return {}


def sentence(deadline: Deadline) -> str:
    """One line that says what must be done, as a calendar shows it."""
    if deadline.what:
        return _("%(title)s: %(what)s") % {"title": deadline.title, "what": deadline.what}
    return deadline.title


def absolute(url: str) -> str:
    return f"{settings.SITE_URL}{url}"
