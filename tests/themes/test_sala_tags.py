"""The words and drawings of the templates."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils.translation import override

from themes.base.templatetags import sala

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
COURSE = [
    {"category": "lecture", "minutes": 25, "done": None, "title": "a"},
    {"category": "active", "minutes": 35, "done": None, "title": "b"},
    {"category": "neutral", "minutes": 15, "done": None, "title": "c"},
]


@pytest.mark.parametrize("vector", VECTORS["thai_date"])
def test_dates_are_of_the_buddhist_era_in_thai(vector):
    with override("th"):
        shown = sala.thai_date(date.fromisoformat(vector["iso"]))
        assert shown == vector["th"]
        assert sala.thai_digits(shown) == vector["th_digits"]


def test_an_instant_is_told_in_bangkok_time():
    with override("th"):
        shown = sala.thai_datetime(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    assert "2569" in shown
    assert "16.30" in shown


@pytest.mark.parametrize(
    ("minutes", "thai", "english"),
    [(265, "4 ชม. 25 นาที", "4 h 25 min"), (40, "40 นาที", "40 minutes")],
)
def test_minutes_are_said_in_words(minutes, thai, english):
    with override("th"):
        assert sala.minutes_words(minutes) == thai
    with override("en"):
        assert sala.minutes_words(minutes) == english


def test_a_strip_says_in_words_what_it_shows():
    with override("en"):
        drawn = sala.minute_strip(COURSE)
    label = re.search(r'aria-label="([^"]*)"', drawn).group(1)
    assert [part in label for part in ("25", "35", "15")] == [True, True, True]
    assert "style=" not in drawn


def test_a_strip_is_as_wide_as_its_minutes():
    with override("en"):
        drawn = sala.minute_strip(COURSE)
    lecture = int(re.search(r'strip__lecture" d="M0 0h(\d+)', drawn).group(1))
    active = int(re.search(r'strip__active" d="M\d+ 0h(\d+)', drawn).group(1))
    assert lecture / active == pytest.approx(25 / 35, rel=0.02)


def test_what_is_done_is_drawn_apart_from_what_is_not():
    begun = [{**COURSE[0], "done": 100}, {**COURSE[1], "done": 0}, {**COURSE[2], "done": 0}]
    drawn = sala.minute_strip(begun, current=1)
    assert 'class="strip__lecture"' in drawn
    assert 'class="strip__active-todo"' in drawn
    assert 'class="strip__active"' not in drawn
    assert 'class="strip__current"' in drawn


def test_sixty_items_stay_small():
    long = [COURSE[n % 3] for n in range(60)]
    assert len(sala.minute_strip(long, size="player").encode()) < 2500


def test_on_a_card_a_long_course_is_drawn_finer():
    long = [COURSE[n % 3] for n in range(60)]
    drawn = sala.minute_strip(long, size="card")
    assert "strip--fine" in drawn
    assert len(drawn.encode()) < 1200
    assert "strip--fine" not in sala.minute_strip(COURSE, size="card")


def test_speech_is_not_quoted_twice():
    assert sala.quoted("Call the office") == "“Call the office”"
    assert sala.quoted("“Please calm down.”") == "“Please calm down.”"


def test_pieces_of_a_text_are_marked_and_escaped():
    found = [("<b>ก & ", False), ("<script>", True), ('"ข', False)]
    assert (
        sala.pieces(found) == "&lt;b&gt;ก &amp; <mark>&lt;script&gt;</mark>&quot;ข"
    ) and hasattr(sala.pieces(found), "__html__")


class Refusal:
    def __init__(self, message, fields):
        self.message, self.fields = message, fields


def test_a_refusal_of_one_field_is_said_once_and_leads_to_it():
    short = "At least 200 characters (now 4)."
    page = summary(error=Refusal(short, {"body": short}))
    assert page.count(short) == 1 and 'href="#body"' in page and "<ul>" not in page


def test_a_refusal_of_several_fields_lists_them():
    page = summary(error=Refusal("2 answers need more work.", {"one": "Empty.", "two": "Short."}))
    assert "2 answers need more work." in page
    assert 'href="#one"' in page and 'href="#two"' in page


def test_a_refusal_in_other_words_than_its_field_keeps_both():
    page = summary(error=Refusal("One answer needs more work.", {"one": "Too short."}))
    assert "One answer needs more work." in page and "Too short." in page


def test_a_form_whose_fields_are_right_does_not_point_below():
    class SignIn(forms.Form):
        def clean(self):
            raise forms.ValidationError("Wrong password.")

    page = summary(form=SignIn({}))
    assert "Wrong password." in page and "marked below" not in page


def summary(**context) -> str:
    with override("en"):
        return render_to_string("components/error_summary.html", context)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "งานที่ทำซ้ำทุกสัปดาห์", ' lang="th"'),
        ("en", "ใช้ Excel ทุกวัน", ' lang="th"'),
        ("en", "A table that all share", ""),
        ("th", "A table that all share", ' lang="en"'),
        ("th", "ใช้ Excel ทุกวัน", ""),
        ("th", "12 · 34", ""),
        ("en", None, ""),
    ],
)
def test_what_people_write_says_its_language_where_it_is_not_the_pages(language, text, said):
    with override(language):
        assert sala.written_in(text) == said
