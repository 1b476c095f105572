"""Searching in a browser: with scripts and without, in Thai on a phone."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings

from courses.enrolment.enrol import enrol
from tests.factories.people import PASSWORD, UserFactory
from tests.factories.site import searchable_demo_course
from tests.services import chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"


@pytest.fixture
def learner():
    state = searchable_demo_course()
    person = UserFactory()
    enrol(person, state.course)
    return person


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def page(request, live_server, monkeypatch, learner):
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; the database is asked between its calls only.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        context = browser.new_context(
            viewport={"width": 360, "height": 740},
            java_script_enabled=request.param,
            bypass_csp=True,  # for axe
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{live_server.url}/th/account/login/")
        page.fill("[name=login]", learner.email)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_load_state("load")
        page.scripts = request.param
        yield page
        browser.close()


def test_from_half_a_word_with_an_error_to_the_passage(page, live_server):
    # The box of the header, on any page.
    page.goto(f"{live_server.url}/th/courses/")
    page.click(".menu--search > summary")
    box = page.locator("#site-q")
    if page.scripts:
        # The box is ready for typing as soon as it is there.
        page.wait_for_function("document.activeElement.id === 'site-q'")
        box.press_sequentially("ขอ้มูลส่วนบุค", delay=30)
        # Suggestions for less than was typed may come first on a busy machine.
        page.locator(".menu--search [role=option]", has_text="ขอ้มูลส่วนบุค”").wait_for()
        option = page.locator(".menu--search [role=option]").first
        assert "ข้อมูลส่วนบุคคล" in option.inner_text()
        assert option.locator("span").get_attribute("lang") == "th"
        box.press("ArrowDown")
        assert option.get_attribute("aria-selected") == "true"
        box.press("Escape")
        assert page.locator(".menu--search [role=option]").first.is_hidden()
    else:
        box.fill("ขอ้มูลส่วนบุค")
    box.press("Enter")
    page.wait_for_url("**/th/search/**")
    assert "บทที่ 4" in page.locator(".found").inner_text()

    # Did you mean, then the facets: links, with scripts or without.
    page.goto(f"{live_server.url}/th/search/?q=ข้อมูล")
    page.locator(".facets a", has_text="ผู้ทำงานด้านบริการ").click()
    page.wait_for_load_state("load")
    assert "group=service" in page.url
    page.locator(".facets a", has_text="บทเรียน").last.click()
    page.wait_for_load_state("load")
    assert "method=lesson" in unquote(page.url)
    if page.scripts:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    # Open a result at its passage.
    page.goto(f"{live_server.url}/th/search/?q=เช้าวันจันทร์ที่เคาน์เตอร์&group=service")
    link = page.locator(".found h4 a", has_text="เช้าวันจันทร์ที่เคาน์เตอร์").first
    anchor = link.get_attribute("href").split("#")[1]
    link.click()
    page.wait_for_url("**/learn/**")
    assert page.url.endswith(f"#{anchor}")
    assert "เช้าวันจันทร์ที่เคาน์เตอร์" in page.locator(f"#{anchor}").inner_text()


@pytest.mark.parametrize("page", [True], ids=["scripts"], indirect=True)
def test_the_page_is_accessible(page, live_server):
    for address in ("/th/search/", "/th/search/?q=ข้อมูล", "/en/search/?q=zzzz+qqqq"):
        page.goto(f"{live_server.url}{address}")
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found["violations"]] == []


@pytest.mark.parametrize("page", [True], ids=["scripts"], indirect=True)
def test_a_word_longer_than_a_phone_is_wide_fits(page, live_server):
    word = "x" * 95
    for address in (f"?q={word}+{word[:90]}", f"?q=ข้อมูล&group={word[:60]}", f"?q={word}", ""):
        page.goto(f"{live_server.url}/th/search/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
    assert word in page.locator(".recent").inner_text()
    page.locator("#q").press_sequentially(word[:70])
    page.locator("form.search [role=option]").last.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    option = page.locator("main .suggestions [role=option]").last
    assert option.evaluate("option => option.scrollWidth <= option.clientWidth")
