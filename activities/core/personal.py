"""Does a text seem to hold personal data? Good enough for a warning, never for a block."""

import re
import unicodedata

ID_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){12}(?!\d)")
PHONE_NUMBER = re.compile(
    r"(?<![\d-])(?:\+66[ -]?|0)(?:[689][ -]?\d|[2-7])(?:[ -]?\d){7}(?![\d-]*\d)"
)


def arabic_digits(text: str) -> str:
    """The text with Thai (and any other) digits written 0–9."""
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)


def is_thai_id(digits: str) -> bool:
    """Whether 13 digits carry the check digit of a Thai identification number: eleven minus the
    weighted sum (13 down to 2) modulo eleven, of which the last digit."""
    if len(digits) != 13 or not digits.isdigit():
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, range(13, 1, -1), strict=False)
    )
    return (11 - total % 11) % 10 == int(digits[12])


def seems_personal(text: str) -> bool:
    """Whether the text holds a valid Thai identification number or a telephone number."""
    text = arabic_digits(text)
    for match in ID_NUMBER.finditer(text):
        if is_thai_id(re.sub(r"\D", "", match.group())):
            return True
    return PHONE_NUMBER.search(text) is not None
