"""The course's dashboard, its releases, and the report on the rule."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page
from wagtail.users.models import UserProfile

from courses.authoring.dashboard.mine import MOST
from courses.catalogue.models import CoursePage, LessonPage, SectionPage
from courses.releases.models import CourseRelease, MeasuredCap
from courses.releases.settle import settle
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from tests.factories.courses import (
    add_activity,
    add_lesson,
    child,
    enrolled,
    make_course,
    state_of,
)
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return make_course("course", lectures=[20, 5], actives=["role_play_solo"])


@pytest.fixture
def author(client, course):
    person = UserFactory(preferred_language="en")
    person.groups.add(Group.objects.get(name=COURSE_MANAGER))
    UserProfile.objects.create(user=person, preferred_language="en")
    client.force_login(person)
    return client


def dashboard(course):
    return reverse("authoring_dashboard", args=[course.pk])


def move(author, course, page, where, target=None, **headers):
    data = {"page": page.pk, "where": where, "target": target.pk if target else ""}
    return author.post(reverse("authoring_move", args=[course.pk]), data, headers=headers)


def order(course) -> list[str]:
    return [page.slug for page in course.get_children()]


def said(author, response) -> str:
    page = author.get(response.url)
    return " ".join(str(message) for message in page.context["messages"])


def test_the_dashboard_shows_outline_states_and_what_is_missing(author, course):
    lesson = child(course, "l1")
    lesson.title = "ร่างใหม่"
    lesson.save_revision()
    text = author.get(dashboard(course)).text
    assert "Release 1" in text
    assert "with a newer draft" in text
    assert "no en" in text
    assert "It says for whom it is." in text
    assert "to do:" in text and "done:" in text


def test_a_problem_leads_to_the_page_where_it_is_put_right(author, course):
    lesson = child(course, "l1")
    lesson.minutes = 200
    lesson.save()
    settle(course.translation_key)
    text = author.get(dashboard(course)).text
    assert "too little doing" in text
    assert "Changes are held back" in text


def test_buttons_move_a_page_up_and_down(author, course):
    assert order(course) == ["l1", "l2", "a1"]
    move(author, course, child(course, "a1"), "up")
    assert order(course) == ["l1", "a1", "l2"]
    move(author, course, child(course, "l1"), "down")
    assert order(course) == ["a1", "l1", "l2"]


def test_the_first_cannot_go_up(author, course):
    response = move(author, course, child(course, "l1"), "up")
    assert "It cannot go there." in said(author, response)
    assert order(course) == ["l1", "l2", "a1"]


def test_pages_go_into_a_section_and_out_again(author, course):
    section = SectionPage(title="ส่วน", slug="part", locale=course.locale)
    course.add_child(instance=section)
    move(author, course, child(course, "l1"), "into", section)
    assert Page.objects.get(slug="l1").get_parent().pk == section.pk
    move(author, course, Page.objects.get(slug="l1"), "out")
    assert Page.objects.get(slug="l1").get_parent().pk == course.pk


def test_what_the_offer_needs_does_not_go_into_a_hidden_section(author, course):
    section = SectionPage(title="ส่วน", slug="part", live=False, locale=course.locale)
    course.add_child(instance=section)
    response = move(author, course, child(course, "a1"), "into", section)
    assert "is needed" in said(author, response)
    assert Page.objects.get(slug="a1").get_parent().pk == course.pk


def test_a_section_does_not_go_into_a_section(author, course):
    sections = []
    for slug in ("one", "two"):
        sections.append(SectionPage(title=slug, slug=slug, locale=course.locale))
        course.add_child(instance=sections[-1])
    move(author, course, sections[0], "into", sections[1])
    assert Page.objects.get(slug="one").get_parent().pk == course.pk


def test_the_script_is_answered_in_json(author, course):
    target = child(course, "l1")
    answer = move(author, course, child(course, "a1"), "before", target, accept="application/json")
    assert answer.json() == {"message": f"“{child(course, 'a1').title}” was moved."}
    assert order(course)[0] == "a1"


def test_a_page_is_dropped_behind_the_last(author, course):
    move(author, course, child(course, "l1"), "after", child(course, "a1"))
    assert order(course) == ["l2", "a1", "l1"]


def test_a_page_is_not_dropped_behind_what_stands_in_it(author, course):
    section = SectionPage(title="ส่วน", slug="part", locale=course.locale)
    course.add_child(instance=section)
    inside = add_lesson(section, "inside", 1)
    response = move(author, course, section, "after", inside)
    assert "It cannot go there." in said(author, response)


def test_the_other_language_follows(author):
    thai = make_course("both", lectures=[20, 5], english=True)
    english = thai.get_translations().get()
    move(author, thai, child(thai, "a1"), "up")
    assert order(thai) == order(english) == ["l1", "a1", "l2"]
    move(author, thai, child(thai, "l1"), "after", child(thai, "l2"))
    assert order(thai) == order(english) == ["a1", "l2", "l1"]
    section = SectionPage(title="ส่วน", slug="part", locale=thai.locale)
    thai.add_child(instance=section)
    move(author, thai, child(thai, "l1"), "into", section)
    assert Page.objects.get(path__startswith=thai.path, slug="l1").get_parent().pk == section.pk
    assert order(english) == ["a1", "l2", "l1"], "there is no such section in English"


def test_a_course_off_offer_says_that_the_enrolled_go_on(author, course):
    enrolled(UserFactory(), course)
    child(course, "a1").unpublish()
    settle(course.translation_key)
    text = author.get(dashboard(course)).text
    assert "Enrolment is closed." in text and "1 person who is enrolled goes on" in text
    assert "Cannot publish yet: too much lecturing." in text
    assert "the enrolled go on" in author.get(reverse("authoring_courses")).text
    home = author.get(reverse("wagtailadmin_home")).text
    assert "Not on offer any more, and people learn in it" in home
    form = author.get(reverse("wagtailadmin_pages:edit", args=[course.pk])).text
    assert "This course is not on offer any more: nobody can enrol." in form


class TestTheCoursesOfAnAuthor:
    def test_the_first_page_leads_to_those_worked_on_last(self, author, course):
        others = [make_course(f"other{n}") for n in range(MOST)]
        for other in others:
            other.save_revision()
        home = author.get(reverse("wagtailadmin_home")).text
        assert "Courses worked on last" in home and reverse("authoring_courses") in home
        assert all(dashboard(other) in home for other in others)
        assert dashboard(course) not in home
        course.save_revision()
        assert dashboard(course) in author.get(reverse("wagtailadmin_home")).text

    def test_a_course_in_two_languages_is_one(self, author):
        thai = make_course("both", english=True)
        english = thai.get_translations().get()
        listed = author.get(reverse("authoring_courses")).text
        assert dashboard(thai) in listed and dashboard(english) not in listed

    def test_who_may_edit_nothing_reads_so(self, client, course):
        person = UserFactory(preferred_language="en")
        person.groups.add(Group.objects.get(name=INSTRUCTOR))
        UserProfile.objects.create(user=person, preferred_language="en")
        GroupPagePermission.objects.filter(group__name=INSTRUCTOR).delete()
        client.force_login(person)
        assert "Courses worked on last" not in client.get(reverse("wagtailadmin_home")).text
        assert "no course yet that you may edit" in client.get(reverse("authoring_courses")).text

    def test_many_courses_cost_no_more_queries_than_few(self, author, course):
        url = reverse("authoring_courses")
        author.get(url)
        with CaptureQueriesContext(connection) as few:
            author.get(url)
        for n in range(5):
            make_course(f"many{n}")
        with CaptureQueriesContext(connection) as many:
            assert author.get(url).text.count('class="title"') == 6
        assert len(many) <= len(few)


def test_the_first_page_is_quiet_when_nobody_learns_in_what_is_off_offer(author, course):
    child(course, "a1").unpublish()
    settle(course.translation_key)
    assert "Not on offer any more" not in author.get(reverse("wagtailadmin_home")).text


def test_a_form_says_that_the_course_needs_the_page(author, course):
    edit = "wagtailadmin_pages:edit"
    needed = "The course on offer needs this page."
    assert needed in author.get(reverse(edit, args=[child(course, "a1").pk])).text
    assert needed not in author.get(reverse(edit, args=[child(course, "l1").pk])).text


def test_a_page_of_another_course_is_not_moved(author, course):
    other = make_course("other", offered=False)
    response = author.post(
        reverse("authoring_move", args=[course.pk]),
        {"page": child(other, "l1").pk, "where": "up"},
        follow=True,
    )
    assert response.status_code == 404


@pytest.mark.parametrize("name", ["authoring_dashboard", "authoring_releases"])
def test_people_without_rights_are_sent_away(client, course, name):
    client.force_login(UserFactory())
    assert client.get(reverse(name, args=[course.pk])).status_code in (302, 403)


def test_a_course_of_300_items_costs_few_queries(author, course, django_assert_max_num_queries):
    for n in range(297):
        course.add_child(
            instance=LessonPage(title=f"m{n}", slug=f"m{n}", minutes=1, locale=course.locale)
        )
    author.get(dashboard(course))
    with django_assert_max_num_queries(40):
        assert author.get(dashboard(course)).status_code == 200


# -- releases --------------------------------------------------------------------------------------


def second_release(course) -> CourseRelease:
    lesson = child(course, "l1")
    lesson.title, lesson.minutes = "ชื่อใหม่", 22
    lesson.save_revision().publish()
    add_activity(course, "discussion", "a2")
    settle(course.translation_key)
    return state_of(course).current


def test_releases_say_what_changed(author, course):
    second_release(course)
    text = author.get(reverse("authoring_releases", args=[course.pk])).text
    assert "The first release." in text
    assert "changed: ชื่อใหม่ (20 → 22 minutes)" in text
    assert "new: " in text


def test_two_releases_are_compared_field_by_field(author, course):
    second_release(course)
    url = reverse("authoring_compare", args=[course.pk])
    text = author.get(url, {"old": 1, "new": 2}).text
    assert "ชื่อใหม่" in text and "บทเรียน l1" in text
    assert "addition" in text and "deletion" in text


def test_comparing_a_release_with_itself_is_refused(author, course):
    url = reverse("authoring_compare", args=[course.pk])
    assert "two different releases" in said(author, author.get(url, {"old": 1, "new": 1}))


def test_restoring_makes_drafts_and_learners_notice_nothing(author, course):
    current = second_release(course)
    response = author.post(reverse("authoring_restore", args=[course.pk, 1]))
    assert "Nothing is published yet" in said(author, response)
    lesson = child(course, "l1")
    assert (lesson.title, lesson.minutes) == ("ชื่อใหม่", 22)
    draft = lesson.get_latest_revision_as_object()
    assert (draft.title, draft.minutes) == ("บทเรียน l1", 20)
    assert settle(course.translation_key).current_id == current.pk


def test_restoring_asks_first(author, course):
    second_release(course)
    text = author.get(reverse("authoring_restore", args=[course.pk, 1])).text
    assert "learners notice nothing" in text
    assert not child(course, "l1").has_unpublished_changes


def test_a_page_that_is_now_in_another_course_is_left_alone(author, course):
    second_release(course)
    other = make_course("other", offered=False)
    page = child(course, "l2")
    page.move(other, pos="last-child")
    response = author.post(reverse("authoring_restore", args=[course.pk, 1]))
    assert "Could not be brought back" in said(author, response)
    assert not Page.objects.get(pk=page.pk).has_unpublished_changes


def test_a_page_that_is_gone_is_made_again_as_a_draft(author, course):
    extra = add_lesson(course, "extra", 1)
    settle(course.translation_key)
    key = extra.translation_key
    extra.delete()
    settle(course.translation_key)
    lesson = child(course, "l1")
    lesson.minutes = 21
    lesson.save_revision().publish()
    settle(course.translation_key)
    with_extra = CourseRelease.objects.filter(items__version__item=key).last()
    author.post(reverse("authoring_restore", args=[course.pk, with_extra.number]))
    again = Page.objects.get(translation_key=key)
    assert (again.live, again.get_parent().pk) == (False, course.pk)


def test_what_is_left_is_left_for_a_reason(author, course):
    second_release(course)
    other = make_course("other", offered=False)
    child(course, "l2").move(other, pos="last-child")
    locked = child(course, "a1")
    locked.locked = True
    locked.save()
    response = author.post(reverse("authoring_restore", args=[course.pk, 1]))
    text = said(author, response)
    assert "(it is in another course now)" in text
    assert "(somebody has locked it)" in text


def test_the_order_comes_back_when_it_is_asked_for(author, course):
    section = SectionPage(title="ส่วน", slug="part", locale=course.locale)
    course.add_child(instance=section)
    section.save_revision().publish()
    for slug in ("l2", "a1"):
        child(course, slug).move(Page.objects.get(pk=section.pk), pos="last-child")
    settle(course.translation_key)
    then = state_of(course).current.number
    extra = add_lesson(Page.objects.get(pk=section.pk), "extra", 1)
    move(author, course, Page.objects.get(slug="a1"), "out")
    move(author, course, child(course, "a1"), "before", child(course, "l1"))
    move(author, course, extra, "before", Page.objects.get(slug="l2"))
    assert order(course) == ["a1", "l1", "part"]
    url = reverse("authoring_restore", args=[course.pk, then])
    author.post(url)
    assert order(course) == ["a1", "l1", "part"]
    assert "were put back in their places" in said(author, author.post(url, {"order": "1"}))
    assert order(course) == ["l1", "part"]
    assert order(Page.objects.get(pk=section.pk)) == ["l2", "a1", "extra"]
    assert settle(course.translation_key).status == "offered"


def test_a_section_that_is_gone_is_named(author, course):
    section = SectionPage(title="ส่วน", slug="part", locale=course.locale)
    course.add_child(instance=section)
    section.save_revision().publish()
    child(course, "l2").move(Page.objects.get(pk=section.pk), pos="last-child")
    settle(course.translation_key)
    then = state_of(course).current.number
    section = SectionPage.objects.get(pk=section.pk)
    section.title = "ชื่ออื่น"
    section.save_revision().publish()
    url = reverse("authoring_restore", args=[course.pk, then])
    assert "there is no section “ส่วน” any more" in said(author, author.post(url, {"order": "1"}))


def test_a_release_of_another_course_is_not_restored(author, course):
    other = make_course("other")
    number = state_of(other).current.number + 5
    url = reverse("authoring_restore", args=[course.pk, number])
    assert author.post(url, follow=True).status_code == 404


# -- the report ------------------------------------------------------------------------------------


def test_the_report_lists_courses_with_their_minutes(author, course):
    text = author.get(reverse("authoring_rule_report")).text
    assert course.title in text and "44.44" in text


def test_the_report_can_be_filtered(author, course):
    url = reverse("authoring_rule_report")
    assert course.title in author.get(url, {"band": "middle"}).text
    assert course.title not in author.get(url, {"band": "wide"}).text
    assert course.title not in author.get(url, {"q": "no such course"}).text


def test_the_report_is_filtered_by_language(author, course):
    both = make_course("both", lectures=[20], english=True)
    url = reverse("authoring_rule_report")
    shown = {
        language: author.get(url, {"language": language}).text for language in ("th", "en", "both")
    }
    assert course.title in shown["th"] and both.title not in shown["th"]
    assert both.title in shown["both"] and course.title not in shown["both"]
    assert both.title not in shown["en"] and course.title not in shown["en"]


def test_the_report_counts_activities_that_count_less(author, course):
    MeasuredCap.objects.create(
        item=child(course, "a1").translation_key,
        minutes=18,
        declared=20,
        median_minutes=9,
        people=10,
    )
    answer = author.get(reverse("authoring_rule_report"), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert "Activities that count less" in text.splitlines()[0]
    assert text.splitlines()[1].endswith(",1")
    assert "counts 18 minutes: half of 10 people" in author.get(dashboard(course)).text


@pytest.mark.parametrize(("kind", "type"), [("csv", "text/csv"), ("xlsx", "spreadsheetml")])
def test_the_report_is_exported(author, course, kind, type):
    response = author.get(reverse("authoring_rule_report"), {"export": kind})
    assert type in response["Content-Type"]
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if kind == "csv":
        assert course.title in content.decode()
        assert "25" in content.decode()
    else:
        assert content[:2] == b"PK"


def test_the_report_costs_the_same_however_many_courses(
    author, course, django_assert_max_num_queries
):
    for n in range(4):
        make_course(f"more-{n}")
    url = reverse("authoring_rule_report")
    author.get(url)
    with django_assert_max_num_queries(30):
        assert author.get(url).status_code == 200
    assert CoursePage.objects.filter(locale__language_code="th").count() == 5


def test_places_left_open_lead_to_the_form_that_fills_them(author, course):
    page = CoursePage.objects.get(pk=course.pk)
    page.summary = "หลักสูตรเรื่อง «หัวข้อ»"
    page.save(clean=False)
    text = author.get(dashboard(course)).text
    assert f'href="{reverse("authoring_fill", args=[course.pk])}"' in text


def test_a_code_that_another_course_has_is_named(author, course):
    assert "has the code" not in author.get(dashboard(course)).text
    make_course("twin", code=course.code, offered=False)
    assert f"has the code {course.code} too" in author.get(dashboard(course)).text
