"""Places on learners' pages that rooms above this one fill: announcements, the question at the end
of a course, what one thinks of a lesson. Each is one function, registered in `AppConfig.ready()`."""

from collections.abc import Callable

_filled: dict[str, Callable] = {}


def fill(place: str, function: Callable) -> None:
    """`function` fills `place`: "announcements" (user, language) → list of announcements;
    "surveys" (completed enrolments) → {enrolment pk: address}; "lesson" (visit, course) → the
    context of what one thinks of a lesson."""
    _filled[place] = function


def ask(place: str, *arguments, default=None):
    """What stands there; `default` when nobody fills it."""
    function = _filled.get(place)
    return default if function is None else function(*arguments)


def survey_of(enrolment) -> str | None:
    """Where the questions at the end of a completed course are, until they are answered. One query,
    none before the end."""
    if enrolment.completed_at is None:
        return None
    return ask("surveys", [enrolment], default={}).get(enrolment.pk)
