"""When something was written, as one says it: years of the Buddhist era in Thai."""

from datetime import datetime

from django.utils import timezone

THAI_MONTHS = "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.".split()
ENGLISH_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
BUDDHIST_ERA = 543


def moment(at: datetime, language: str) -> str:
    """An instant in the site's time zone, short: “22 พ.ย. 2569 16.30 น.”, “22 Nov 2026, 16:30”."""
    at = timezone.localtime(at)
    if language == "th":
        month, year = THAI_MONTHS[at.month - 1], at.year + BUDDHIST_ERA
        return f"{at.day} {month} {year} {at.hour:02}.{at.minute:02} น."
    return f"{at.day} {ENGLISH_MONTHS[at.month - 1]} {at.year}, {at.hour:02}:{at.minute:02}"
