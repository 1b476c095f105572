"""What the people of a run are told on their pages: an app above this one knows."""

from collections.abc import Callable

_for_learners: Callable | None = None


def register(function: Callable) -> None:
    """`function(enrolments, language)` gives [{pk, run, title, body, lang, pinned, at}]."""
    global _for_learners
    _for_learners = function


def announcements(enrolments: list, language: str) -> list[dict]:
    """What stands on the pages of somebody with these enrolments."""
    if not enrolments or _for_learners is None:
        return []
    return _for_learners(enrolments, language)
