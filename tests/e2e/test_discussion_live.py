"""A discussion that goes on while somebody reads and writes in it: two browsers at once."""

import pytest

from activities.discussion.models import Post
from courses.enrolment.enrol import enrol
from tests.activities.discussion.conftest import ANSWERS, REPLIES
from tests.factories.people import UserFactory
from tests.factories.site import demo_course

from .test_discussion import ITEM, Person

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
ASK = "() => document.dispatchEvent(new Event('visibilitychange'))"


def asks_until(person, told) -> None:
    """The page asks now, as it does when its tab is looked at again, until it has taken what it was told.

    The answer to a question that was asked before the news may still be on its way: then it asks again.
    """
    for _ in range(100):
        with person.page.expect_response(lambda answer: "/-/events/" in answer.url):
            person.page.evaluate(ASK)
        person.page.wait_for_timeout(100)
        if told():
            return
    raise AssertionError("the page has asked a hundred times and was not told")


def test_news_come_by_themselves_and_disturb_nothing(browser, live_server):
    state = demo_course()
    people = [UserFactory(first_name=name) for name in ("อรุณี", "บุญมี", "เฉลิม")]
    for user in people:
        enrol(user, state.course)
    first, second = (Person(browser, live_server, user) for user in people[:2])
    third = Person(browser, live_server, people[2], language="en", width=1280)
    for one, text in ((first, ANSWERS[0]), (second, ANSWERS[1])):
        one.go(ITEM)
        one.send(text)
    third.go(ITEM)

    first.go(ITEM + "stream/")
    assert first.page.locator("[data-live-load]").is_hidden(), "with JavaScript news come alone"
    third.send(ANSWERS[2])
    said = first.page.locator("[data-live-said]")
    asks_until(first, lambda: said.inner_text() == "มีโพสต์ใหม่ 1 โพสต์")
    answer = Post.objects.get(author=people[2], kind="initial")
    assert first.page.locator(f"#p{answer.pk}").count() == 0, "nothing moves by itself"
    first.page.locator("[data-live-show]").focus()
    first.page.keyboard.press("Enter")
    new = first.page.locator(f"#p{answer.pk}")
    new.wait_for()
    assert "เฉลิม" in new.inner_text() and "ใหม่" in new.inner_text()
    assert new.evaluate("post => post === document.activeElement")
    assert said.inner_text() == ""
    first.check()

    # While one writes a reply, another reply arrives: the text and the focus stay.
    first.go(ITEM + f"reply-{answer.pk}/")
    field = first.page.locator("#body")
    field.focus()
    first.page.keyboard.insert_text("กำลังพิมพ์อยู่")
    second.go(ITEM + f"reply-{answer.pk}/")
    second.send(REPLIES[0])
    asks_until(first, lambda: said.inner_text() == "มีการตอบใหม่ 1 รายการ")
    assert field.evaluate("field => field === document.activeElement")
    first.page.locator("[data-live-show]").click()
    first.page.locator(".replies li").wait_for()
    assert field.input_value() == "กำลังพิมพ์อยู่"
    first.check()

    # What is hidden gives way at once, and says so.
    reply = Post.objects.get(kind="reply")
    third.go(ITEM + f"report-{reply.pk}/")
    third.page.locator("main input[value=privacy]").check()
    third.press("main form:has(input[value=privacy]) button[type=submit]")
    body = first.page.locator(f"#p{reply.pk} .post-body")
    asks_until(first, lambda: "is-taken" in body.get_attribute("class"))
    assert REPLIES[0][:20] not in body.inner_text()

    # Paused, nothing is asked any more, also on the next page; the link takes its place.
    first.page.locator("[data-live-pause]").click()
    first.go(ITEM + "stream/")
    assert first.page.locator("[data-live-load]").is_visible()
    asked = []
    first.page.on("request", lambda request: "/-/events/" in request.url and asked.append(1))
    first.page.evaluate(ASK)
    first.page.wait_for_timeout(300)
    assert not asked
    first.page.locator("[data-live-pause]").click()
    first.page.wait_for_timeout(300)
    assert asked
