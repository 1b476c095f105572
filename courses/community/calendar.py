"""A person's deadlines as a calendar that their own program reads (RFC 5545)."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from icalendar import Alarm, Calendar, Event

from courses.enrolment.dashboard import learning
from courses.enrolment.deadlines import absolute, deadlines, sentence, windows_of_all

from .models import CalendarAddress, new_secret

PAST, AHEAD = timedelta(days=30), timedelta(days=366)
REFRESH = timedelta(hours=1)
REMIND = timedelta(hours=24)


def address_of(user) -> CalendarAddress | None:
    return CalendarAddress.objects.filter(user=user).first()


@transaction.atomic
def renew(user) -> CalendarAddress:
    """A new address; the one before leads nowhere from now on."""
    row, _created = CalendarAddress.objects.select_for_update().get_or_create(user=user)
    row.secret, row.made_at = new_secret(), timezone.now()
    row.save(update_fields=["secret", "made_at"])
    return row


def switch_off(user) -> None:
    CalendarAddress.objects.filter(user=user).delete()


def reader_of(secret: str):
    """The person whose calendar has this address; None when nobody's has, or the account is closed."""
    row = (
        CalendarAddress.objects.select_related("user")
        .filter(secret=secret, user__is_active=True)
        .first()
    )
    return row.user if row else None


def feed(user, language: str, now: datetime | None = None) -> bytes:
    """The calendar of what somebody has to do, in a language. Times are in UTC; an entry keeps its
    UID when its date moves, so that the program moves it too."""
    now = now or timezone.now()
    with override(language):
        pairs = learning(user)
        found = deadlines(
            pairs,
            windows_of_all([e for e, _state in pairs]),
            language,
            now,
            since=now - PAST,
            until=now + AHEAD,
        )
        calendar = Calendar()
        calendar.add("prodid", f"-//Sala//Deadlines//{language.upper()}")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("name", _("Sala: deadlines"))
        calendar.add("x-wr-calname", _("Sala: deadlines"))
        calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", REFRESH)
        for deadline in found:
            calendar.add_component(event(deadline, now))
    return calendar.to_ical()


def event(deadline, now: datetime) -> Event:
    entry = Event()
    entry.add("uid", f"{deadline.key}@sala")
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", deadline.when.astimezone(UTC))
    entry.add("dtend", (deadline.ends or deadline.when).astimezone(UTC))
    if deadline.place:
        entry.add("location", deadline.place)
    entry.add("summary", f"{deadline.course_code} · {sentence(deadline)}")
    described = [deadline.course_title]
    if deadline.extended:
        described.append(_("with more time for you"))
    entry.add("description", "\n".join([*described, absolute(deadline.url)]))
    entry.add("url", absolute(deadline.url))
    # A date to keep in mind leaves one free; a meeting does not.
    entry.add("transp", "OPAQUE" if deadline.ends else "TRANSPARENT")
    entry.add("class", "PRIVATE")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", sentence(deadline))
    alarm.add("trigger", -REMIND)
    entry.add_component(alarm)
    return entry
