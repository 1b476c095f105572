"""What the templates of Sala are made with: the minute strip, minutes and dates in words, icons."""

import datetime
import re
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

register = template.Library()

CATEGORIES = ("lecture", "active", "neutral")

# -- The minute strip ------------------------------------------------------------------------------

STRIP_WIDTH = 1000
MOST_ON_A_CARD = 24
STRIP_HEIGHT = 20
# The certificate is drawn by a printer of documents that reads no style sheet inside an SVG.
PRINT_COLOURS = {
    "lecture": ("#28348a", "#28348a"),
    "active": ("#f0a81c", "#7a4b00"),
    "neutral": ("#c9c4b6", "#6b675b"),
}


def _category(segment) -> str:
    category = str(segment.get("category") or "neutral")
    return category if category in CATEGORIES else "neutral"


def _minutes(segment) -> int:
    return max(0, int(segment.get("minutes") or 0))


def _places(segments, gap: int = 6) -> list[tuple[int, int]]:
    """Left edge and width of each segment on a line of 1000, in proportion to its minutes.

    Gaps shrink when there are many segments, and no segment gets thinner than 2 units, so that
    an item of one minute in a long course can still be seen.
    """
    count = len(segments)
    if not count:
        return []
    gap = gap if count <= 40 else 2
    room = STRIP_WIDTH - gap * (count - 1)
    total = sum(_minutes(segment) for segment in segments) or 1
    widths = [max(2, room * _minutes(segment) / total) for segment in segments]
    scale = room / sum(widths)
    places, left = [], 0.0
    for width in widths:
        right = left + width * scale
        places.append((round(left), max(1, round(right) - round(left))))
        left = right + gap
    return places


def _box(left: int, width: int) -> str:
    return f"M{left} 0h{width}v{STRIP_HEIGHT}h-{width}z"


def _in_words(segments, with_progress: bool) -> str:
    """The same in words: minutes by method, or minutes done of minutes there are."""
    total = dict.fromkeys(CATEGORIES, 0)
    done = dict.fromkeys(CATEGORIES, 0)
    for segment in segments:
        total[_category(segment)] += _minutes(segment)
        done[_category(segment)] += _minutes(segment) * (segment.get("done") or 0) // 100
    if with_progress:
        sentences = {
            "lecture": _("listened and read %(done)s of %(minutes)s minutes"),
            "active": _("done by yourself %(done)s of %(minutes)s minutes"),
            "neutral": _("tested %(done)s of %(minutes)s minutes"),
        }
    else:
        sentences = {
            "lecture": _("listening and reading %(minutes)s minutes"),
            "active": _("doing %(minutes)s minutes"),
            "neutral": _("tests %(minutes)s minutes"),
        }
    return " · ".join(
        sentences[name] % {"minutes": total[name], "done": done[name]}
        for name in CATEGORIES
        if total[name]
    )


def _print_strip(segments, places) -> str:
    boxes = []
    for segment, (left, width) in zip(segments, places, strict=True):
        fill, line = PRINT_COLOURS[_category(segment)]
        boxes.append(
            f'<rect x="{left}" y="1" width="{width}" height="18" fill="{fill}"'
            f' stroke="{line}" stroke-width="1"/>'
        )
        if _category(segment) == "active":
            marks = "".join(f"M{x} 1v18" for x in range(left + 5, left + width - 1, 6))
            boxes.append(f'<path d="{marks}" stroke="{line}" stroke-width="0.7" opacity="0.55"/>')
    return "".join(boxes)


@register.simple_tag
def minute_strip(segments, current=None, size="card"):
    """Draw a course as one bar: a segment per lesson or activity, as wide as its minutes.

    `segments`: list of {category: "lecture" | "active" | "neutral", minutes: int, done: 0–100 or
    None, title: str}, or a tuple of (category, minutes, done). With `done` None everywhere the strip shows what the course is; otherwise
    full colour is what has been done and the wash is what is still to do. `current` is the index
    of the segment to underline. `size`: "card", "course", "player" or "print" (no style sheet
    needed). One path per look: 60 segments are 1.5 kB, 2.6 kB when each is half done.
    """
    key = segments
    if not isinstance(segments, tuple):
        key = tuple((_category(s), _minutes(s), s.get("done")) for s in segments or ())
    if not key:
        return ""
    current = None if current in (None, "") else int(current)
    return _drawn(key, current, size, get_language() or "en")


