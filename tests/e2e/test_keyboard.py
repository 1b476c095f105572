"""A learner alone finishes a role-play, a discussion and a workshop with the keyboard only."""

import pytest

from tests.factories.courses import enrolled, make_course
from tests.factories.people import UserFactory

from . import test_learner
from .test_learner import (
    Learner,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


class ByKeyboard(Learner):
    """Goes with Tab to whatever is to be pressed, and never touches a mouse."""

    def reach(self, target) -> None:
        handle = target.element_handle()
        for _n in range(200):
            if handle.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach it at {self.page.url}")

    def press(self, button) -> None:
        self.reach(button)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state("load")

    def fill(self, body) -> None:
        for area in body.locator("textarea").all():
            if area.is_visible() and not area.input_value().strip():
                self.texts += 1
                least = int(area.get_attribute("data-min-chars") or 60)
                self.reach(area)
                self.page.keyboard.insert_text(test_learner.text_of(least, self.texts * 7919))
        for group in body.locator("fieldset:visible").all():
            options = group.locator("input[type=radio], input[type=checkbox]")
            if options.count() and not group.locator("input:checked").count():
                self.reach(options.first)
                self.page.keyboard.press("Space")


def test_all_three_kinds_by_keyboard_alone(live_server, browser, monkeypatch):
    monkeypatch.setattr(test_learner, "SLUG", "course")
    person = UserFactory(preferred_language="th")
    enrolled(
        person,
        make_course("course", lectures=[20], actives=["role_play_solo", "discussion", "workshop"]),
    )
    learner = ByKeyboard(browser, live_server, "th", 1280)
    Learner.sign_in(learner, person.email)
    for item in ("a1", "a2", "a3"):
        learner.complete(item)
    assert person.participations.filter(completed_at__isnull=False).count() == 3
    assert learner.errors == []
