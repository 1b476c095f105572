"""Reading dates as people write them: Buddhist or Gregorian years, Thai digits, “24.00 น.”."""

import re
from datetime import datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .moments import BUDDHIST_ERA, ENGLISH_MONTHS, THAI_MONTHS
from .personal import arabic_digits

FIRST_BUDDHIST_YEAR = 2400
LONG_THAI_MONTHS = (
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม"
).split()

DAY = re.compile(
    r"(?P<day>\d{1,2})[\s/.-]+(?P<month>\d{1,2}|[^\d\s/]+?)[\s/.-]+(?P<year>\d{4})"
    r"|(?P<iso_year>\d{4})-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2})"
)
TIME = re.compile(r"(?P<hour>\d{1,2})[.:](?P<minute>\d{2})(?:[.:]\d{2})?")


def month_number(word: str) -> int:
    """1–12 of a number or a Thai or English month, short or long; 0 for anything else."""
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else 0
    bare = word.replace(".", "").lower()
    for names in (THAI_MONTHS, LONG_THAI_MONTHS):
        for number, name in enumerate(names, start=1):
            if bare == name.replace(".", ""):
                return number
    for number, name in enumerate(ENGLISH_MONTHS, start=1):
        if len(bare) >= 3 and bare.startswith(name.lower()):
            return number
    return 0


def read_moment(text: str, default: time = time(23, 59)) -> datetime:
    """The instant that a text names, in the site's time zone; without a time, `default` on that day.

    Years from 2400 on are of the Buddhist era. “24.00” is midnight at the end of the day. Raises
    ValueError for anything that is not one date (and one time).
    """
    text = arabic_digits(text).strip()
    found = DAY.search(text)
    if found is None:
        raise ValueError(text)
    part = found.groupdict()
    if part["iso_year"]:
        year, month, day = int(part["iso_year"]), int(part["iso_month"]), int(part["iso_day"])
    else:
        year, month, day = int(part["year"]), month_number(part["month"]), int(part["day"])
    if year >= FIRST_BUDDHIST_YEAR:
        year -= BUDDHIST_ERA
    rest = text[: found.start()] + " " + text[found.end() :]
    clock = TIME.search(rest)
    days, at = 0, default
    if clock is not None:
        hour, minute = int(clock["hour"]), int(clock["minute"])
        rest = rest[: clock.start()] + " " + rest[clock.end() :]
        if (hour, minute) == (24, 0):
            days, at = 1, time(0, 0)
        else:
            at = time(hour, minute)
    for word in ("เวลา", "น."):
        rest = rest.replace(word, " ", 1)
    if rest.strip(" ,.T\t"):
        raise ValueError(text)
    naive = datetime.combine(datetime(year, month, day).date(), at) + timedelta(days=days)  # noqa: DTZ001
    return timezone.make_aware(naive)


def in_gregorian_years(day):
    """A date or an instant whose year may have been typed in the Buddhist era: 2569 is 2026.

    For forms whose own fields take the year as it stands, in which 2569 would be five centuries from
    now. Raises ValidationError for 29 February of a year that has none.
    """
    if day is None or day.year < FIRST_BUDDHIST_YEAR:
        return day
    try:
        return day.replace(year=day.year - BUDDHIST_ERA)
    except ValueError:
        raise ValidationError(
            _("There is no such day in this year. Write another date."), code="invalid"
        ) from None


def written(at: datetime | None, language: str) -> str:
    """An instant as the field shows it, in the years of the language: 22/11/2569 16.30."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    year = local.year + (BUDDHIST_ERA if language == "th" else 0)
    separator = "." if language == "th" else ":"
    return f"{local.day}/{local.month}/{year} {local.hour:02}{separator}{local.minute:02}"


class MomentField(forms.Field):
    """A date and time as people write them. Cleans to an aware datetime or None."""

    default_error_messages = {
        "invalid": _(
            "Write a date like 22/11/2569 16.30 or 22 Nov 2026 16:30. Years of either era will do."
        )
    }

    def to_python(self, value):
        if not value or not str(value).strip():
            return None
        try:
            return read_moment(str(value))
        except (ValueError, OverflowError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