def _fine_strip(segments, places) -> str:
    """Segments of a few pixels: thick lines without a border, which would be all one sees."""
    lines: dict[str, list[str]] = {}
    for segment, (left, width) in zip(segments, places, strict=True):
        lines.setdefault(_category(segment), []).append(f"M{left} 10h{width}")
    return "".join(
        f'<path class="strip__{name}" d="{"".join(lines[name])}"/>'
        for name in CATEGORIES
        if name in lines
    )


def _joined_neighbours(segments) -> list[dict]:
    """Neighbours of one category as one segment: on a card, a long course's items would be
    thinner than the gaps between them."""
    joined: list[dict] = []
    for segment in segments:
        if joined and joined[-1]["category"] == segment["category"]:
            joined[-1]["minutes"] += segment["minutes"]
        else:
            joined.append(dict(segment))
    return joined


@lru_cache(maxsize=4096)
def _drawn(key: tuple, current: int | None, size: str, language: str) -> str:
    """The drawing of `minute_strip`. The same courses are shown again and again, to everybody."""
    segments = [
        {"category": category, "minutes": minutes, "done": done} for category, minutes, done in key
    ]
    with_progress = any(segment.get("done") is not None for segment in segments)
    if size == "card" and len(segments) > MOST_ON_A_CARD and not with_progress:
        segments = _joined_neighbours(segments)
    places = _places(segments, 9 if size == "card" else 6)
    words = _in_words(segments, with_progress)
    fine = size == "card" and not with_progress and len(segments) > MOST_ON_A_CARD
    if size == "print":
        inside = _print_strip(segments, places)
    elif fine:
        inside = _fine_strip(segments, places)
    else:
        boxes: dict[str, list[str]] = {}
        threads = []
        for segment, (left, width) in zip(segments, places, strict=True):
            name = _category(segment)
            part = width
            if with_progress:
                part = round(width * min(100, max(0, segment.get("done") or 0)) / 100)
            if part < width:
                boxes.setdefault(f"{name}-todo", []).append(_box(left, width))
            if part:
                boxes.setdefault(name, []).append(_box(left, part))
                if name == "active":
                    threads.append(f"M{left} 10h{part}")
        # What is still to do lies below, so that the finished part of a segment covers it.
        order = [f"{name}-todo" for name in CATEGORIES] + list(CATEGORIES)
        inside = "".join(
            f'<path class="strip__{name}" d="{"".join(boxes[name])}"/>'
            for name in order
            if name in boxes
        )
        if threads:
            # The hatch: a dashed line as thick as the strip is high, in pixels of the screen, so
            # that it stays fine and even however wide the strip is drawn.
            inside += f'<path class="strip__hatch" d="{"".join(threads)}"/>'
        if current is not None and 0 <= current < len(places):
            left, width = places[current]
            inside += f'<path class="strip__current" d="M{left} 27h{width}"/>'
    size = size if size in ("card", "course", "player", "print") else "card"
    size = "card strip--fine" if fine else size
    return format_html(
        '<svg class="strip strip--{}" role="img" aria-label="{}" viewBox="0 0 1000 20"'
        ' preserveAspectRatio="none">{}</svg>',
        size,
        words,
        mark_safe(inside),  # noqa: S308 - numbers and names from the lists above only
    )


@register.inclusion_tag("components/strip_legend.html")
def strip_legend(totals):
    """The key below a strip: swatch, word, minutes and per cent, or "done x of y".

    `totals`: {lecture, active, neutral, total, lecture_percent, active_percent, neutral_percent}
    in minutes, and for progress also lecture_done, active_done, neutral_done.
    """
    totals = totals or {}
    rows = []
    for name, words in (
        ("lecture", _("Listening and reading")),
        ("active", _("Doing")),
        ("neutral", _("Tests")),
    ):
        minutes = totals.get(name) or 0
        if minutes:
            rows.append(
                {
                    "category": name,
                    "words": words,
                    "minutes": minutes,
                    "percent": totals.get(f"{name}_percent"),
                    "done": totals.get(f"{name}_done"),
                }
            )
    return {"rows": rows}


