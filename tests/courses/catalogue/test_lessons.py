"""The minutes of a lesson are at least what its text and its media take."""

import json

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.translation import override
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield
from wagtail.users.models import UserProfile

from courses.catalogue import lesson_minutes
from courses.catalogue.blocks import LessonBlock
from courses.catalogue.lesson_file import from_course_file
from courses.catalogue.models import LessonPage
from courses.releases.cut import candidate, problems_of
from lms.people.roles import INSTRUCTOR
from tests.factories import files
from tests.factories.courses import child, make_course
from tests.factories.items import locale
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

READ = settings.LMS_READ_CHARS_PER_MINUTE


def text(characters: int) -> dict:
    return {"type": "text", "value": f"<p>{'กข ' * (characters // 2)}</p>"}


def video(length="", transcript="") -> dict:
    value = {"title": "ว", "embed": "https://video.example/1", "transcript": transcript}
    return {"type": "video", "value": {**value, "length": length}}


def lesson(minutes: int, *blocks) -> LessonPage:
    body = json.dumps(list(blocks))
    return LessonPage(title="บทเรียน", minutes=minutes, body=body, locale=locale("th"))


@pytest.mark.parametrize(
    ("blocks", "floor"),
    [
        ([], 0),
        ([text(READ - 2)], 0),
        ([text(READ)], 1),
        ([text(READ * 5)], 5),
        ([text(READ // 2), text(READ // 2)], 1),
        ([video("12:30")], 12),
        ([video("0:59")], 0),
        ([video("12:30"), video("12:30")], 25),
        ([video("2:00", transcript="ก ข" * (READ * 3 // 2))], 3),
        ([video("", transcript="กข" * READ)], 2),
        ([{"type": "document", "value": {"title": "ก" * 10, "document": 1}}], 0),
    ],
)
def test_the_floor_is_reading_plus_playing(blocks, floor):
    assert lesson(10, *blocks).kind.floor(lesson(10, *blocks)) == floor


def test_markup_keys_and_settings_are_not_reading():
    table = {
        "type": "table",
        "value": {
            "caption": "ก" * READ,
            "rows": [{"type": "item", "id": "x" * 900, "value": [{"type": "item", "value": "ข"}]}],
        },
    }
    callout = {"type": "callout", "value": {"tone": "warning", "title": "", "html": "<b></b>"}}
    assert lesson_minutes.words(table["value"]) == 1 + 1  # a run of one character is one
    assert lesson_minutes.words(callout["value"]) == 0


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("12:30", 750), (" 0:05 ", 5), ("90:00", 5400), ("", 0), (None, 0), ("1:60", 0), ("7", 0)],
)
def test_lengths_are_minutes_and_seconds(given, seconds):
    assert lesson_minutes.seconds_of(given) == seconds


@pytest.mark.parametrize("given", ["12", "1:75", "a:bc", "-1:00", "1:00:00"])
def test_anything_else_is_refused_with_an_example(given):
    from django.core.exceptions import ValidationError

    block = LessonBlock().child_blocks["video"].child_blocks["length"]
    with override("en"), pytest.raises(ValidationError, match="for example 12:30"):
        block.clean(given)
    assert block.clean("12:30") == "12:30"


def test_less_than_the_floor_is_refused_with_numbers_and_the_fix():
    short = lesson(4, text(READ * 5))
    (problem,) = problems_of(short)
    assert problem["en"] == (
        "“บทเรียน”: Declares 4 minutes, but reading its text and playing its media takes at least 5. "
        "Declare 5 minutes or shorten it."
    )
    assert "5" in problem["th"]
    assert problems_of(lesson(5, text(READ * 5))) == []


def test_more_than_is_plausible_is_remarked_on_and_not_refused():
    with override("en"):
        long = lesson(26, text(READ * 5))
        (remark,) = long.kind.remarks(long)
        assert remark.startswith("Declares 26 minutes, but its text and media account for 5 to 25.")
        assert problems_of(long) == []
        fits = lesson(25, text(READ * 5))
        assert fits.kind.remarks(fits) == []


def test_what_nobody_knows_the_length_of_is_not_called_too_long():
    with override("en"):
        unknown = lesson(60, video(""))
        assert unknown.kind.remarks(unknown) == [
            "Give the length of “ว”, so that its minutes can be checked."
        ]
        files = lesson(60, {"type": "document", "value": {"title": "แบบฟอร์ม", "document": 1}})
        assert files.kind.remarks(files) == []


def test_the_demo_course_passes():
    course = files.course()
    lessons = [item for item in course["items"] if item["kind"] == "lecture"]
    assert len(lessons) == 5
    for item in lessons:
        for language in ("th", "en"):
            body = from_course_file(item, language)["body"]
            blocks = [block for block in body if block["type"] != "image"]
            page = lesson(item["minutes"], *blocks)
            assert 0 < page.kind.floor(page) <= item["minutes"]
            assert page.kind.problems(page) == []


def test_publishing_a_lesson_that_hides_lecture_is_refused(client):
    course = make_course("course", lectures=[25], actives=["role_play_solo"])
    person = UserFactory(preferred_language="en")
    person.groups.add(Group.objects.get(name=INSTRUCTOR))
    UserProfile.objects.create(user=person, preferred_language="en")
    client.force_login(person)
    page = child(course, "l1")
    form = {
        "title": page.title,
        "slug": page.slug,
        "minutes": "1",
        "required": "on",
        "body": streamfield([("text", rich_text(f"<p>{'กข' * READ}</p>"))]),
        "comments": inline_formset([]),
        "action-publish": "1",
    }
    response = client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]), nested_form_data(form), follow=True
    )
    said = " ".join(str(message) for message in response.context["messages"])
    assert "takes at least 2. Declare 2 minutes or shorten it." in said
    page.refresh_from_db()
    assert page.minutes == 25
    assert page.get_latest_revision_as_object().minutes == 1


def test_a_lesson_below_its_floor_keeps_a_course_from_being_offered():
    course = make_course("course", lectures=[25], actives=["role_play_solo"])
    page = child(course, "l1")
    page.minutes = 1
    page.body = json.dumps([text(READ * 3)])
    result = candidate(course, replace=page)
    assert result.mix.passes
    assert not result.passes
    assert [problem["code"] for problem in result.problems] == ["item"]
