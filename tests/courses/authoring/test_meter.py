"""The meter above the edit forms: what it counts, in which words, for whom, and at what price."""

import json
import re

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import override
from wagtail.fields import StreamField
from wagtail.models import Page, Revision
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield
from wagtail.users.models import UserProfile

from courses.authoring.meter.reckon import all_pages, drafted, published, reckon
from courses.authoring.meter.shown import is_narrow, meter_of
from courses.catalogue.models import CoursePage, LessonPage, SectionPage
from courses.releases.cut import candidate
from courses.releases.mix import Mix
from lms.people.roles import INSTRUCTOR
from tests.factories.courses import add_activity, add_lesson, build_tree, child, make_course
from tests.factories.items import locale
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return make_course("course", lectures=[25], actives=["role_play_solo"])


def sign_in(client, language="en"):
    person = UserFactory(preferred_language=language)
    person.groups.add(Group.objects.get(name=INSTRUCTOR))
    UserProfile.objects.create(user=person, preferred_language=language)
    client.force_login(person)
    return person


@pytest.fixture
def author(client, course):
    sign_in(client)
    return client


def words(response) -> str:
    return re.sub(r"\s+", " ", strip_tags(response.content.decode()))


def lesson_form(**changes) -> dict:
    fields = {
        "title": "บทเรียน l1",
        "slug": "l1",
        "minutes": "25",
        "required": "on",
        "body": streamfield([]),
        "comments": inline_formset([]),
    }
    return nested_form_data({**fields, **changes})


def form_of(client, page) -> dict:
    """The edit form of a page as a browser would send it."""
    response = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert response.status_code == 200
    html = response.content.decode()
    html = html[html.index('id="page-edit-form"') :]
    # Blocks are drawn by a script: a browser without it sends none.
    streams = [f.name for f in page._meta.fields if isinstance(f, StreamField)]
    sent = nested_form_data({name: streamfield([]) for name in streams})
    for tag in re.findall(r"<input[^>]*>", html):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in attributes or attributes.get("type") in ("submit", "file"):
            continue
        if attributes.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        sent[attributes["name"]] = attributes.get("value", "on")
    return sent


def count(client, page, data):
    return client.post(reverse("meter_edit", args=[page.pk]), data)


# -- on the forms --------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["", "l1", "a1"])
def test_every_edit_form_of_a_course_shows_the_meter(author, course, slug):
    page = child(course, slug) if slug else course
    response = author.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    said = words(response)
    assert "Lecture 25 of 45 minutes (55.56 per cent), doing 20 minutes (44.44 per cent)." in said
    assert "When you publish this page" in said
    assert "When all drafts of the course are published" not in said


@pytest.mark.parametrize(
    ("model", "names"),
    [("lessonpage", "catalogue"), ("sectionpage", "catalogue"), ("workshoppage", "workshop")],
)
def test_the_create_form_shows_it_too(author, course, model, names):
    response = author.get(reverse("wagtailadmin_pages:add", args=[names, model, course.pk]))
    assert response.status_code == 200
    assert "Lecture and doing" in words(response)
    assert reverse("meter_create", args=[names, model, course.pk]) in response.content.decode()


def test_pages_outside_courses_have_no_meter(author, course):
    from courses.catalogue.models import ArticlePage, HomePage

    home = HomePage.objects.get(locale=locale("th"))
    article = home.add_child(instance=ArticlePage(title="ข่าว", slug="news", locale=locale("th")))
    response = author.get(reverse("wagtailadmin_pages:edit", args=[article.pk]))
    assert response.status_code == 200
    assert "data-meter" not in response.content.decode()
    answer = count(author, article, {})
    assert answer.status_code in (302, 404)  # to the same address of the site, which is not there
    assert "data-meter-answer" not in answer.content.decode()


def test_a_course_that_is_not_there_yet_says_what_to_do(author, course):
    catalogue = course.get_parent()
    response = author.get(
        reverse("wagtailadmin_pages:add", args=["catalogue", "coursepage", catalogue.pk])
    )
    assert "The course has no pages yet. Save it" in words(response)


def test_in_thai(client, course):
    sign_in(client, "th")
    response = count(client, child(course, "l1"), lesson_form(minutes="40"))
    assert response.status_code == 200
    assert "40" in words(response)
    assert response.headers["Content-Language"] == "th"


# -- what is typed -------------------------------------------------------------------------------


