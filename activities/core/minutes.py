"""Minutes of evidence: what the requirements of an activity are worth.

All figures are exact (`Fraction`), the results whole minutes, rounded down. The constants are
assumptions until the first runs have been measured; an operator changes them in the settings.
"""

from fractions import Fraction

from django.conf import settings

SLACK = Fraction(5, 4)
MINUTES_PER_DECISION = Fraction(1)
REVIEW_BASE_MINUTES = 3
REVIEW_MINUTES_PER_CRITERION = 2
FILE_MINUTES = 30


def reading(characters: int) -> Fraction:
    """Minutes to read so many characters."""
    return Fraction(characters, settings.LMS_READ_CHARS_PER_MINUTE)


def writing(characters: int) -> Fraction:
    """Minutes to write so many characters with some thought."""
    return Fraction(characters, settings.LMS_WRITE_CHARS_PER_MINUTE)


def whole(minutes: Fraction) -> int:
    """Whole minutes, rounded down: a ceiling must never be generous."""
    return minutes.numerator // minutes.denominator
