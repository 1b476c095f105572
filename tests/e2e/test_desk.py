"""The whole way of an instructor at the desk: what waits, the matrix, a person, more time, a message, the
roll call, a file; from the keyboard where it counts, looked at by axe, and once more without scripts."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone, translation

from activities.core.models import Decision
from courses.enrolment.models import CourseRun, Enrolment
from courses.teaching.models import Attendance, Meeting, Message, SeenAs
from lms.people.roles import INSTRUCTOR
from tests.factories.courses import make_course
from tests.factories.people import UserFactory

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
RUN_AXE = (
    "() => axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
    "v => [location.pathname, v.id, v.nodes.slice(0, 2).map(n => n.html.slice(0, 160))]))"
)


class Desk:
    """An instructor in a browser, signed in."""

    def __init__(self, browser, server: str, client, user, *, scripts: bool, width: int):
        client.force_login(user)
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale="th-TH",
            bypass_csp=True,
            java_script_enabled=scripts,
        )
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}]
        )
        self.page, self.server, self.scripts = context.new_page(), server, scripts
        self.page.set_default_timeout(30_000)
        self.found: list = []
        self.page.on("pageerror", lambda error: self.found.append(str(error)))

    def go(self, name: str, *args) -> None:
        with translation.override("th"):
            self.page.goto(self.server + reverse(name, args=args))
        self.check()

    def check(self) -> None:
        if not self.scripts:
            return
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        self.found += self.page.evaluate(RUN_AXE)
        wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if self.page.evaluate(wide) > 0:
            self.found.append([self.page.url, "scrolls sideways"])

    def send(self, button) -> None:
        with self.page.expect_navigation():
            button.click()
        self.page.wait_for_load_state("load")


@pytest.mark.parametrize(("scripts", "width"), [(True, 1280), (False, 360)])
def test_an_instructors_day(browser, live_server, client, scripts, width):
    course = make_course("course", lectures=[25], actives=["role_play_solo"])
    start = timezone.now() - timedelta(hours=3)
    run = CourseRun.objects.create(
        course=course.translation_key, pacing="cohort", name="รุ่น 1", starts_at=start
    )
    teacher = UserFactory()
    teacher.groups.add(Group.objects.get(name=INSTRUCTOR))
    run.instructors.add(teacher)
    people = [
        Enrolment.objects.create(user=UserFactory(first_name=name, last_name="ใจดี"), run=run)
        for name in ("กมล", "ขวัญ", "คงคา")
    ]
    meeting = Meeting.objects.create(
        run=run, title="พบกัน", starts_at=start, ends_at=start + timedelta(hours=2)
    )
    desk = Desk(browser, live_server.url, client, teacher, scripts=scripts, width=width)
    page = desk.page

    # What waits leads to the meeting whose roll nobody has called.
    desk.go("teach_runs")
    desk.send(page.locator("a[href$='/meetings/']").first)
    desk.check()
    desk.send(page.locator(f"a[href$='/meetings/{meeting.pk}/roll/']"))
    desk.check()
    if scripts:
        page.locator("[data-person] input").first.focus()
        page.keyboard.press("p")
        page.keyboard.press("l")
        page.keyboard.type("30")
        page.keyboard.press("Enter")
        page.keyboard.press("a")
    else:
        page.check(f"[name=state-{people[0].pk}][value=present]")
        page.check(f"[name=state-{people[1].pk}][value=late]")
        page.fill(f"[name=late-{people[1].pk}]", "30")
        page.check(f"[name=state-{people[2].pk}][value=absent]")
    desk.send(page.locator("button[value=save]"))
    noted = dict(Attendance.objects.values_list("enrolment", "minutes"))
    assert noted == {people[0].pk: 120, people[1].pk: 90, people[2].pk: 0}

    # A cell of the matrix leads to the person at that item.
    desk.go("teach_matrix", run.pk)
    if scripts:
        page.locator("tbody th a").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    else:
        desk.send(page.locator("tbody td a").nth(1))
    desk.check()
    who = Enrolment.objects.get(pk=int(page.url.split("/people/")[1].split("/")[0]))
    box = page.locator("section[id^=i-]").nth(1)
    box.locator("summary").click()
    box.locator("textarea").fill("ติดราชการเร่งด่วนตลอดสัปดาห์นี้")
    box.locator("[name=until]").fill("22/11/2599 16.30")
    desk.send(box.locator("button[value=extend]"))
    assert Decision.objects.get().seat == who.seat
    if scripts:  # Enter beside a button presses that one
        box = page.locator("section[id^=i-]:has([name=score])").first
        if box.locator("details").get_attribute("open") is None:
            box.locator("summary").click()
        box.locator("textarea").fill("ตรวจจากแฟ้มงานที่ส่งเป็นกระดาษ")
        box.locator("[name=score]").fill("75")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert Decision.objects.get(kind="override").score == 75

    # What this person sees, and back.
    desk.go("teach_see_as_first", run.pk, who.pk)
    assert page.locator(".view-as").is_visible()
    assert SeenAs.objects.get().by == teacher
    desk.send(page.locator(".view-as a"))
    assert page.url.endswith(f"/people/{who.pk}/")

    # A message to one, and the list as a file.
    desk.go("teach_people", run.pk)
    page.check(f"[name=to][value='{who.pk}']")
    desk.send(page.locator("button[value=message]"))
    page.locator("#body").fill("สวัสดีครับ พบกันวันจันทร์")
    desk.send(page.locator("button[value=send]"))
    assert Message.objects.get().learner == who.user
    desk.go("teach_people", run.pk)
    with page.expect_download() as download:
        page.locator("a[href$='people.csv']").first.click()
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert {row[1]: row[-1] for row in rows[1:]} == {
        people[0].user.email: "100",
        people[1].user.email: "75",
        people[2].user.email: "0",
    }
    assert desk.found == []