def test_what_is_typed_counts_at_once_and_nothing_is_saved(author, course):
    lesson = child(course, "l1")
    revisions = Revision.objects.count()
    response = count(author, lesson, lesson_form(minutes="50"))
    said = words(response)
    assert "Cannot publish yet" in said
    assert "Lecture 50 of 70 minutes (71.43 per cent)" in said
    assert "Add at least 14 minutes of doing or cut at least 20 minutes of lecture." in said
    stored = LessonPage.objects.get(pk=lesson.pk)
    assert (stored.minutes, stored.title, Revision.objects.count()) == (25, "บทเรียน l1", revisions)


def test_a_course_that_only_just_passes_is_told_so(author, course):
    said = words(count(author, child(course, "l1"), lesson_form(minutes="30")))
    assert "Passes narrowly, less than 2 percentage points from the limit" in said
    assert "Lecture 30 of 50 minutes" in said


def test_a_field_that_cannot_be_read_leaves_the_rest_counted(author, course):
    said = words(count(author, child(course, "l1"), lesson_form(minutes="lots")))
    assert "what was saved counts: Minutes." in said
    assert "Lecture 25 of 45 minutes" in said


def test_a_lesson_that_declares_too_little_is_told_on_its_own_form(course):
    lesson = child(course, "l1")
    lesson.minutes = 1
    lesson.body = json.dumps([{"type": "text", "value": f"<p>{'กข' * 900}</p>"}])
    with override("en"):
        meter = meter_of(lesson)
    assert meter.own[0].startswith("Lesson: declares 1 minutes, its text and media take at least 2")
    assert meter.own[1].endswith("takes at least 2. Declare 2 minutes or shorten it.")
    assert meter.code == "blocked"


@pytest.mark.parametrize("minutes", ["", "-3", "0", "99999", "１０"])
def test_no_number_of_minutes_is_an_error_of_the_server(author, course, minutes):
    response = count(author, child(course, "l1"), lesson_form(minutes=minutes))
    assert response.status_code == 200
    assert "Lecture" in words(response)


def test_something_that_is_no_form_is_refused(author, course):
    assert count(author, child(course, "a1"), {}).status_code == 400


def test_an_activity_that_is_not_required_does_not_count(author, course):
    activity = child(course, "a1")
    form = {name: value for name, value in form_of(author, activity).items() if name != "required"}
    said = words(count(author, activity, form))
    assert "Solo role-play: not required, so none of its 20 minutes count." in said
    assert "doing 0 minutes" in said


def test_declaring_more_than_is_required_names_the_setting_and_its_value(author):
    course = make_course("talk", lectures=[25], actives=["discussion"])
    page = child(course, "a1")
    page.minutes = 45
    with override("en"):
        meter = meter_of(page)
        (sentence,) = meter.own
    found = re.fullmatch(
        r"Discussion: declares 45 minutes, requirements account for 41. Raise the least characters "
        r"of an answer to (\d+), or declare 41 minutes.",
        sentence,
    )
    assert found, sentence
    page.min_chars_initial = int(found[1])
    assert page.kind.ceiling(page) >= 45
    page.min_chars_initial -= 10
    assert page.kind.ceiling(page) < 45
    assert meter.code == "blocked"
    assert any("accounts for 41" in reason for reason in meter.states[0].reasons)


@pytest.mark.parametrize(
    ("kind", "declared", "pattern"),
    [
        ("workshop", 78, r"Raise the least characters of “.+” to (?P<chars>\d+), or declare 76"),
        ("workshop", 90, r"Ask for (?P<reviews>\d) reviews by each learner, or declare 76"),
        ("role_play_solo", 25, r"Raise the least characters of question “.+” to (?P<chars>\d+)"),
        ("discussion", 42, r"Raise the least characters of an answer to (?P<chars>\d+), or"),
    ],
)
def test_following_the_advice_is_enough_and_less_is_not(course, kind, declared, pattern):
    page = add_activity(course, kind, "advised")
    page.minutes = declared
    with override("en"):
        advice = page.kind.ceiling_advice(page)
    found = re.search(pattern, advice)
    assert found, advice
    asked = {name: int(value) for name, value in found.groupdict().items()}

    def ceiling(**changes):
        return page.kind.ceiling(follow(page, kind, **changes))

    assert ceiling(**asked) >= declared
    name, value = next(iter(asked.items()))
    assert ceiling(**{name: value - (10 if name == "chars" else 1)}) < declared


def follow(page, kind, chars=None, reviews=None):
    """The page as an author would leave it who follows the advice."""
    if reviews is not None:
        page.reviews_per_learner = reviews
        return page
    if kind == "discussion":
        page.min_chars_initial = chars
        return page
    stream = page.worksheet if kind == "workshop" else page.reflection
    longest = max(stream, key=lambda block: block.value["min_chars"])
    if not hasattr(page, "advised"):
        page.advised = longest
    page.advised.value["min_chars"] = chars
    return page


