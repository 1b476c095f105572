"""How an author makes an activity account for more minutes."""

from collections.abc import Callable

from django.utils.translation import gettext as _

STEP = 10  # lengths are round numbers


def least_length(least: int, most: int, ceiling: Callable[[int], int], declared: int) -> int | None:
    """The smallest length in tens, above `least` and at most `most`, whose ceiling covers
    `declared` minutes; None when even `most` does not. `ceiling` must not fall as lengths grow."""
    low, high = least // STEP + 1, most // STEP
    if high < low or ceiling(high * STEP) < declared:
        return None
    while low < high:
        middle = (low + high) // 2
        if ceiling(middle * STEP) >= declared:
            high = middle
        else:
            low = middle + 1
    return low * STEP


def least_count(least: int, most: int, ceiling: Callable[[int], int], declared: int) -> int | None:
    """The smallest whole number above `least`, at most `most`, whose ceiling covers `declared`."""
    return next((n for n in range(least + 1, most + 1) if ceiling(n) >= declared), None)


def reasonable(length: int) -> int:
    """How far a least length can grow before it asks for something else altogether."""
    return max(2 * length, length + 200)


def general_advice(ceiling: int) -> str:
    """Where no single setting suffices."""
    if not ceiling:
        return _("Nothing that it requires accounts for time yet.")
    return _("Require more of learners, or declare %(ceiling)s minutes.") % {"ceiling": ceiling}
