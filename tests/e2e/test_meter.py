"""The meter while somebody edits, in a browser: words follow what is typed, by keyboard alone."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from wagtail.users.models import UserProfile

from courses.catalogue.models import LessonPage
from lms.people.roles import INSTRUCTOR
from tests.factories.courses import child, make_course
from tests.factories.people import PASSWORD, UserFactory

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"


def author(language="en", theme="light"):
    person = UserFactory(preferred_language=language)
    person.groups.add(Group.objects.get(name=INSTRUCTOR))
    UserProfile.objects.create(user=person, preferred_language=language, theme=theme)
    return person


def opened(browser, live_server, person, path: str, width=1280):
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{live_server.url}/th/account/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_load_state("load")
    page.goto(f"{live_server.url}{path}")
    page.wait_for_selector("[data-meter]")
    return page


def test_typing_minutes_changes_the_words_and_moves_no_focus(browser, live_server):
    course = make_course("meter", lectures=[25], actives=["role_play_solo"])
    lesson = child(course, "l1")
    page = opened(browser, live_server, author(), f"/admin/pages/{lesson.pk}/edit/")
    meter = page.locator("[data-meter]")
    assert "Lecture 25 of 45 minutes" in meter.inner_text()
    assert page.locator("[data-meter-said]").inner_text() == ""

    page.locator("#id_minutes").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("50")
    page.wait_for_function(
        "document.querySelector('[data-meter]').innerText.includes('Lecture 50 of 70 minutes')"
    )
    assert page.evaluate("document.activeElement.id") == "id_minutes"
    text = meter.inner_text()
    assert "Cannot publish yet" in text
    assert "Add at least 14 minutes of doing or cut at least 20 minutes of lecture." in text
    assert "Cannot publish yet" in page.locator("[data-meter-said]").inner_text()
    assert "Cannot publish yet" in page.locator("[data-meter-part=line]").inner_text()
    assert page.locator("[name=action-publish]").count() >= 1
    assert not page.locator("[name=action-publish]").first.is_disabled()

    # The details open and stay open by keyboard, and what is in them is brought up to date.
    page.locator("#meter-details").focus()
    page.keyboard.press("Enter")
    assert page.locator(".sala-meter__details").get_attribute("open") is not None
    page.locator("#id_minutes").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("26")
    page.wait_for_function(
        "document.querySelector('[data-meter-part=details]').innerText.includes('26')"
    )
    assert page.locator(".sala-meter__details").get_attribute("open") is not None
    assert LessonPage.objects.get(pk=lesson.pk).minutes == 25


def test_a_new_page_goes_on_counting_once_it_is_saved(browser, live_server):
    course = make_course("meter", lectures=[25], actives=["role_play_solo"])
    path = f"/admin/pages/add/catalogue/lessonpage/{course.pk}/"
    page = opened(browser, live_server, author(), path)
    page.wait_for_timeout(3000)  # from then on Wagtail knows what the form was at first
    page.locator("#id_title").press_sequentially("New lesson")
    page.fill("#id_minutes", "5")
    page.wait_for_function(
        "document.querySelector('[data-meter]').innerText.includes('Lecture 30 of 50 minutes')"
    )
    page.wait_for_url("**/edit/**")  # Wagtail has saved the draft by itself
    page.fill("#id_minutes", "7")
    page.wait_for_function(
        "document.querySelector('[data-meter]').innerText.includes('Lecture 32 of 52 minutes')"
    )


def test_a_server_that_does_not_answer_is_said_in_words(browser, live_server):
    course = make_course("meter", lectures=[25], actives=["role_play_solo"])
    lesson = child(course, "l1")
    page = opened(browser, live_server, author(), f"/admin/pages/{lesson.pk}/edit/")
    page.route("**/admin/meter/**", lambda route: route.abort())
    page.fill("#id_minutes", "26")
    page.wait_for_selector("[data-meter-error]:not([hidden])")
    assert "could not be brought up to date" in page.locator("[data-meter-said]").inner_text()
    page.unroute("**/admin/meter/**")
    page.fill("#id_minutes", "27")
    page.wait_for_selector("[data-meter-error]", state="hidden")
    assert "Lecture 27 of 47 minutes" in page.locator("[data-meter]").inner_text()


def test_an_answer_that_comes_late_is_dropped(browser, live_server):
    course = make_course("meter", lectures=[25], actives=["role_play_solo"])
    lesson = child(course, "l1")
    page = opened(browser, live_server, author(), f"/admin/pages/{lesson.pk}/edit/")
    held = []

    def first_waits(route):
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/admin/meter/**", first_waits)
    page.fill("#id_minutes", "40")
    page.wait_for_timeout(1500)
    assert len(held) == 1
    page.fill("#id_minutes", "28")
    page.wait_for_function(
        "document.querySelector('[data-meter]').innerText.includes('Lecture 28 of 48 minutes')"
    )
    held[0].fulfill(
        status=200,
        content_type="text/html",
        body='<div data-meter-answer data-said="x"><div data-meter-part="states">old</div></div>',
    )
    page.wait_for_timeout(500)
    assert "Lecture 28 of 48 minutes" in page.locator("[data-meter]").inner_text()


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("en", "light", 1280), ("th", "dark", 1280), ("th", "light", 360), ("en", "dark", 360)],
)
def test_nothing_stands_in_anybodys_way(browser, live_server, language, theme, width):
    course = make_course("meter", lectures=[25, 30], actives=[("discussion", 60)], offered=False)
    person = author(language, theme)
    page = opened(browser, live_server, person, f"/admin/pages/{course.pk}/edit/", width)
    page.locator("#meter-details").focus()
    page.keyboard.press("Enter")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for place in (".sala-meter", ".sala-meter-line"):
        found = page.evaluate("place => axe.run(place)", place)
        assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]] == []
    wide = page.evaluate(
        "document.querySelector('[data-meter]').getBoundingClientRect().right - innerWidth"
    )
    assert wide <= 0
