"""A cohort from the manager's form to the one who moves up; a list with mistakes, without, and undone."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import translation

from courses.enrolment.enrol import enrolment_in
from courses.enrolment.models import CourseRun, Enrolment
from lms.people.roles import COURSE_MANAGER
from tests.factories.courses import make_course
from tests.factories.people import UserFactory
from tests.services import chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"


class Visitor:
    """Somebody with a browser of their own, signed in."""

    def __init__(self, browser, server: str, client, user, width: int = 360):
        client.force_login(user)
        self.server = server
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale="th-TH", bypass_csp=True
        )
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}]
        )
        self.page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.found: list = []

    def go(self, name: str, *args) -> None:
        with translation.override("th"):
            self.page.goto(self.server + reverse(name, args=args))
        self.check()

    def check(self) -> None:
        if not AXE.is_file():
            return
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        self.found += self.page.evaluate(
            "() => axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
            "v => [location.pathname, v.id, v.nodes.slice(0, 2).map(n => n.html.slice(0, 160))]))"
        )
        wide = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self.found.append([self.page.url, "scrolls-sideways", wide])

    def press(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.click(selector)
        self.page.wait_for_load_state("load")
        self.check()

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()


@pytest.fixture
def visitor(live_server, monkeypatch, client):
    from django.test import Client
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield lambda user, width=360: Visitor(browser, live_server.url, Client(), user, width)
        browser.close()


def test_a_cohort_of_two_places_three_people_and_a_list(visitor, tmp_path):
    course = make_course("course")
    CourseRun.objects.update(is_open=False)
    manager = UserFactory()
    manager.groups.add(Group.objects.get(name=COURSE_MANAGER))
    desk = visitor(manager, 1280)
    desk.go("teach_run_new", course.translation_key)
    page = desk.page
    page.fill("#id_name", "รุ่นทดลอง")
    page.fill("#id_starts_at", "1/2/2700")
    page.fill("#id_ends_at", "1 ม.ค. 2700")
    page.fill("#id_capacity", "2")
    desk.press("main form button[type=submit]")
    assert page.input_value("#id_name") == "รุ่นทดลอง"
    assert page.locator("#id_ends_at[aria-invalid=true]").count() == 1
    page.fill("#id_ends_at", "28 ก.พ. 2700")
    desk.press("main form button[type=submit]")
    run = CourseRun.objects.get(name="รุ่นทดลอง")

    people = [UserFactory() for _n in range(3)]
    visitors = [visitor(person) for person in people]
    for guest in visitors:
        guest.page.goto(f"{guest.server}/th/courses/course/")
        guest.check()
        guest.press(".run-choices form button")
    assert enrolment_in(people[1], run.course) is not None
    assert enrolment_in(people[2], run.course) is None
    assert "ลำดับที่ 1" in visitors[2].text
    visitors[0].page.goto(f"{visitors[0].server}/th/courses/course/")
    visitors[0].page.click(".course-box details summary")
    visitors[0].press(".course-box details button")
    visitors[2].go("run_join", "course", run.key)
    assert enrolment_in(people[2], run.course) is not None
    visitors[2].page.goto(f"{visitors[2].server}/th/courses/course/")
    visitors[2].check()
    assert "เลื่อนขึ้นจากรายชื่อสำรอง" in visitors[2].text

    CourseRun.objects.filter(pk=run.pk).update(capacity=10)
    file = tmp_path / "list.csv"
    file.write_text("email,group\nbad,\nnew@agency.example,ไม่มี\n", encoding="utf-8-sig")
    desk.go("teach_enrol", run.pk)
    desk.go("teach_import", run.pk)
    page.set_input_files("#id_file", str(file))
    desk.press("main form button[type=submit]")
    assert "บรรทัดที่ 2" in desk.text
    assert "บรรทัดที่ 3" in desk.text
    file.write_text("email\nnew@agency.example\n", encoding="utf-8-sig")
    desk.go("teach_import", run.pk)
    page.set_input_files("#id_file", str(file))
    desk.press("main form button[type=submit]")
    desk.press("button[value=confirm]")
    assert Enrolment.objects.filter(run=run, user__email="new@agency.example").exists()
    desk.press("button[value=undo]")
    assert not Enrolment.objects.filter(run=run, user__email="new@agency.example").exists()
    desk.go("teach_course_runs", course.translation_key)
    assert [row for each in (desk, *visitors) for row in each.found] == []
