"""A course below 40 % doing is not offered, whichever way it came about."""

import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from activities.core.models import ItemVersion
from courses.catalogue.models import CoursePage, LessonPage
from courses.releases.messages import blocked_message
from courses.releases.mix import Mix
from courses.releases.models import CourseRelease, CourseState
from courses.releases.settle import settle, settle_all
from lms.people.roles import INSTRUCTOR
from tests.factories.people import UserFactory
from tests.factories.site import demo_course

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["ratio_gate"])
def test_the_gate_decides_by_whole_minutes(vector):
    mix = Mix(vector["lecture"], vector["active"], vector["neutral"])
    expected = vector["expected"]
    assert (mix.total, mix.passes) == (expected["total"], expected["passes"])
    if mix.total:
        assert (mix.lecture_ok, mix.active_ok) == (expected["lecture_ok"], expected["active_ok"])
        assert float(mix.lecture_percent) == expected["lecture_percent"]
        assert float(mix.active_percent) == expected["active_percent"]
        assert mix.add_active == expected["add_active_minutes"]
        assert mix.cut_lecture == expected["or_cut_lecture_minutes"]


@pytest.mark.parametrize("vector", VECTORS["course_gate"])
def test_the_demo_courses_pass(vector):
    e = vector["expected"]
    mix = Mix(e["lecture_minutes"], e["active_minutes"], e["neutral_minutes"])
    assert (mix.total, mix.passes) == (e["total_minutes"], e["passes"])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("th", ["สัดส่วนการบรรยายเกินเกณฑ์", "181", "60.13", "39.87", "ฉบับร่าง"]),
        ("en", ["too much lecturing", "181"]),
    ],
)
def test_the_refusal_names_numbers_and_the_way_out(language, words):
    with override(language):
        text = blocked_message(Mix(181, 120, 0))
    assert all(word in text for word in words)


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", [(181, 120, 0), (50, 35, 15), (0, 0, 0), (61, 39, 0)])
def test_the_database_refuses_a_release_below_forty_per_cent(minutes):
    lecture, active, neutral = minutes
    values = {"course": uuid.uuid4(), "number": 1, "outline": {}, "texts": {}, "digest": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseRelease.objects.create(lecture=lecture, active=active, neutral=neutral, **values)
    assert CourseRelease.objects.create(lecture=60, active=40, neutral=0, **values).pk


@pytest.fixture
def course(db) -> CourseState:
    return demo_course()


def lesson() -> LessonPage:
    return LessonPage.objects.get(slug="a-l1", locale__language_code="th")


def page(slug: str):
    return CoursePage.objects.get(locale__language_code="th").get_children().get(slug=slug).specific


def test_a_heavier_lesson_is_held_back_and_learners_keep_their_release(course):
    heavy = lesson()
    heavy.minutes = 200
    heavy.save()
    state = settle(course.course)
    assert (state.status, state.current_id) == ("held", course.current_id)
    assert state.problems[0]["code"] == "unbalanced"


@pytest.mark.parametrize("way", ["unpublish", "delete", "expire", "move", "save_without_clean"])
def test_taking_back_what_the_course_needs_withdraws_it(course, way):
    workshop = page("a-w1")
    if way == "unpublish":
        workshop.unpublish()
    elif way == "delete":
        workshop.delete()
    elif way == "expire":
        workshop.expire_at = timezone.now() - timedelta(minutes=1)
        workshop.live, workshop.expired = False, True
        workshop.save()
    elif way == "move":
        other = CoursePage(title="อื่น", slug="other", code="X", summary="x", live=False)
        page("a-l1").get_parent().get_parent().add_child(instance=other)
        workshop.move(other, pos="last-child")
    else:
        workshop.live = False
        workshop.save(clean=False)
    state = settle(course.course)
    assert (state.status, state.current) == ("withdrawn", None)
    assert not CoursePage.objects.filter(translation_key=course.course, live=True).exists()


def test_the_nightly_sweep_catches_what_no_signal_told(course):
    LessonPage.objects.filter(slug="a-l1").update(minutes=400)
    settle_all()
    state = CourseState.objects.get(course=course.course)
    assert (state.status, state.current_id) == ("held", course.current_id)


def test_settling_again_changes_nothing(course):
    assert settle(course.course).current_id == course.current_id
    assert CourseRelease.objects.filter(course=course.course).count() == 1


def test_versions_and_releases_never_change(course):
    with pytest.raises(ValidationError):
        course.current.save()
    with pytest.raises(ValidationError):
        ItemVersion.objects.first().save()


def test_publishing_too_much_lecture_is_refused_and_the_draft_is_kept(course, client):
    from django.contrib.auth.models import Group

    instructor = UserFactory()
    instructor.groups.add(Group.objects.get(name=INSTRUCTOR))
    instructor.preferred_language = "en"
    instructor.save()
    client.force_login(instructor)
    edited = lesson()
    address = reverse("wagtailadmin_pages:edit", args=[edited.pk])
    form = client.get(address).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name != "body"}
    data |= {
        "minutes": "200",
        "required": "on",
        "body-count": "0",
        "action-publish": "1",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "",
    }
    response = client.post(address, data, follow=True)
    said = " ".join(str(message) for message in response.context["messages"])
    assert "310" in said and ("too much lecturing" in said or "เกินเกณฑ์" in said)
    edited.refresh_from_db()
    assert edited.minutes == 25
    assert edited.get_latest_revision_as_object().minutes == 200
    assert CourseState.objects.get(course=course.course).current_id == course.current_id
