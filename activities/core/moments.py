"""Dates as one says them: years of the Buddhist era in Thai."""

from datetime import date, datetime

from django.utils import timezone

THAI_MONTHS = "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.".split()
ENGLISH_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
BUDDHIST_ERA = 543


def day(at: datetime, language: str) -> str:
    """The day of an instant in the site's time zone: “22 พ.ย. 2569”, “22 Nov 2026”."""
    return date_words(timezone.localtime(at).date(), language)


def date_words(at: date, language: str) -> str:
    """A date that is no instant, in the same words."""
    if language == "th":
        return f"{at.day} {THAI_MONTHS[at.month - 1]} {at.year + BUDDHIST_ERA}"
    return f"{at.day} {ENGLISH_MONTHS[at.month - 1]} {at.year}"


def moment(at: datetime, language: str) -> str:
    """Day and time: “22 พ.ย. 2569 16.30 น.”, “22 Nov 2026, 16:30”."""
    local = timezone.localtime(at)
    if language == "th":
        return f"{day(at, language)} {local.hour:02}.{local.minute:02} น."
    return f"{day(at, language)}, {local.hour:02}:{local.minute:02}"
