"""A workshop of five in a browser: one works by keyboard alone, one without scripts, one on a
telephone, one sends late, one never reviews. Their instructor looks after them."""

import random
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from activities.core.models import Participation, PhaseDates
from activities.workshop.models import ReviewLease, Submission
from courses.enrolment.models import CourseRun, Enrolment
from courses.releases.settle import settle
from lms.people.roles import INSTRUCTOR
from tests.factories import uploads
from tests.factories.courses import child, make_course
from tests.factories.people import UserFactory

from .test_learner import (
    Learner,
    text_of,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
ITEM = "learn/course/a1/"
FAR = 200  # more stops than any of these pages has


class Person(Learner):
    """Somebody of the run, who reviews kindly."""

    def __init__(self, browser, server, course_run, *, name, language="en", width=1280, **options):
        super().__init__(browser, server, language, width, **options)
        self.user = UserFactory(first_name=name, preferred_language=language)
        Enrolment.objects.create(user=self.user, run=course_run)
        self.sign_in(self.user.email)

    def here(self):
        return self.page.locator(".player-item")

    @property
    def work(self) -> Submission:
        return Submission.objects.get(participation__user=self.user)

    @property
    def participation(self) -> Participation:
        return Participation.objects.get(user=self.user)

    @property
    def stage(self) -> str:
        return self.participation.data["stage"]

    def until(self, *stages) -> None:
        """Go on as the page asks, until the learner is somewhere."""
        self.go(ITEM)
        for _n in range(25):
            found = Participation.objects.filter(user=self.user).first()
            if found is not None and found.data.get("stage") in stages:
                return
            self.fill(self.here())
            self.press(self.do_button())
        raise AssertionError(f"{self.stage} at {self.page.url}: {self.heading()}")

    def do_button(self):
        button = self.here().locator("button.button--do, a.button--do").first
        assert button.count(), f"nothing to do at {self.page.url}: {self.heading()}"
        return button

    def fill(self, body) -> None:
        for area in body.locator("textarea").all():
            if area.is_visible() and not area.input_value().strip():
                self.write(area, int(area.get_attribute("data-min-chars") or 60))
        for group in body.locator("fieldset").all():
            options = group.locator("input[type=radio]")
            if options.count() and group.is_visible():
                self.choose(options)

    def write(self, area, least: int) -> None:
        area.fill(text_of(least, random.randrange(10**9)))

    def place(self, options) -> int:
        """The highest level of a peer; of the example about what its author chose."""
        return 1 if self.page.locator("input[name=example]").count() else options.count() - 1

    def choose(self, options) -> None:
        options.nth(self.place(options)).check()

    def attach(self, name: str) -> None:
        """Go to the page for files, which saves the text first, and send one."""
        self.press(self.here().get_by_role("button", name="Attach files"))
        self.page.set_input_files(
            "#files", {"name": name, "mimeType": "application/pdf", "buffer": uploads.pdf()}
        )
        self.press(self.here().locator("button[value=upload]"))
        assert name in self.here().inner_text()
        self.press(self.here().get_by_role("link", name="Back to the worksheet"))


class ByKeyboard(Person):
    """Never touches the mouse: Tab to get somewhere, keys to do something."""

    def reach(self, target) -> None:
        """Press Tab until the focus is there; from the top of the page if it stands before."""
        for _n in range(FAR):
            if target.evaluate("e => e === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target} at {self.page.url}")

    def press(self, button) -> None:
        if not self.page.url.startswith(f"{self.server}/{self.language}/learn/"):
            return super().press(button)
        self.reach(button)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state("load")
        self.check()
        return None

    def write(self, area, least: int) -> None:
        self.reach(area)
        self.page.keyboard.insert_text(text_of(least, random.randrange(10**9)))

    def choose(self, options) -> None:
        self.reach(options.first)
        self.page.keyboard.press("Space")
        for _n in range(self.place(options)):
            self.page.keyboard.press("ArrowDown")


@pytest.fixture
def run(live_server):
    course = make_course("course", lectures=[20, 5], actives=["workshop"], english=True)
    for page in (child(course, "a1"), child(course.get_translations().first().specific, "a1")):
        page.seed_submissions = []
        page.late_policy = "penalty"
        raw = [dict(block) for block in page.worksheet.raw_data]
        value = {**raw[0]["value"], "key": "proof", "type": "file", "required": False}
        value["label"] = {"th": "หลักฐาน", "en": "Evidence"}[page.locale.language_code]
        page.worksheet = [*raw, {"type": "field", "value": value}]
        page.save_revision().publish()
    settle(course.translation_key)
    run = CourseRun.objects.create(
        course=course.translation_key, name="รุ่นที่ 1", pacing=CourseRun.Pacing.COHORT
    )
    PhaseDates.objects.create(
        cohort=run.key,
        item=child(course, "a1").translation_key,
        phase="submission",
        due_at=timezone.now() + timedelta(hours=1),
    )
    return run


def test_a_workshop_of_five(browser, live_server, run):
    def person(name, kind=Person, **options):
        return kind(browser, live_server, run, name=name, **options)

    keys = person("Keyboard", ByKeyboard)
    plain = person("Plain", scripts=False)
    phone = person("โทรศัพท์", language="th", width=360)
    late = person("Late")
    never = person("Never")

    # Four send in time, one of them a file too; the fifth sends when the date is over.
    for one in (keys, plain, phone):
        one.until("calibrating")
    never.go(ITEM)
    never.fill(never.here())
    never.attach("แผนของฉัน.pdf")
    never.until("calibrating")
    PhaseDates.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    late.go(ITEM)
    assert "late" in late.here().inner_text()
    late.until("calibrating")
    assert late.work.late_minutes > 0 and never.work.late_minutes == 0
    assert never.work.files

    # Everybody but one practises and reviews, in turns.
    reviewers = [keys, plain, phone, late]
    for one in reviewers:
        one.until("reviewing")
    for one in reviewers:
        one.until("waiting", "results")
        assert one.participation.data["done"] == 2
    assert ReviewLease.objects.filter(state="done").count() == 8
    assert never.stage == "calibrating"

    # Whoever has two reviews reads them now; the others when the days are over.
    Submission.objects.update(submitted_at=timezone.now() - timedelta(days=9))
    for one in reviewers:
        one.until("done")
        assert one.participation.state == "completed"
        assert one.participation.score is not None
    assert keys.work.grade - late.work.grade == 5  # all were given the highest levels

    # Feedback is nobody's hostage, completion is.
    owing = never.participation
    owing.data["opens_at"] = (timezone.now() - timedelta(days=2)).isoformat()
    owing.save(update_fields=["data"])
    never.go(f"{ITEM}results/")
    assert "please give the reviews that you still owe" in never.here().inner_text()
    assert never.participation.state != "completed"

    for one in (keys, plain, phone, late, never):
        assert one.errors == []
        assert {name: found for name, found in one.violations.items() if found} == {}


def test_the_instructors_desk(browser, live_server, run):
    people = [Person(browser, live_server, run, name=f"คนที่ {n}") for n in range(3)]
    for one in people:
        one.until("reviewing")
    people[0].go(ITEM)  # the others have sent theirs since
    people[0].press(people[0].do_button())  # takes a work
    teacher = UserFactory(preferred_language="th")
    teacher.groups.add(Group.objects.get(name=INSTRUCTOR))
    run.instructors.add(teacher)
    absent = UserFactory(first_name="ยังไม่เริ่ม")
    Enrolment.objects.create(user=absent, run=run)
    desk = Learner(browser, live_server, "th", 360)
    desk.sign_in(teacher.email)
    item = people[0].participation.item
    for step in ("", "attention/", "reviews/", "missing/", "practice/", "gallery/", "absent/"):
        desk.go(f"teach/{run.pk}/{item}/{step}")
    assert "ยังไม่เริ่ม" in desk.page.locator("main").inner_text()
    desk.press(desk.page.locator("button[value=nudge]"))
    lease = ReviewLease.objects.get()
    desk.go(f"teach/{run.pk}/{item}/reassign-{lease.pk}/")
    desk.press(desk.page.locator("button[name=reviewer]").first)
    lease.refresh_from_db()
    assert lease.state == "released"
    assert ReviewLease.objects.get(state="held").assigned_by == teacher
    desk.go(f"teach/{run.pk}/{item}/work-{people[1].participation.pk}/")
    assert desk.errors == []
    assert {name: found for name, found in desk.violations.items() if found} == {}
