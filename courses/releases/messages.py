"""What authors read when a course does not pass: the numbers and the shortest way out."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from .mix import Mix, required_share


def blocked_message(mix: Mix, *, draft_saved: bool = True) -> str:
    """Why a course with these minutes cannot be offered, and the shortest fix.

    Uses the current language. `draft_saved` adds the sentence that says so; pass it only where it
    is true.
    """
    if mix.total == 0:
        text = _(
            "Cannot publish yet: the course has no minutes. Add a lesson and at least one "
            "workshop, discussion or role-play."
        )
    else:
        heading = (
            _("Cannot publish yet: too much lecturing.")
            if not mix.lecture_ok or mix.neutral == 0
            else _("Cannot publish yet: too little doing.")
        )
        text = (
            heading
            + " "
            + _(
                "Lecture %(lecture)s minutes (%(lecture_percent)s per cent), activities %(active)s "
                "minutes (%(active_percent)s per cent) of %(total)s minutes in all. The rule: lecture "
                "at most %(lecture_limit)s per cent and other methods at least %(active_limit)s per "
                "cent. What to do: add at least %(add)s minutes of activity or cut at least %(cut)s "
                "minutes of lecture."
            )
            % {
                "lecture": mix.lecture,
                "lecture_percent": mix.lecture_percent,
                "active": mix.active,
                "active_percent": mix.active_percent,
                "total": mix.total,
                "lecture_limit": 100 - required_share(),
                "active_limit": required_share(),
                "add": mix.add_active,
                "cut": mix.cut_lecture,
            }
        )
    if draft_saved:
        text += " " + _("Your draft has been saved.")
    return text


def ceiling_message(title: str, declared: int, ceiling: int, advice: str) -> str:
    """Why an activity cannot be offered with the minutes that its author declares. `advice` is
    the kind's sentence in the current language (`ActivityKind.ceiling_advice`)."""
    said = _(
        "“%(title)s” declares %(declared)s minutes, but what it requires of learners accounts for "
        "%(ceiling)s."
    ) % {"title": title, "declared": declared, "ceiling": ceiling}
    return f"{said} {advice}"


def placeholder_message(title: str, places: str) -> str:
    """Why a page cannot be offered in which a template's placeholders still stand."""
    return _(
        "“%(title)s” still has places from a template that wait for your own words: %(places)s. "
        "Replace each of them, the marks « » included, then publish again."
    ) % {"title": title, "places": places}


def measured_message(title: str, cap) -> str:
    """Why an activity counts less than it declares: what learners took (a `MeasuredCap`)."""
    return _(
        "“%(title)s” counts %(minutes)s minutes: half of the %(people)s people who completed it took "
        "%(median)s minutes or less, and it declared %(declared)s. Ask more of learners."
    ) % {
        "title": title,
        "minutes": cap.minutes,
        "people": cap.people,
        "median": cap.median_minutes,
        "declared": cap.declared,
    }


def in_all_languages(make) -> dict[str, str]:
    """The result of `make()` in each language of the site."""
    texts = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            texts[code] = str(make())
    return texts
