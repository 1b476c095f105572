"""A learner's whole way through the demo course, in a real browser, checked for accessibility."""

import random
from pathlib import Path

import pytest
from django.conf import settings

from tests.factories import files
from tests.factories.people import PASSWORD, UserFactory
from tests.factories.site import SLUG, demo_course

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
MOST_STEPS = 40


@pytest.fixture
def course(live_server):
    return demo_course().current


def text_of(least: int, seed: int) -> str:
    """Words that nobody else wrote, long enough and without runs of one letter."""
    letters, chance = "กขคงจฉชซญดตถทนบปผพมยรลวสหอ", random.Random(seed)
    words, count = [], 0
    while count < least + 40:
        size = chance.randint(4, 9)
        words.append("".join(chance.sample(letters, size)))
        count += size
    return " ".join(words)


def right_answers(language: str) -> set[str]:
    """The texts of the right answers of the demo's quiz."""
    quiz = files.item("a-q1")
    return {
        found
        for question in quiz["questions"]
        for option in question["choices"]
        if option["correct"]
        for found in [option["text"][language]]
    }


def holds(text: str, found: set[str]) -> bool:
    return any(one in text for one in found)


class Learner:
    """Somebody in a browser who does what the page asks for next."""

    def __init__(self, browser, server, language: str, width: int, scripts: bool = True):
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            bypass_csp=True,
            locale=language,
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.server, self.language, self.scripts = server.url, language, scripts
        self.violations: dict[str, list] = {}
        self.errors: list[str] = []
        self.texts = 0
        self.choices = 0
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("response", self.heard)

    def heard(self, response) -> None:
        if response.status >= 500:
            self.errors.append(f"{response.status} {response.url}")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.server}/{self.language}/{path}")
        self.check()

    def check(self) -> None:
        """Run axe on the page once per kind of screen."""
        if not self.scripts or not AXE.is_file():
            return
        name = self.page.url.removeprefix(self.server).split("?")[0] + "|" + self.heading()
        if name in self.violations:
            return
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "() => axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
            "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))]))"
        )
        self.violations[name] = found
        wide = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self.violations[name].append(["scrolls-sideways", wide])

    def heading(self) -> str:
        return "/".join(self.page.locator("main h1, main h2").all_inner_texts())[:120]

    def press(self, button) -> None:
        button.click()
        self.page.wait_for_load_state("load")
        self.check()

    def sign_in(self, email: str) -> None:
        self.go("account/login/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.press(self.page.locator("main form button[type=submit]").first)

    def enrol(self, slug: str) -> None:
        self.go(f"courses/{slug}/")
        self.press(self.page.locator(f"form[action*='/{slug}/enrol/'] button").first)

    def complete(self, slug: str) -> None:
        """Work through an item until its page says that it is done."""
        self.go(f"learn/{SLUG}/{slug}/")
        for _n in range(MOST_STEPS):
            if self.page.locator(".item-head .chip--done").count():
                return
            self.step()
        raise AssertionError(f"{slug} did not complete: {self.page.url}: {self.heading()}")

    def step(self) -> None:
        """Do what the page asks: choose, write, press the main button."""
        page = self.page
        body = page.locator(".player-item")
        if body.locator("button.choice").count():
            self.choices += 1
            buttons = body.locator("button.choice")
            # Another way every time, so that a second play differs from the first.
            return self.press(buttons.nth(self.choices % buttons.count()))
        self.choices += 1
        if body.locator(".stream").count() and not body.locator("textarea").count():
            return self.reply(body)
        self.fill(body)
        button = body.locator("button.button--do, button.button--main").first
        if button.count():
            return self.press(button)
        link = body.locator("a.button--do").first
        assert link.count(), f"nothing to do at {page.url}: {self.heading()}"
        self.press(link)
        self.fill(body)
        if body.locator("button.button--do").count():
            self.press(body.locator("button.button--do").first)
        return None

    def reply(self, body) -> None:
        """Reply to the next post, opening it first where only its beginning is shown."""
        links = "a[href*='reply-'], a[href*='post-']"
        posts = body.locator(f".stream > .post:has({links})")
        unanswered = posts.filter(has_not_text="✓")
        post = (unanswered if unanswered.count() else posts).first
        assert post.count(), f"nobody to reply to at {self.page.url}"
        self.press(post.locator(links).last)
        if not body.locator("form.post-form").count():
            self.press(body.locator("a[href*='reply-']").first)
        self.fill(body)
        self.press(body.locator("form.post-form button.button--do"))

    def fill(self, body) -> None:
        for area in body.locator("textarea").all():
            if area.is_visible() and not area.input_value().strip():
                self.texts += 1
                least = int(area.get_attribute("data-min-chars") or 60)
                area.fill(text_of(least, self.texts * 7919 + len(self.language)))
        right = right_answers(self.language)
        for group in body.locator("fieldset").all():
            options = group.locator("label:has(input[type=radio], input[type=checkbox])").all()
            if not options or not group.is_visible():
                continue
            texts = [option.inner_text() for option in options]
            matching = [o for o, text in zip(options, texts, strict=True) if holds(text, right)]
            for option in matching or options[-1:]:
                option.locator("input").check()


def walk(browser, live_server, course, language: str, width: int, scripts: bool = True) -> Learner:
    """Sign in, enrol, do all nine items, and look at the certificate."""
    person = UserFactory(preferred_language=language)
    learner = Learner(browser, live_server, language, width, scripts)
    learner.go("")
    learner.go("courses/")
    learner.sign_in(person.email)
    learner.enrol(SLUG)
    slugs = [item["slug"] for item in course.outline["items"]]
    assert len(slugs) == 9
    for slug in slugs:
        learner.complete(slug)

    enrolment = person.enrolments.get()
    assert (enrolment.state, enrolment.percent) == ("completed", 100)
    learner.go("my/")
    link = learner.page.locator("main a[href*='/certificates/']").first
    learner.press(link)
    assert enrolment.certificates.get().number in learner.page.locator("main").inner_text()
    visitor = browser.new_context().new_page()
    answer = visitor.goto(
        f"{live_server.url}/{language}/certificates/{enrolment.certificates.get().code}/"
    )
    assert answer.status == 200
    assert person.get_full_name() in visitor.locator("main").inner_text()

    assert learner.errors == []
    assert {name: found for name, found in learner.violations.items() if found} == {}
    return learner


def test_the_whole_course_on_a_thai_telephone(browser, live_server, course):
    assert len(walk(browser, live_server, course, "th", 360).violations) > 20


def test_the_whole_course_in_english_on_a_desktop(browser, live_server, course):
    assert len(walk(browser, live_server, course, "en", 1280).violations) > 20


def test_the_whole_course_without_scripts(browser, live_server, course):
    walk(browser, live_server, course, "en", 1280, scripts=False)
