"""What is typed survives a lost connection, a closed browser and an ended session."""

import pytest
from django.contrib.sessions.models import Session

from activities.core.models import Draft
from activities.discussion.models import Post
from courses.enrolment.enrol import enrol
from courses.releases.models import CourseState
from tests.factories.courses import enrolled, make_course
from tests.factories.people import PASSWORD, UserFactory

from .test_learner import (
    Learner,
    text_of,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

FORM = "learn/course/a1/"
UNSAVED = "[data-autosave-status]"


@pytest.fixture
def learner(live_server, browser):
    person = UserFactory(preferred_language="th")
    enrolled(person, make_course("course", lectures=[20], actives=["discussion"]))
    found = Learner(browser, live_server, "th", 360)
    found.person = person
    found.sign_in(person.email)
    found.go(FORM)
    return found


def until(page, condition) -> None:
    """Wait for something that the database knows."""
    for _n in range(200):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.locator(UNSAVED).all_inner_texts())


def body_of(learner):
    return learner.page.locator("textarea[name=body]")


def drafts(learner) -> list[str]:
    return [draft.data.get("body", "") for draft in Draft.objects.filter(user=learner.person)]


def test_what_is_sent_without_a_connection_goes_out_once_there_is_one(learner):
    page, text = learner.page, text_of(700, 3)
    learner.context.set_offline(True)
    body_of(learner).fill(text)
    button = page.locator("form.post-form button.button--do")
    button.click()
    page.locator(UNSAVED, has_text="ยังไม่ได้ส่ง").wait_for()
    button.click()
    assert body_of(learner).input_value() == text
    assert Post.objects.count() == 0

    learner.context.set_offline(False)
    until(page, lambda: Post.objects.filter(author=learner.person).exists())
    page.wait_for_function(
        "text => !document.querySelector('textarea')?.value.includes(text)", arg=text
    )
    assert Post.objects.filter(author=learner.person).count() == 1
    assert page.evaluate("Object.keys(localStorage).filter(key => /draft|outbox/.test(key))") == []
    # The page's own message went to the script that sent the text; it is said all the same.
    page.locator(".notice[role=status]", has_text="ส่งข้อความที่รออยู่เรียบร้อยแล้ว").wait_for()
    page.reload()
    assert page.locator(".notice[role=status]").count() == 0


def test_ninety_seconds_without_a_connection_cost_no_word(learner):
    """Typing goes on meanwhile; what was sent goes out once, what was not is a draft on the server."""
    page, words = learner.page, [text_of(300, seed) for seed in (21, 22, 23)]
    page.clock.install()
    learner.go(FORM)
    learner.context.set_offline(True)
    typed = ""
    for word in words:
        typed = f"{typed} {word}".strip()
        body_of(learner).fill(typed)
        page.clock.run_for(30_000)
        assert body_of(learner).input_value() == typed
    page.locator(UNSAVED).filter(visible=True).first.wait_for()
    assert drafts(learner) == [] and Post.objects.count() == 0
    learner.context.set_offline(False)
    page.clock.run_for(30_000)
    until(page, lambda: typed in drafts(learner))

    learner.context.set_offline(True)
    typed = f"{typed} {text_of(90, 24)}"
    body_of(learner).fill(typed)
    page.locator("form.post-form button.button--do").click()
    page.locator(UNSAVED, has_text="ยังไม่ได้ส่ง").wait_for()
    page.clock.run_for(90_000)
    assert body_of(learner).input_value() == typed
    learner.context.set_offline(False)
    page.clock.run_for(30_000)
    until(page, lambda: Post.objects.filter(author=learner.person).exists())
    page.clock.run_for(90_000)
    assert Post.objects.get(author=learner.person).body == typed


