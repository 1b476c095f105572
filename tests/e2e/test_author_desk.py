"""The author's desk in a browser: from a template to published, releases, course files."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone
from wagtail.users.models import UserProfile

from courses.catalogue.course_export import export_course
from courses.catalogue.models import CatalogPage, CoursePage
from courses.releases.models import CourseState
from courses.releases.settle import settle
from lms.people.roles import COURSE_MANAGER
from tests.factories.courses import build_tree, child, make_course, state_of
from tests.factories.people import PASSWORD, UserFactory
from tests.factories.site import SLUG, demo_course
from tests.services import chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"


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


def sign_in(page, live_server):
    person = UserFactory(preferred_language="en")
    person.groups.add(Group.objects.get(name=COURSE_MANAGER))
    UserProfile.objects.create(user=person, preferred_language="en")
    page.goto(f"{live_server.url}/en/account/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_load_state("load")


def violations(page) -> list[str]:
    """What axe finds in the desk's own part of the page."""
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run('main', {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found["violations"]]


def publish_all(page, live_server, course):
    """Publish a course and everything below it, as the explorer's bulk action does."""
    page.goto(f"{live_server.url}/admin/bulk/wagtailcore/page/publish/?id={course.pk}&next=/admin/")
    page.check("[name=include_descendants]")
    with page.expect_navigation():
        page.locator("main form button[type=submit], main form input[type=submit]").first.click()
    return page.locator(".messages").inner_text()


def test_from_a_template_to_published_with_one_refusal_on_the_way(page, live_server):
    build_tree()
    sign_in(page, live_server)
    catalogue = CatalogPage.objects.get(locale__language_code="th")
    page.goto(f"{live_server.url}/admin/courses/{catalogue.pk}/new/")
    page.check("input[name=template][value=one-day-workshop]")
    for box in page.locator("input[type=checkbox][name=languages]").all():
        box.check()
    page.fill("[name=title_th]", "บริการที่ดีขึ้นในหนึ่งวัน")
    page.fill("[name=title_en]", "Better service in a day")
    page.fill("[name=code]", "BS-101")
    page.fill("[name=slug]", "better-service")
    with page.expect_navigation():
        page.locator("main form button[type=submit], main form input[type=submit]").last.click()

    errors = page.locator(".w-field__errors").all_inner_texts()
    assert "".join(errors).strip() == ""
    thai = CoursePage.objects.get(slug="better-service", locale__language_code="th")
    said = publish_all(page, live_server, thai)
    assert "«" in said
    assert not CourseState.objects.filter(course=thai.translation_key, current__isnull=False)

    page.goto(f"{live_server.url}/admin/courses/{thai.pk}/fill/")
    # The same words in two answers of the quiz would be refused, and rightly.
    for n, field in enumerate(page.locator("main form input[type=text], main form textarea").all()):
        field.fill(f"เรื่องที่ {n} ของเรา")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()

    said = publish_all(page, live_server, thai)
    assert "left out" not in said
    state = CourseState.objects.get(course=thai.translation_key)
    assert state.status == "offered", state.problems
    page.goto(f"{live_server.url}/th/courses/better-service/")
    assert "บริการที่ดีขึ้นในหนึ่งวัน" in page.locator("h1").inner_text()


def test_putting_in_order_by_keyboard_and_bringing_a_release_back(page, live_server):
    course = make_course("course", lectures=[20, 5], actives=["role_play_solo"])
    lesson = child(course, "l1")
    lesson.title = "ชื่อใหม่"
    lesson.save_revision().publish()
    settle(course.translation_key)
    current = state_of(course).current
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/courses/{course.pk}/")
    assert violations(page) == []
    button = page.locator(f"#p{child(course, 'a1').pk} button[value=up]")
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert [p.slug for p in course.get_children()] == ["l1", "a1", "l2"]

    page.goto(f"{live_server.url}/admin/courses/{course.pk}/releases/")
    assert violations(page) == []
    page.get_by_role("button", name="Compare the two").click()
    page.wait_for_load_state("load")
    page.goto(f"{live_server.url}/admin/courses/{course.pk}/releases/1/restore/")
    with page.expect_navigation():
        page.get_by_role("button", name="Bring back as drafts").click()
    assert "Nothing is published yet" in page.locator(".messages").inner_text()
    lesson.refresh_from_db()
    assert lesson.title == "ชื่อใหม่"
    assert lesson.get_latest_revision_as_object().title == "บทเรียน l1"
    assert state_of(course).current.number >= current.number


def test_a_course_file_with_mistakes_then_without(page, live_server, tmp_path):
    demo_course()
    exported = export_course(CoursePage.objects.get(slug=SLUG, locale__language_code="th"))
    good = exported.text.replace("minutes: 25", "minutes: 26", 1)
    for name, text in (("bad", good.replace("level:", "levle:", 1)), ("good", good)):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("course.yaml", text)
            for path, content in exported.pictures.items():
                archive.writestr(path, content)
        (tmp_path / f"{name}.zip").write_bytes(stream.getvalue())
    sign_in(page, live_server)

    page.goto(f"{live_server.url}/admin/course-files/")
    assert violations(page) == []
    page.set_input_files("[name=file]", str(tmp_path / "bad.zip"))
    with page.expect_navigation():
        page.get_by_role("button", name="Check the file").click()
    said = page.locator("main").inner_text()
    assert "1 mistake. Nothing was changed." in said
    assert "did you mean “level”?" in said

    page.get_by_role("link", name="Check another file").click()
    page.set_input_files("[name=file]", str(tmp_path / "good.zip"))
    with page.expect_navigation():
        page.get_by_role("button", name="Check the file").click()
    assert "This is what would change" in page.locator("main").inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="Import now").click()
    assert "Imported." in page.locator("main").inner_text()
    assert CourseState.objects.get(slug=SLUG).current.lecture == 136


