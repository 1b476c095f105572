"""An instructor in a browser meets the rule while editing."""

import pytest
from django.contrib.auth.models import Group

from courses.catalogue.models import LessonPage
from courses.releases.models import CourseState
from lms.people.roles import INSTRUCTOR
from tests.factories.people import PASSWORD, UserFactory
from tests.factories.site import SLUG, demo_course
from tests.services import chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def page(live_server, monkeypatch):
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; the database is asked between its calls only.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(20_000)
        yield page
        browser.close()


def test_too_much_lecture_is_refused_with_the_fix_and_the_draft_is_kept(page, live_server):
    before = demo_course()
    instructor = UserFactory()
    instructor.groups.add(Group.objects.get(name=INSTRUCTOR))
    lesson = LessonPage.objects.get(slug="a-l1", locale__language_code="th")

    page.goto(f"{live_server.url}/th/account/login/")
    page.fill("[name=login]", instructor.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_load_state("load")

    page.goto(f"{live_server.url}/admin/pages/{lesson.pk}/edit/")
    page.fill("#id_minutes", "200")
    page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    with page.expect_navigation():
        page.locator("button[name=action-publish]").first.click()

    said = page.locator(".messages").inner_text()
    assert "310" in said
    assert "ยังเผยแพร่ไม่ได้" in said or "Cannot publish yet" in said
    assert page.input_value("#id_minutes") == "200"
    lesson.refresh_from_db()
    assert lesson.minutes == 25
    state = CourseState.objects.get(slug=SLUG)
    assert (state.status, state.current_id) == ("offered", before.current_id)

    page.goto(f"{live_server.url}/th/courses/{SLUG}/")
    assert "4 ชม. 25 นาที" in page.locator("main").inner_text()
