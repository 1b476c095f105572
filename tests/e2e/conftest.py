"""One Chromium for the tests of a file, with nothing in it of the test before."""

import pytest

from tests.services import chromium

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def started_browser():
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch:
        # Playwright's loop runs in this thread; the database is asked between its calls only.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            yield browser
            browser.close()


@pytest.fixture
def browser(live_server, started_browser):
    """Pages that a test leaves open would go on asking the server."""
    yield started_browser
    for context in started_browser.contexts:
        context.close()