def test_translating_a_course_makes_drafts_that_the_dashboard_counts(page, live_server):
    course = make_course("course")
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/courses/{course.pk}/")
    assert "no en" in page.locator("#outline + p + p + div, main").last.inner_text()

    page.goto(f"{live_server.url}/admin/translation/submit/page/{course.pk}/")
    for box in page.locator("main input[type=checkbox]").all():
        box.check(force=True)
    with page.expect_navigation():
        page.locator("main form button[type=submit], main form input[type=submit]").last.click()

    english = CoursePage.objects.get(slug="course", locale__language_code="en")
    assert not english.live
    assert english.get_children().count() == course.get_children().count()
    page.goto(f"{live_server.url}/admin/courses/{course.pk}/")
    said = page.locator("main").inner_text()
    assert "3 of 3 pages there, 0 published" in said
    assert state_of(course).status == "offered"


def schedule(page, live_server, lesson, minutes: int, when: str):
    """Change a lesson's minutes and let the clock publish it, as an author does in the editor."""
    page.goto(f"{live_server.url}/admin/pages/{lesson.pk}/edit/")
    page.fill("[name=minutes]", str(minutes))
    opener = page.get_by_role("button", name="Set schedule")
    if not opener.is_visible():  # the panel stays as the author left it
        page.get_by_role("button", name="Toggle status").click()
    opener.press("Enter")
    dialog = page.get_by_role("dialog")
    field = dialog.locator("[name=go_live_at]")
    field.fill(when)
    # By keyboard: the calendar that opens with the field lies over the button.
    with page.expect_navigation():
        dialog.get_by_role("button", name="Save schedule").press("Enter")
    page.get_by_role("button", name="More actions").click()
    with page.expect_navigation():
        page.locator("button[name=action-publish]").first.click()
    return page.locator(".messages").inner_text()


def test_two_scheduled_lessons_of_which_one_fails(page, live_server, time_machine):
    """Each fits alone, both together do not: the first goes live, the second stays scheduled and its
    author is told."""
    course = make_course("course", lectures=[10, 10], actives=["role_play_solo"])
    sign_in(page, live_server)
    later = (timezone.localtime() + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    for slug in ("l1", "l2"):
        said = schedule(page, live_server, child(course, slug), 18, later)
        assert "Cannot publish" not in said and "scheduled" in said
    assert state_of(course).current.lecture == 20

    time_machine.move_to(timezone.now() + timedelta(hours=2))
    call_command("publish_scheduled", stdout=io.StringIO())
    live = [child(course, slug).minutes for slug in ("l1", "l2")]
    assert sorted(live) == [10, 18]
    assert state_of(course).current.lecture == 28
    page.goto(f"{live_server.url}/en/my/notifications/")
    assert "did not go live as scheduled" in page.locator("main").inner_text()
    refused = child(course, "l1" if live[0] == 10 else "l2")
    page.goto(f"{live_server.url}/admin/pages/{refused.pk}/edit/")
    assert page.input_value("[name=minutes]") == "18"