def test_where_no_setting_suffices_the_advice_is_general(course):
    page = add_activity(course, "workshop", "huge")
    page.minutes = 480
    with override("en"):
        assert page.kind.ceiling_advice(page) == (
            "Require more of learners, or declare 76 minutes."
        )
    page.worksheet = []
    page.minutes = 10
    with override("en"):
        assert page.kind.ceiling_advice(page) == ("Nothing that it requires accounts for time yet.")


@pytest.mark.parametrize(
    ("lecture", "active", "neutral", "narrow"),
    [
        (60, 40, 0, True),
        (581, 419, 0, True),
        (58, 42, 0, False),
        (40, 41, 19, True),
        (40, 42, 18, False),
    ],
)
def test_less_than_two_points_is_narrow(lecture, active, neutral, narrow):
    assert is_narrow(Mix(lecture, active, neutral)) is narrow


# -- drafts and translations ---------------------------------------------------------------------


def test_drafts_of_other_pages_are_a_second_bar(author, course):
    lesson = child(course, "l1")
    lesson.minutes = 60
    lesson.save_revision()
    draft = add_lesson(course, "l2", 15, live=False)
    draft.save_revision()
    meter = meter_of(child(course, "a1"))
    now, later = meter.states
    assert (now.mix, later.mix) == (Mix(25, 20, 0), Mix(75, 20, 0))
    assert (now.code, later.code) == ("passes", "blocked")
    said = words(author.get(reverse("wagtailadmin_pages:edit", args=[course.pk])))
    assert "When all drafts of the course are published" in said
    assert "Lecture 75 of 95 minutes" in said


def test_a_course_of_drafts_only_is_counted(author):
    catalogue = build_tree()["th"]
    course = CoursePage(
        title="ร่าง", slug="drafts", code="D-1", summary="ร่าง", locale=locale("th"), live=False
    )
    catalogue.add_child(instance=course)
    add_lesson(course, "l1", 30, live=False)
    now, later = meter_of(course).states
    assert (now.mix.total, now.code) == (0, "blocked")
    assert later.mix == Mix(30, 0, 0)


def test_a_translation_shows_the_minutes_of_its_source(client):
    course = make_course("both", lectures=[25], actives=["role_play_solo"], english=True)
    sign_in(client)
    english = child(course.get_translation(locale("en")), "l1")
    data = form_of(client, english) | {"minutes": "400"}
    said = words(count(client, english, data))
    assert "Lecture 25 of 45 minutes" in said
    assert "Minutes and requirements are those of the Thai page" in said
    source = child(course, "l1")
    edit = reverse("wagtailadmin_pages:edit", args=[source.pk])
    assert edit in count(client, english, data).content.decode()


def test_a_section_shows_its_share(author, course):
    section = SectionPage(title="ส่วนที่ 1", slug="s1", locale=course.locale)
    course.add_child(instance=section)
    add_lesson(section, "s1-l1", 5)
    add_activity(section, "discussion", "s1-a1", 30)
    (state,) = meter_of(Page.objects.get(pk=section.pk).specific).states
    with override("en"):
        (state,) = meter_of(section).states
    assert state.section == (
        "This section: lecture 5, doing 30, neither 0 minutes; 43.75 per cent of the course's 80 "
        "minutes."
    )
    rows = meter_of(section).rows
    assert [row.declared for row in rows] == [5, 30]


def test_a_new_page_counts_before_it_is_saved(author, course):
    pages = Page.objects.count()
    response = author.post(
        reverse("meter_create", args=["catalogue", "lessonpage", course.pk]),
        lesson_form(title="ใหม่", slug="new", minutes="5"),
    )
    assert "Lecture 30 of 50 minutes" in words(response)
    assert Page.objects.count() == pages


# -- the same as what is released ------------------------------------------------------------------


def test_the_meter_says_what_the_gate_decides(course):
    add_activity(course, "role_play_solo", "again", 20)  # the same task twice
    add_activity(course, "discussion", "over", 300)
    add_activity(course, "quiz", "q", 15)
    for replace in (None, child(course, "l1")):
        if replace is not None:
            replace.minutes = 90
        gate = candidate(course, replace=replace)
        meter = meter_of(replace or course)
        reckoned = reckon(course, published(all_pages(course)))
        if replace is None:
            assert (reckoned.mix, reckoned.problems) == (gate.mix, gate.problems)
        with override("th"):
            assert meter_of(replace or course).states[0].reasons == [
                problem["th"] for problem in gate.problems
            ]
        assert meter.states[0].mix == gate.mix
        assert {problem["code"] for problem in gate.problems} == {"over_ceiling", "duplicate"}