# -- Minutes and dates in words --------------------------------------------------------------------


@register.filter
def minutes_words(minutes) -> str:
    """265 → "4 ชม. 25 นาที" or "4 h 25 min"."""
    if minutes in (None, ""):
        return ""
    hours, rest = divmod(max(0, round(float(minutes))), 60)
    if hours and rest:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    if hours:
        return ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}
    return ngettext("%(minutes)s minute", "%(minutes)s minutes", rest) % {"minutes": rest}


BUDDHIST_ERA = 543


def _local(value):
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


THAI_MONTHS = [
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
]  # fmt: skip
THAI_MONTHS_SHORT = [
    "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.",
    "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.",
]  # fmt: skip
THAI_DAYS = ["จันทร์", "อังคาร", "พุธ", "พฤหัสบดี", "ศุกร์", "เสาร์", "อาทิตย์"]
THAI_DAYS_SHORT = ["จ.", "อ.", "พ.", "พฤ.", "ศ.", "ส.", "อา."]
ENGLISH_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
ENGLISH_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _in_thai() -> bool:
    return (get_language() or "th").startswith("th")


@register.filter
def thai_date(value, form="full") -> str:
    """A date in words; the year of the Buddhist era in Thai only.

    "full": 22 กุมภาพันธ์ 2567 / 22 February 2024. "short": 22 ก.พ. 2567 / 22 Feb 2024.
    "day": วันพฤหัสบดีที่ 22 ก.พ. 2567 / Thursday 22 Feb 2024. "near": พฤ. 22 ก.พ. / Thu 22 Feb.
    """
    if not value:
        return ""
    value = _local(value)
    month, weekday = value.month - 1, value.weekday()
    if _in_thai():
        year = value.year + BUDDHIST_ERA
        short = f"{value.day} {THAI_MONTHS_SHORT[month]}"
        return {
            "short": f"{short} {year}",
            "day": f"วัน{THAI_DAYS[weekday]}ที่ {short} {year}",
            "near": f"{THAI_DAYS_SHORT[weekday]} {short}",
        }.get(form, f"{value.day} {THAI_MONTHS[month]} {year}")
    short = f"{value.day} {ENGLISH_MONTHS[month][:3]}"
    return {
        "short": f"{short} {value.year}",
        "day": f"{ENGLISH_DAYS[weekday]} {short} {value.year}",
        "near": f"{ENGLISH_DAYS[weekday][:3]} {short}",
    }.get(form, f"{value.day} {ENGLISH_MONTHS[month]} {value.year}")


@register.filter
def thai_time(value) -> str:
    """A time of day: 16.30 น. / 16:30. The line is never broken before “น.”."""
    if not value:
        return ""
    value = _local(value)
    return f"{value:%H.%M}\N{NO-BREAK SPACE}น." if _in_thai() else f"{value:%H:%M}"


@register.filter
def thai_datetime(value, form="") -> str:
    """A moment in words: 22 ก.พ. 2567 เวลา 16.30 น. / 22 February 2024, 16:30. Forms as thai_date."""
    if not value:
        return ""
    if _in_thai():
        return f"{thai_date(value, form or 'short')} เวลา {thai_time(value)}"
    return f"{thai_date(value, form or 'full')}, {thai_time(value)}"


@register.filter
def quoted(text) -> str:
    """In quotation marks; what somebody says has them already."""
    text = str(text)
    return text if text[:1] in ("“", '"') else f"“{text}”"


@register.filter
def thai_digits(value) -> str:
    """22 → ๒๒, for text only: what people type or copy keeps Arabic digits."""
    return str(value).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))


@register.filter
def marker(index) -> str:
    """The sign of a choice in a list: 0 → ก / A, 1 → ข / B … (ฃ and ฅ are obsolete)."""
    signs = "กขคงจฉชซฌญ" if _in_thai() else "ABCDEFGHIJ"
    index = int(index)
    return signs[index] if 0 <= index < len(signs) else str(index + 1)


