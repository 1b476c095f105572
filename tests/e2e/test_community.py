"""A learner from the home page to the survey, in a real browser: with scripts, without, at 320 px."""

import pytest
from django.utils import timezone

from courses.community.models import Announcement, LessonFeedback, PutAway, SurveyAnswer
from courses.enrolment.enrol import enrol
from courses.enrolment.models import Enrolment
from tests.e2e.test_learner import Learner
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, demo_course

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.mark.parametrize(("language", "width", "scripts"), [("th", 320, True), ("en", 1280, False)])
def test_from_the_home_page_to_the_survey(browser, live_server, settings, language, width, scripts):
    settings.LMS_HELP_EMAIL = "help@sala.example"
    state = demo_course()
    Announcement.objects.create(title_th="ปิดปรับปรุงคืนนี้", title_en="Maintenance tonight")
    person = UserFactory(preferred_language=language)
    learner = Learner(browser, live_server, language, width, scripts)
    page = learner.page
    learner.go("")
    learner.go("help/")
    learner.press(page.locator("#write ~ form button[type=submit]"))
    assert page.locator("#error-summary").count() == 1
    learner.sign_in(person.email)
    enrolment = enrol(person, state.course)

    learner.go("my/")
    learner.press(page.locator(".announcements form button"))
    assert PutAway.objects.filter(user=person).exists()
    assert page.locator(".announcements").count() == 0

    learner.go(f"learn/{SLUG}/a-l1/")
    if scripts:  # by keyboard alone
        page.locator("button[name=quick]").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/feedback/")
        learner.check()
    else:
        learner.press(page.locator("button[name=quick]").first)
    page.fill("[name=why]", "ตัวอย่างชัดเจน")
    learner.press(page.locator("main form .button--main"))
    assert LessonFeedback.objects.get(user=person).why == "ตัวอย่างชัดเจน"

    learner.go("my/deadlines/")
    learner.press(page.locator("main form button").first)
    assert ".ics" in page.locator("main input[readonly]").first.input_value()

    Enrolment.objects.filter(pk=enrolment.pk).update(
        state=Enrolment.State.COMPLETED, completed_at=timezone.now()
    )
    learner.go("my/")
    learner.press(page.locator("a[href*='/my/survey/']"))
    for name in ("content", "at_work"):
        page.locator(f"input[name={name}]").first.check()
    learner.press(page.locator("main form .button--main"))
    answer = SurveyAnswer.objects.get(enrolment=enrolment)
    assert (answer.content, answer.at_work, answer.platform) == (5, 5, None)

    assert learner.errors == []
    assert {name: found for name, found in learner.violations.items() if found} == {}
