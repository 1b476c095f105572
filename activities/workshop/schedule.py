"""The dates of a workshop in a run, to be read and to be taken along as a calendar."""

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from activities.core.contract import Download
from activities.core.moments import moment
from activities.core.pacing import Window

from .refusals import not_found

STEP = "calendar"


def windows(visit) -> list[tuple[str, Window]]:
    """(what is done in it, window) of each phase that has dates, in their order."""
    from .kind import WorkshopKind

    return [
        (str(phase.label), visit.windows[phase.name])
        for phase in WorkshopKind.phases
        if phase.name in visit.windows
    ]


def rows(visit) -> list[dict]:
    """The dates as they are read."""

    def told(at) -> str:
        return moment(at, visit.language) if at else ""

    return [
        {
            "label": label,
            "opens": told(window.opens_at),
            "due": told(window.due_at),
            "closes": told(window.closes_at),
            "extended": window.extended,
        }
        for label, window in windows(visit)
    ]


def calendar(visit) -> Download:
    """An entry for each date of this learner. Raises `Refused` 404 where there are none."""
    title = visit.version.title(visit.language)
    made = Calendar()
    made.add("prodid", "-//Sala//Workshop//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    for label, window in windows(visit):
        for name, said, at in (
            ("opens", _("opens"), window.opens_at),
            ("due", _("due"), window.due_at),
            ("closes", _("closes"), window.closes_at),
        ):
            if at is None:
                continue
            entry = Event()
            host = settings.SITE_URL.partition("://")[2]
            entry.add(
                "uid",
                f"{visit.participation.seat}-{visit.version.item}-{window.phase}-{name}@{host}",
            )
            entry.add("dtstamp", visit.now)
            entry.add("dtstart", at)
            entry.add("summary", f"{title}: {label} ({said})")
            entry.add("url", f"{settings.SITE_URL}{visit.url()}")
            entry.add("transp", "TRANSPARENT")
            made.add_component(entry)
    if not made.subcomponents:
        raise not_found()
    return Download(
        content=[made.to_ical()], name="workshop.ics", media_type="text/calendar; charset=utf-8"
    )
