"""A branching scenario in a browser: its author mends the graph, a learner plays by keyboard."""

import pytest
from django.contrib.auth.models import Group
from wagtail.users.models import UserProfile

from activities.role_play.models import RolePlaySoloPage
from lms.people.roles import COURSE_MANAGER
from tests.factories.courses import child, make_course
from tests.factories.people import PASSWORD, UserFactory

from .test_learner import (
    AXE,
    Learner,
    text_of,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def course(live_server):
    return make_course("course", lectures=[20, 5], actives=["role_play_solo"], english=True)


def author_in(browser, live_server, language: str, width: int, scheme: str):
    person = UserFactory(preferred_language=language)
    person.groups.add(Group.objects.get(name=COURSE_MANAGER))
    UserProfile.objects.create(user=person, preferred_language=language)
    context = browser.new_context(
        viewport={"width": width, "height": 900}, bypass_csp=True, color_scheme=scheme
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{live_server.url}/{language}/account/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_load_state("load")
    return page


def violations(page) -> list:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(
        "() => axe.run('main .scenario', {resultTypes: ['violations']}).then(r => r.violations.map("
        "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))]))"
    )


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("th", 360, "light"), ("th", 360, "dark"), ("en", 1280, "light"), ("en", 1280, "dark")],
)
def test_the_graph_can_be_read_by_everybody(browser, live_server, course, language, width, scheme):
    scenario = child(course, "a1")
    page = author_in(browser, live_server, language, width, scheme)
    page.goto(f"{live_server.url}/admin/role-plays/{scenario.pk}/graph/")
    assert page.locator("svg.graph a").count() == len(scenario.nodes) + len(scenario.endings)
    assert page.locator("section[aria-labelledby=paths] tbody").last.locator("tr").count() == 8
    assert violations(page) == []
    wide = "() => document.querySelector('main').scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0


def test_a_broken_graph_is_mended_by_following_its_message(browser, live_server, course):
    scenario = RolePlaySoloPage.objects.get(pk=child(course, "a1").pk)
    right = scenario.nodes[0].value["choices"][0]["to"]
    scenario.nodes[0].value["choices"][0]["to"] = "n9"
    scenario.save_revision()
    page = author_in(browser, live_server, "en", 1280, "light")
    page.goto(f"{live_server.url}/admin/pages/{scenario.pk}/edit/")
    page.goto(f"{live_server.url}/admin/courses/{course.pk}/")
    page.click(f"main a[href$='/role-plays/{scenario.pk}/graph/']")
    page.wait_for_load_state("load")
    assert page.locator("svg.graph .box--missing").count() == 1
    assert violations(page) == []

    page.click(".scenario__faults a:has-text('n9')")
    field = page.locator("[data-contentpath=to] input:visible").first
    field.wait_for()
    assert field.input_value() == "n9"
    page.wait_for_function("document.activeElement.value === 'n9'")
    field.fill(right)
    with page.expect_navigation():
        page.locator("button:has-text('Save draft')").first.click()

    page.goto(f"{live_server.url}/admin/role-plays/{scenario.pk}/graph/")
    assert page.locator(".scenario__faults").count() == 0
    assert page.locator("svg.graph .box--missing").count() == 0
    before = page.locator(".scenario__walk").inner_text()
    walks = set()
    for _n in range(6):
        page.click("section[aria-labelledby=walk] a.button")
        page.wait_for_load_state("load")
        walks.add(page.locator(".scenario__walk").inner_text())
    assert walks - {before}


def press_by_keyboard(learner, target) -> None:
    """Go to a control with the Tab key alone, and press Enter."""
    for _n in range(80):
        learner.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            break
    else:
        raise AssertionError(f"the keyboard does not reach it at {learner.page.url}")
    with learner.page.expect_navigation():
        learner.page.keyboard.press("Enter")
    learner.check()


@pytest.mark.parametrize(("language", "width"), [("th", 360), ("en", 1280)])
def test_a_learner_finishes_by_keyboard_alone(browser, live_server, course, language, width):
    person = UserFactory(preferred_language=language)
    learner = Learner(browser, live_server, language, width)
    learner.sign_in(person.email)
    learner.enrol("course")
    learner.go("learn/course/a1/")
    body, choices = learner.page.locator(".player-item"), 0
    for _n in range(30):
        if learner.page.locator(".item-head .chip--done").count():
            break
        learner.page.wait_for_load_state("load")
        options = body.locator("button.choice")
        areas = body.locator("textarea")
        if options.count():
            # From one choice to the next, so that the second play differs from the first.
            target = options.nth(choices % options.count())
            choices += 1
        else:
            for n, area in enumerate(areas.all()):
                area.focus()
                least = int(area.get_attribute("data-min-chars") or 60)
                learner.page.keyboard.insert_text(text_of(least, n + 11))
            main = body.locator("button.button--do, a.button--do").first
            target = main
        press_by_keyboard(learner, target)
    assert person.participations.get(item=child(course, "a1").translation_key).completed
    assert learner.errors == []
    assert {name: found for name, found in learner.violations.items() if found} == {}


def test_a_learner_finishes_without_scripts(browser, live_server, course):
    person = UserFactory(preferred_language="en")
    learner = Learner(browser, live_server, "en", 1280, scripts=False)
    learner.sign_in(person.email)
    learner.enrol("course")
    learner.go("learn/course/a1/")
    for _n in range(30):
        if learner.page.locator(".item-head .chip--done").count():
            break
        learner.step()
    assert learner.errors == []
    assert person.participations.filter(completed_at__isnull=False).count() == 1
