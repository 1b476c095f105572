"""A discussion group of four that dies and is rescued: several people in browsers at once, one with the
keyboard alone, one without JavaScript, and a facilitator who leads and grades."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group as Role
from django.utils import timezone

from activities.core.models import ItemVersion, Participation, PhaseDates
from activities.discussion import groups
from activities.discussion.models import Grade, Group, Member, Post, Talk
from courses.enrolment.models import CourseRun, Enrolment
from lms.people.roles import INSTRUCTOR
from tests.activities.discussion.conftest import REPLIES
from tests.factories.people import PASSWORD, UserFactory
from tests.factories.site import SLUG, demo_course

from .test_learner import AXE, text_of

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

ITEM = f"learn/{SLUG}/a-d1/"


class Person:
    """Somebody in a browser of their own."""

    def __init__(self, browser, server, user, *, language="th", width=360, scripts=True):
        self.page = browser.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            bypass_csp=True,
        ).new_page()
        self.page.set_default_timeout(20_000)
        self.root, self.scripts = f"{server.url}/{language}/", scripts
        self.page.goto(self.root + "account/login/")
        self.page.fill("[name=login]", user.email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main form button[type=submit]")
        self.page.wait_for_load_state("load")

    def go(self, path: str) -> str:
        self.page.goto(self.root + path)
        return self.check()

    def check(self) -> str:
        """What the page says; it must have no barrier and not scroll sideways."""
        if self.scripts and AXE.is_file():
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
            found = self.page.evaluate(
                "() => axe.run('main', {resultTypes: ['violations']}).then(r => r.violations.map("
                "v => [v.id, v.nodes.slice(0, 2).map(n => n.html.slice(0, 160))]))"
            )
            assert found == [], self.page.url
            wide = (
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert self.page.evaluate(wide) <= 0, self.page.url
        return self.page.locator("main").inner_text()

    def send(self, text: str) -> None:
        self.page.fill("#body", text)
        self.press("main .post-form button[type=submit]")

    def press(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def press_with_keys(self, selector: str) -> None:
        """Reach a control with the tabulator key and press it with Enter: no mouse."""
        for _ in range(120):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                with self.page.expect_navigation():
                    self.page.keyboard.press("Enter")
                return
        raise AssertionError(f"{selector} cannot be reached from the keyboard")


@pytest.fixture
def run(live_server):
    """DL-101 with a cohort of nine; answering is due in a day."""
    state = demo_course()
    entry = next(i for i in state.current.outline["items"] if i["slug"] == "a-d1")
    version = ItemVersion.objects.filter(item=entry["key"]).latest("pk")
    texts = {code: {**text, "grading": "both"} for code, text in version.texts.items()}
    ItemVersion.objects.filter(pk=version.pk).update(texts=texts, digest="graded by hand")
    made = CourseRun.objects.create(course=state.course, name="รุ่นทดลอง", pacing="cohort")
    for phase, days in (("initial", 1), ("replies", 4), ("synthesis", 7)):
        PhaseDates.objects.create(
            cohort=made.key,
            item=version.item,
            phase=phase,
            due_at=timezone.now() + timedelta(days=days),
        )
    made.version = version
    return made


def enrol(run, count):
    people = [UserFactory(first_name=f"ผู้เรียน{n}") for n in range(count)]
    for user in people:
        Enrolment.objects.create(user=user, run=run)
    return people


def place(run, people, numbers) -> None:
    """Into the groups that the story wants, whatever chance has said."""
    for user, number in zip(people, numbers, strict=True):
        group = Group.objects.get(cohort=run.key, number=number)
        Member.objects.filter(user=user, cohort=run.key).update(group=group)


def test_a_group_of_four_dies_and_is_rescued(browser, live_server, run):
    people = enrol(run, 9)
    lonely = Person(browser, live_server, people[8])
    said = lonely.go(ITEM)
    assert sorted(g.people for g in groups.standing_groups(run_place(run))) == [4, 5]
    numbers = sorted(
        groups.standing_groups(run_place(run)).values_list("number", "people"), key=lambda g: -g[1]
    )
    large, small = numbers[0][0], numbers[1][0]
    place(run, people, [large] * 5 + [small] * 4)

    # Three of the other group answer: one with keys alone, one without JavaScript, in English.
    keyboard = Person(browser, live_server, people[0], language="en", width=1280)
    plain = Person(browser, live_server, people[1], language="en", width=1280, scripts=False)
    third = Person(browser, live_server, people[2])
    keyboard.go(ITEM)
    keyboard.page.locator("#body").fill(text_of(600, 1))
    keyboard.page.locator("#body").press("Tab")
    keyboard.page.keyboard.press("Shift+Tab")
    keyboard.press_with_keys("main .post-form button[type=submit]")
    for n, one in ((2, plain), (3, third)):
        one.go(ITEM)
        one.send(text_of(600, n))
    assert Post.objects.filter(kind="initial", group=large).count() == 3

    # The lonely one answers too, and sees nobody of the other group.
    lonely.go(ITEM)
    lonely.send(text_of(600, 4))
    said = lonely.check()
    assert "ผู้เรียน0" not in said and "เสียงตัวอย่าง" in said or "ตัวอย่าง" in said

    # The date passes between this page and the next: the group is joined, and there are colleagues.
    PhaseDates.objects.filter(cohort=run.key, phase="initial").update(
        due_at=timezone.now() - timedelta(minutes=1)
    )
    said = lonely.go(ITEM + "stream/")
    assert "ผู้เรียน0" in said and "ผู้เรียน1" in said
    assert [g.people for g in groups.standing_groups(run_place(run))] == [9]
    assert Talk.objects.get(cohort=run.key).rescued_at
    answer = Post.objects.get(kind="initial", author=people[8])

    # Somebody replies without JavaScript, somebody with keys only.
    plain.go(ITEM + f"reply-{answer.pk}/")
    plain.send(REPLIES[0])
    keyboard.go(ITEM + f"post-{answer.pk}/")
    keyboard.press_with_keys(f"main a[href$='reply-{answer.pk}/']")
    keyboard.page.locator("#body").focus()
    keyboard.page.keyboard.insert_text(REPLIES[2])
    keyboard.press_with_keys("main .reply button[type=submit]")
    assert Post.objects.get(pk=answer.pk).answers == 2
    said = lonely.go(ITEM + f"post-{answer.pk}/")
    assert REPLIES[0][:40] in said and REPLIES[2][:40] in said
    plain.go(ITEM + "stream/")
    plain.press("main .follow button")
    assert "Stop telling me" in plain.check()


def run_place(run):
    return Talk(cohort=run.key, item=run.version.item)


def test_two_facilitators_lead_and_grade_from_the_keyboard(browser, live_server, run):
    people = enrol(run, 3)
    teachers = [UserFactory(first_name=f"วิทยากร{n}") for n in range(2)]
    for teacher in teachers:
        teacher.groups.add(Role.objects.get(name=INSTRUCTOR))
        run.instructors.add(teacher)
    learner = Person(browser, live_server, people[0])
    learner.go(ITEM)
    learner.send(text_of(600, 7))

    first = Person(browser, live_server, teachers[0], language="en", width=1280)
    second = Person(browser, live_server, teachers[1])
    desk = f"teach/{run.pk}/{run.version.item}/"
    for one in (first, second):
        one.go(desk)
    first.press("main button[value=replies]")
    assert "reading and replying" in first.check()
    second.press("main button[value=replies]")
    assert "อ่านและตอบเพื่อน" in second.check()
    assert Talk.objects.get(cohort=run.key).version == 1

    for step in ("missing", "groups", "grading", "check", "unanswered", "write"):
        second.go(f"{desk}{step}/")
    assert "ผู้เรียน1" in second.go(f"{desk}missing/")
    second.press("main .button--do")
    assert "2" in second.page.locator(".messages").inner_text()

    who = Participation.objects.get(user=people[0], item=run.version.item)
    first.go(f"{desk}learner-{who.pk}/")
    criteria = first.page.locator("[data-grading] fieldset")
    criteria.first.locator("input").first.focus()
    for _ in range(criteria.count()):
        first.page.keyboard.press("3")
    assert first.page.evaluate("document.activeElement.id") == "comment"
    first.page.keyboard.insert_text("ตัวอย่างชัดเจน")
    first.press_with_keys("[data-grading] button[value=release]")
    assert Grade.objects.get(participation=who).score == 100
    first.check()
    said = learner.go(ITEM + "mine/")
    assert "ตัวอย่างชัดเจน" in said