def test_places_left_by_a_template_are_said_as_at_the_gate(course):
    lesson = child(course, "l1")
    lesson.body = json.dumps([{"type": "text", "value": "<p>«ชื่อหน่วยงานของท่าน»</p>"}])
    gate = candidate(course, replace=lesson)
    assert [problem["code"] for problem in gate.problems] == ["placeholder"]
    with override("th"):
        assert meter_of(lesson).states[0].reasons == [gate.problems[0]["th"]]


def test_a_section_that_is_published_brings_its_live_pages_along(course):
    section = SectionPage(title="ส่วนที่ 1", slug="s1", locale=course.locale, live=False)
    course.add_child(instance=section)
    add_lesson(section, "s1-l1", 5)
    assert candidate(course, replace=section).mix == Mix(30, 20, 0)
    assert meter_of(section).states[0].mix == Mix(30, 20, 0)
    assert meter_of(child(course, "l1")).states[0].mix == Mix(25, 20, 0)


# -- who may -------------------------------------------------------------------------------------


def test_only_who_may_edit_the_page_gets_an_answer(client, course):
    lesson = child(course, "l1")
    asked = [
        reverse("meter_edit", args=[lesson.pk]),
        reverse("meter_create", args=["catalogue", "lessonpage", course.pk]),
    ]
    for address in asked:
        assert client.post(address, lesson_form()).status_code in (302, 403)
    client.force_login(UserFactory())
    for address in asked:
        assert client.post(address, lesson_form()).status_code in (302, 403)
    outsider = UserFactory()
    group = Group.objects.create(name="elsewhere")
    from django.contrib.auth.models import Permission

    group.permissions.add(Permission.objects.get(codename="access_admin"))
    outsider.groups.add(group)
    client.force_login(outsider)
    for address in asked:
        response = client.post(address, lesson_form())
        assert response.status_code in (302, 403)
        assert "data-meter-answer" not in response.content.decode()


def test_the_meter_is_asked_by_post_only(author, course):
    assert author.get(reverse("meter_edit", args=[child(course, "l1").pk])).status_code == 405


def test_kinds_that_cannot_stand_there_are_refused(author, course):
    model = ContentType.objects.get_for_model(CoursePage)
    address = reverse("meter_create", args=[model.app_label, model.model, course.pk])
    assert author.post(address, {}).status_code in (302, 403)
    unknown = reverse("meter_create", args=["catalogue", "nothing", course.pk])
    assert author.post(unknown, {}).status_code in (302, 404)


# -- long courses --------------------------------------------------------------------------------


@pytest.fixture
def long_course():
    """300 items in ten sections, published in bulk; a third has drafts."""
    course = make_course("long", lectures=[10], actives=[("role_play_solo", 20)])
    for s in range(10):
        section = SectionPage(title=f"ส่วน {s}", slug=f"s{s}", locale=course.locale)
        course.add_child(instance=section)
        for n in range(30):
            if n % 3:
                page = add_lesson(section, f"s{s}-{n}", 5, revised=False)
            else:
                kind = ("discussion", "role_play_solo", "workshop", "quiz")[(n // 3) % 4]
                page = add_activity(section, kind, f"s{s}-{n}", 10, revised=False)
            if n % 3 == 1:
                page.minutes = 6
                page.save_revision()
    return course


def test_three_hundred_items_cost_a_constant_number_of_queries(
    client, long_course, django_assert_max_num_queries
):
    sign_in(client)
    lesson = child(long_course, "l1")
    edit = reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    course_edit = reverse("wagtailadmin_pages:edit", args=[long_course.pk])
    # The form of a course asks for its two lists twice, which alone is 40 with Wagtail's own.
    for address, most in ((edit, 40), (course_edit, 40)):
        client.get(address)
        with django_assert_max_num_queries(most):
            response = client.get(address)
        assert response.status_code == 200
    assert len(all_pages(long_course)) == 312
    with django_assert_max_num_queries(40):
        response = count(client, lesson, lesson_form(minutes="11"))
    assert "Lecture" in words(response)
    create = reverse("meter_create", args=["catalogue", "lessonpage", long_course.pk])
    with django_assert_max_num_queries(40):
        assert client.post(create, lesson_form()).status_code == 200
    assert len(reckon(long_course, drafted(all_pages(long_course))).items) == 302
