"""An instructor weighs, a learner reads what is missing, a manager corrects a name: in a browser,
each page checked for accessibility."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group

from activities.core.enums import State
from activities.core.models import Participation
from activities.core.record import record
from courses.certificates.models import Certificate
from courses.enrolment.enrol import enrol
from courses.enrolment.models import Enrolment
from courses.releases.delivery import current_version
from lms.people.roles import COURSE_MANAGER
from tests.factories.people import PASSWORD, UserFactory
from tests.factories.site import SLUG, demo_course, the_run

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
CHECK = (
    "() => axe.run(document, {resultTypes: ['violations']})"
    ".then(r => r.violations.map(v => [v.id, v.nodes[0].html.slice(0, 160)]))"
)
WHY = "เป็นไปตามประกาศของรุ่น"


def signed_in(browser, server, person, language: str, width: int):
    page = browser.new_context(
        viewport={"width": width, "height": 900}, bypass_csp=True, locale=language
    ).new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{server.url}/{language}/account/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    press(page, page.locator("main form button[type=submit]").first)
    return page


def press(page, button) -> None:
    button.click()
    page.wait_for_load_state("load")


def sound(page) -> None:
    """Nothing that axe finds, and nothing that scrolls sideways."""
    if AXE.is_file():
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(CHECK) == [], page.url
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0, page.url


def done(person, course, score: int) -> Enrolment:
    """Everything of the course, each activity with the same score."""
    enrolment = enrol(person, course.course)
    for entry in course.current.outline["items"]:
        participation = Participation.objects.create(
            user=person,
            seat=enrolment.seat,
            cohort=enrolment.run.key,
            item=entry["key"],
            version=current_version(course.current, entry["key"]),
        )
        values = {} if entry["category"] == "lecture" else {"score": score}
        record(participation, state=State.COMPLETED, **values)
    enrolment.refresh_from_db()
    return enrolment


def test_from_a_pass_mark_to_a_corrected_certificate(browser, live_server):
    course = demo_course()
    manager, learner = UserFactory(), UserFactory(first_name="อรุณี", last_name="ใจดี")
    manager.groups.add(Group.objects.get(name=COURSE_MANAGER))
    run = the_run()
    desk = signed_in(browser, live_server, manager, "en", 1280)

    # A pass mark for the run: wrong first, then what it would do, then saved.
    desk.goto(f"{live_server.url}/en/teach/{run.pk}/grades/rules/")
    desk.fill("#pass_mark", "160")
    press(desk, desk.locator("button[value=save]"))
    assert desk.input_value("#pass_mark") == "160"
    sound(desk)
    desk.fill("#pass_mark", "60")
    desk.fill("#reason", WHY)
    press(desk, desk.locator("button[value=effect]"))
    assert "Nothing is saved yet." in desk.locator("main").inner_text()
    sound(desk)
    press(desk, desk.locator("button[value=save]"))
    assert "Grades reckoned anew" in desk.locator("h1").inner_text()

    # The learner does everything, scores 50, and reads why that is not enough.
    enrolment = done(learner, course, 50)
    assert enrolment.percent == 99
    phone = signed_in(browser, live_server, learner, "th", 360)
    phone.goto(f"{live_server.url}/th/course/{SLUG}/grades/")
    said = phone.locator(".why").inner_text()
    assert "50" in said and "60" in said
    sound(phone)

    # The manager sets the grade; the course is complete, with a certificate.
    desk.goto(f"{live_server.url}/en/teach/{run.pk}/grades/")
    sound(desk)
    press(desk, desk.locator("table.matrix a").first)
    desk.fill("#score", "75")
    desk.fill("#reason", WHY)
    press(desk, desk.locator("main form button.button--main"))
    sound(desk)
    enrolment.refresh_from_db()
    assert enrolment.percent == 100
    certificate = Certificate.objects.get(enrolment=enrolment)

    # The name is corrected; the old number leads to the new one.
    desk.goto(f"{live_server.url}/en/teach/certificates/?q={certificate.number}")
    sound(desk)
    press(desk, desk.locator("tbody a").first)
    desk.locator("details:has(#holder) summary").click()
    desk.fill("#holder", "อรุณี ใจงาม")
    desk.fill("#reissue-reason", WHY)
    press(desk, desk.locator("details:has(#holder) button"))
    sound(desk)
    phone.goto(f"{live_server.url}/th/certificates/{certificate.code}/")
    sound(phone)
    press(phone, phone.locator(".notice a"))
    assert "อรุณี ใจงาม" in phone.locator("main").inner_text()

    # And it stands in the transcript.
    phone.goto(f"{live_server.url}/th/my/transcript/")
    sound(phone)
    assert course.current.outline["code"] in phone.locator("main").inner_text()
