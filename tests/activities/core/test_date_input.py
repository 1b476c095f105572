"""Dates as people write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from activities.core.date_input import MomentField, read_moment, written

BANGKOK = ZoneInfo("Asia/Bangkok")
WANTED = datetime(2026, 11, 22, 16, 30, tzinfo=BANGKOK)


@pytest.mark.parametrize(
    "text",
    [
        "22/11/2569 16.30",
        "๒๒/๑๑/๒๕๖๙ ๑๖.๓๐ น.",
        "22 พ.ย. 2569 16.30 น.",
        "22 พฤศจิกายน 2569 เวลา 16.30 น.",
        "22 Nov 2026, 16:30",
        "22 November 2026 16:30",
        "2026-11-22T16:30",
        "2026-11-22 16:30:00",
        "2569-11-22 16.30",
    ],
)
def test_many_ways_of_writing_the_same_moment(text):
    assert read_moment(text) == WANTED


def test_midnight_at_the_end_of_a_day_is_the_next_day():
    assert read_moment("31/12/2569 24.00") == datetime(2027, 1, 1, tzinfo=BANGKOK)


def test_without_a_time_it_is_the_end_of_the_day():
    assert read_moment("22/11/2569") == datetime(2026, 11, 22, 23, 59, tzinfo=BANGKOK)


def test_the_first_buddhist_year_is_2400():
    assert read_moment("1/1/2400").year == 1857
    assert read_moment("1/1/2399").year == 2399


@pytest.mark.parametrize(
    "text", ["tomorrow", "31/2/2569", "22/13/2569", "22/11/2569 25.00", "22/11/69", "22/11/2569 x"]
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValidationError, match="22/11/2569|22 Nov 2026"):
        MomentField(required=False).clean(text)


def test_an_empty_field_is_no_date():
    assert MomentField(required=False).clean("  ") is None


def test_what_is_written_can_be_read_again():
    for language in ("th", "en"):
        assert read_moment(written(WANTED, language)) == WANTED
    assert written(WANTED, "th") == "22/11/2569 16.30"
    assert written(None, "th") == ""
