"""The rule of the guideline in integers: at most 60 % lecture, at least 40 % doing.

Both halves are of all minutes, tests included: the strict reading, which is right whichever way
the sentence is understood. Displayed percentages never decide (181 of 301 minutes shows as 60 %
and fails).
"""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

CENT = Decimal("0.01")


def required_share() -> int:
    """The least share of doing in per cent: 40, or more where a site raises the bar."""
    return max(40, settings.LMS_ACTIVE_SHARE_PERCENT)


def ceil_div(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


@dataclass(frozen=True)
class Mix:
    """The minutes of a course: L listening, A doing, N neither."""

    lecture: int = 0
    active: int = 0
    neutral: int = 0

    def __add__(self, other: "Mix") -> "Mix":
        return Mix(
            self.lecture + other.lecture, self.active + other.active, self.neutral + other.neutral
        )

    def limited(self, cap: int | None) -> "Mix":
        """With at most so many minutes of doing."""
        return self if cap is None or self.active <= cap else replace(self, active=cap)

    @property
    def total(self) -> int:
        return self.lecture + self.active + self.neutral

    @property
    def lecture_ok(self) -> bool:
        """Lecture is at most 60 % (or 100 minus a higher bar)."""
        return 100 * self.lecture <= (100 - required_share()) * self.total

    @property
    def active_ok(self) -> bool:
        return 100 * self.active >= required_share() * self.total

    @property
    def passes(self) -> bool:
        return self.total > 0 and self.lecture_ok and self.active_ok

    @property
    def add_active(self) -> int:
        """The least minutes of doing that, added, make the course pass."""
        share, total = required_share(), self.total
        return max(
            0,
            ceil_div(share * total - 100 * self.active, 100 - share),
            ceil_div(100 * self.lecture - (100 - share) * total, 100 - share),
        )

    @property
    def cut_lecture(self) -> int:
        """The least minutes of lecture that, cut, make the course pass."""
        share, total = required_share(), self.total
        return max(
            0,
            ceil_div(100 * self.lecture - (100 - share) * total, share),
            ceil_div(share * total - 100 * self.active, share),
        )

    def percent(self, minutes: int) -> Decimal:
        """A share for display, two decimals."""
        if not self.total:
            return Decimal(0)
        return (Decimal(100 * minutes) / self.total).quantize(CENT, rounding=ROUND_HALF_UP)

    @property
    def lecture_percent(self) -> Decimal:
        return self.percent(self.lecture)

    @property
    def active_percent(self) -> Decimal:
        return self.percent(self.active)

    @property
    def neutral_percent(self) -> Decimal:
        return self.percent(self.neutral)