@register.filter
def file_size(size) -> str:
    """Bytes in words: 1.2 MB."""
    size = int(size or 0)
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} kB"
    return f"{size / 1024 / 1024:.1f} MB"


@register.filter
def be_date(value) -> str:
    """The short date: 22 พ.ย. 2569 / 22 Nov 2026."""
    return thai_date(value, "short")


@register.filter
def be_datetime(value) -> str:
    """The short date with the time: 22 พ.ย. 2569 เวลา 16.30 น. / 22 Nov 2026, 16:30."""
    return thai_datetime(value, "short")


# -- Icons -----------------------------------------------------------------------------------------

# Whoever names an icon means a thing; several things share a drawing.
ICON_ALIASES = {
    "discussion": "chat",
    "logo": "sala",
    "done": "check",
    "note": "info",
    "tip": "sun",
    "debug": "info",
    "workshop": "tools",
    "role_play": "mask",
    "lesson": "book",
    "success": "check",
    "error": "warning",
    "danger": "warning",
}


@register.simple_tag
def icon(name):
    """A drawing of static/sala/img/sprite.svg, silent: a word always stands beside it."""
    return _icon(str(name))


# A page has thirty and more of them. Where the sprite is does not change while a process lives.
@lru_cache(maxsize=256)
def _icon(name: str) -> str:
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        static("sala/img/sprite.svg"),
        ICON_ALIASES.get(name, name),
    )


@register.filter
def pieces(found) -> str:
    """A text of search in pieces, [(text, whether it was found)], with what was found marked."""
    marked = (f"<mark>{escape(text)}</mark>" if there else escape(text) for text, there in found)
    return mark_safe("".join(marked))  # noqa: S308 - each piece is escaped


THAI = re.compile("[\u0e00-\u0e7f]")
LATIN = re.compile("[A-Za-z]")
ENOUGH_TO_TELL = 200


@register.simple_tag
def written_in(text) -> str:
    """` lang="th"` for what somebody wrote in Thai on a page in English, and the reverse; "" else.

    So that a screen reader does not spell a colleague's Thai in an English voice (WCAG 3.1.2).
    A text with any Thai in its beginning is Thai: English words stand in Thai texts every day.
    """
    beginning = str(text or "")[:ENOUGH_TO_TELL]
    thai = (get_language() or "th").startswith("th")
    if THAI.search(beginning):
        return "" if thai else mark_safe(' lang="th"')
    return mark_safe(' lang="en"') if thai and LATIN.search(beginning) else ""


@register.simple_tag
def error_list(form):
    """The errors of a Django form as the error summary wants them: [{field_id, label, message}]."""
    rows = []
    if form is None or not getattr(form, "is_bound", False):
        return rows
    for message in form.non_field_errors():
        rows.append({"field_id": "", "label": "", "message": message})
    for field in form:
        label = field.label
        rows += [
            {"field_id": field.id_for_label, "label": label, "message": error}
            for error in field.errors
        ]
    return rows


@register.simple_tag
def lone_field(error) -> str:
    """The only field that a refusal speaks of in the refusal's own words; "" otherwise.

    Its sentence is then said once, as a link, instead of as a heading and again below it.
    """
    fields = getattr(error, "fields", None) or {}
    if len(fields) != 1:
        return ""
    [(name, message)] = fields.items()
    return name if str(message) == str(getattr(error, "message", "")) else ""


@register.simple_tag
def tone_word(tone):
    """The word that says in text what a notice says in colour."""
    return {
        "done": pgettext("tone", "Done"),
        "success": pgettext("tone", "Done"),
        "warning": pgettext("tone", "Please note"),
        "danger": pgettext("tone", "Not done"),
        "error": pgettext("tone", "Not done"),
        "tip": pgettext("tone", "Tip"),
    }.get(tone, pgettext("tone", "Note"))


@register.simple_tag
def joined(words, separator=" · "):
    """A list of words on one line."""
    return format_html_join(separator, "{}", ((word,) for word in words or [] if word))
