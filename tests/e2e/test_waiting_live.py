"""Who waits in a workshop, and who leads a discussion, hear what has come without loading the page."""

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from activities.core.models import Participation
from activities.discussion.models import Post
from activities.workshop import standing
from courses.enrolment.enrol import enrol
from lms.people.roles import INSTRUCTOR
from tests.activities.discussion.conftest import ANSWERS, REPLIES
from tests.factories.people import UserFactory
from tests.factories.site import demo_course, the_run

from .test_discussion import ITEM as DISCUSSION
from .test_discussion import Person as Writer
from .test_discussion_live import ASK, asks_until
from .test_workshop import ITEM, Person, run  # noqa: F401 - fixture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
SAID, LOAD, SHOW, PAUSE = (f"[data-live-{what}]" for what in ("said", "load", "show", "pause"))


def has_focus(locator) -> bool:
    return locator.evaluate("found => found === document.activeElement")


def test_who_waits_in_a_workshop_hears_what_has_come(browser, live_server, run):  # noqa: F811
    waits = Person(browser, live_server, run, name="อรุณี", language="th", width=360)
    peer, absent = (Person(browser, live_server, run, name=name) for name in ("Peer", "Absent"))
    for one in (peer, absent):
        one.go(ITEM)
    waits.until("waiting")
    page, said = waits.page, waits.page.locator(SAID)
    assert "ขณะนี้ยังไม่มีงานให้ประเมิน" in waits.here().inner_text()
    assert page.locator(LOAD).is_hidden() and said.inner_text() == ""

    # A work comes: it is said, and nothing else happens.
    peer.until("calibrating")
    page.locator(PAUSE).focus()
    heading, place = waits.heading(), page.evaluate("window.scrollY")
    asks_until(waits, lambda: said.inner_text() == "งานที่ท่านต้องประเมินพร้อมแล้ว")
    assert (waits.heading(), page.evaluate("window.scrollY")) == (heading, place)
    assert has_focus(page.locator(PAUSE)), "no focus is taken"
    waits.violations.clear()
    waits.check()
    page.locator(LOAD).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert waits.here().locator("button[value=take]").is_visible()
    assert page.locator(SAID).count() == 0, "there is nothing to wait for here"

    # A review comes, then the results; never a name nor a score.
    waits.until("waiting")
    peer.until("waiting", "results")
    asks_until(waits, lambda: said.inner_text() == "มีผลประเมินงานของท่านเข้ามาใหม่")
    standing.bring_up_to_date(waits.participation.pk, timezone.now(), open_by="instructor")
    asks_until(waits, lambda: said.inner_text() == "ผลการประเมินงานของท่านเปิดให้อ่านแล้ว")
    assert waits.heading() == heading, "the results are not shown before they are asked for"
    bar = page.locator("[data-live-url]").inner_text()
    assert "Peer" not in bar and not any(sign.isdigit() for sign in bar)
    waits.violations.clear()
    waits.check()
    with page.expect_navigation():
        page.locator(LOAD).click()
    assert waits.here().locator("#results").is_visible()
    assert waits.errors == [] and not any(waits.violations.values())

    # Without JavaScript it is a link to the page itself.
    plain = browser.new_context(
        viewport={"width": 360, "height": 800},
        java_script_enabled=False,
        storage_state=peer.context.storage_state(),
    ).new_page()
    plain.goto(f"{live_server.url}/en/{ITEM}waiting/")
    assert peer.stage == "waiting"
    with plain.expect_navigation():
        plain.locator(LOAD).click()
    assert plain.url.endswith("/waiting/") and plain.locator(PAUSE).is_hidden()
    assert "Received 1 of" in plain.locator("main").inner_text()


def test_the_desk_of_a_discussion_hears_of_new_posts(browser, live_server):
    state = demo_course()
    people = [UserFactory(first_name=name) for name in ("อรุณี", "บุญมี")]
    for user in people:
        enrol(user, state.course)
    teacher = UserFactory(first_name="วิทยา")
    teacher.groups.add(Group.objects.get(name=INSTRUCTOR))
    the_run().instructors.add(teacher)
    first = Writer(browser, live_server, people[0])
    first.go(DISCUSSION)
    first.send(ANSWERS[0])
    item = Participation.objects.get(user=people[0]).item
    desk = Writer(browser, live_server, teacher)
    place = f"teach/{the_run().pk}/{item}/"
    desk.go(place)
    page, said = desk.page, desk.page.locator(SAID)
    page.locator("details:has(#summary) summary").click()
    page.fill("#summary", "สิ่งที่กำลังเขียน")

    second = Writer(browser, live_server, people[1])
    second.go(DISCUSSION)
    second.send(ANSWERS[1])
    root = Post.objects.get(author=people[0])
    second.go(DISCUSSION + f"reply-{root.pk}/")
    second.send(REPLIES[0])
    asks_until(desk, lambda: said.inner_text() == "มีโพสต์ใหม่ 2 โพสต์")
    assert page.locator("tbody tr").count() == 1, "nothing moves by itself"
    assert has_focus(page.locator("#summary"))
    desk.check()
    page.locator(SHOW).focus()
    page.keyboard.press("Enter")
    page.locator("tbody tr").nth(1).wait_for()
    assert has_focus(page.locator("[data-live-part=list]"))
    assert page.input_value("#summary") == "สิ่งที่กำลังเขียน", "a form stays as it is"
    assert said.inner_text() == "หน้านี้เป็นข้อมูลล่าสุดแล้ว" and page.locator(SHOW).is_hidden()
    desk.check()

    # What is to be checked is told where that is shown, new posts only where they are.
    desk.go(place + "check/")
    second.go(DISCUSSION + f"report-{root.pk}/")
    second.page.locator("main input[value=rude]").check()
    second.press("main form:has(input[value=rude]) button[type=submit]")
    asks_until(desk, lambda: said.inner_text() == "มีโพสต์รอตรวจสอบใหม่ 1 โพสต์")
    page.locator(SHOW).click()
    page.locator("[data-live-part=list] .post").wait_for()
    assert "(1)" in page.locator("[data-live-part=tabs] [aria-current]").inner_text()
    desk.check()

    # Paused, nothing is asked any more; the link takes the place of the line.
    page.locator(PAUSE).click()
    asked = []
    page.on("request", lambda request: "/-/events/" in request.url and asked.append(1))
    page.evaluate(ASK)
    page.wait_for_timeout(300)
    assert not asked and page.locator(LOAD).is_visible()
    with page.expect_navigation():
        page.locator(LOAD).click()
    assert page.locator(PAUSE).inner_text() == "อัปเดตอัตโนมัติต่อ"