def test_what_waits_goes_out_from_any_page_after_the_browser_was_closed(learner, browser):
    text = text_of(700, 5)
    learner.context.set_offline(True)
    body_of(learner).fill(text)
    learner.page.locator("form.post-form button.button--do").click()
    learner.page.locator(UNSAVED, has_text="ยังไม่ได้ส่ง").wait_for()
    kept = learner.context.storage_state()
    learner.context.close()

    context = browser.new_context(storage_state=kept, locale="th", bypass_csp=True)
    page = context.new_page()
    page.goto(f"{learner.server}/th/my/")
    page.locator("[role=status]", has_text="ส่ง").first.wait_for()
    assert Post.objects.filter(author=learner.person).count() == 1
    context.close()


def test_a_draft_survives_a_closed_browser(learner, browser):
    text = text_of(90, 7)
    body_of(learner).fill(text)
    until(learner.page, lambda: text in drafts(learner))
    learner.context.close()

    again = Learner(browser, type("Server", (), {"url": learner.server}), "en", 1280)
    again.sign_in(learner.person.email)
    again.go(FORM)
    assert body_of(again).input_value() == text


def test_a_session_that_ends_while_typing_loses_nothing(learner):
    page, before, after = learner.page, text_of(500, 9), text_of(300, 10)
    body_of(learner).fill(before)
    until(page, lambda: before in drafts(learner))
    Session.objects.all().delete()
    body_of(learner).fill(f"{before} {after}")
    page.locator(UNSAVED, has_text="หมดเวลา").wait_for()
    learner.press(page.locator("form.post-form button.button--do"))
    assert "หมดเวลา" in page.locator("h1").inner_text()
    assert after in page.locator("textarea[readonly]").input_value()

    learner.press(page.locator(".oops a.button--main"))
    page.fill("[name=login]", learner.person.email)
    page.fill("[name=password]", PASSWORD)
    learner.press(page.locator("main form button[type=submit]").first)
    assert page.url.endswith(FORM)
    assert body_of(learner).input_value() == f"{before} {after}"
    learner.press(page.locator("form.post-form button.button--do"))
    assert Post.objects.get(author=learner.person).body == f"{before} {after}"
    assert learner.errors == []
    assert {name: found for name, found in learner.violations.items() if found} == {}


def test_a_session_that_ends_loses_nothing_when_one_signs_in_without_sending(learner):
    """The last words reached only this device: they are newer than the server's draft."""
    page, before = learner.page, text_of(90, 11)
    body_of(learner).fill(before)
    until(page, lambda: before in drafts(learner))
    Session.objects.all().delete()
    body_of(learner).fill(f"{before} และอีกหนึ่งประโยค")
    page.locator(UNSAVED, has_text="หมดเวลา").wait_for()
    learner.sign_in(learner.person.email)
    learner.go(FORM)
    assert body_of(learner).input_value() == f"{before} และอีกหนึ่งประโยค"


def test_another_person_at_the_same_computer_meets_no_text(learner):
    learner.context.set_offline(True)
    body_of(learner).fill(text_of(90, 13))
    learner.context.set_offline(False)
    learner.page.evaluate("document.cookie = 'x=1'")
    learner.context.clear_cookies()
    other = UserFactory(preferred_language="th")
    enrol(other, CourseState.objects.get(slug="course").course)
    learner.sign_in(other.email)
    learner.go(FORM)
    assert body_of(learner).input_value() == ""


def test_without_scripts_the_text_comes_back_too(live_server, browser):
    person = UserFactory(preferred_language="en")
    enrolled(person, make_course("course", lectures=[20], actives=["discussion"], english=True))
    plain = Learner(browser, live_server, "en", 1280, scripts=False)
    plain.sign_in(person.email)
    plain.go(FORM)
    text = text_of(700, 15)
    plain.page.fill("textarea[name=body]", text)
    Session.objects.all().delete()
    plain.press(plain.page.locator("form.post-form button.button--do"))
    plain.press(plain.page.locator(".oops a.button--main"))
    plain.page.fill("[name=login]", person.email)
    plain.page.fill("[name=password]", PASSWORD)
    plain.press(plain.page.locator("main form button[type=submit]").first)
    assert plain.page.locator("textarea[name=body]").input_value() == text
    plain.press(plain.page.locator("form.post-form button.button--do"))
    assert Post.objects.get(author=person).body == text
