"""Take the pictures of docs/instructor from a running demo: `make screenshots` while `make demo` serves.

    python scripts/instructor_screenshots.py [http://127.0.0.1:8000]

Every picture is taken in Thai and in English, at the size of a small laptop.
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.services import chromium  # noqa: E402

TARGET = Path(__file__).resolve().parent.parent / "docs/instructor/img"
PERSON, PASSWORD = "manager@sala.example", "sala-demo-2569"  # noqa: S105 - the demo's published one
SIZE = {"width": 1280, "height": 800}


def sign_in(page: Page, site: str, language: str) -> None:
    page.goto(f"{site}/{language}/account/login/")
    page.fill("[name=login]", PERSON)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_load_state("load")


def addresses(page: Page, site: str, language: str) -> dict[str, str]:
    """{picture: address}, found from the site itself: numbers differ from site to site."""
    page.goto(f"{site}/admin/courses/")
    link = page.locator("main table a").first.get_attribute("href")
    course = re.search(r"/courses/(\d+)/", link)[1]
    page.goto(f"{site}/admin/courses/{course}/")
    lesson = page.locator("main table tbody tr td.title a").first.get_attribute("href")
    page.goto(f"{site}/{language}/teach/")
    # The run that has most people: there is something to see in it.
    rows = page.locator("section[aria-labelledby=runs] tbody tr")
    runs = {
        row.locator("th a").get_attribute("href"): int(row.locator("td.num").first.inner_text())
        for row in rows.all()
    }
    run = max(runs, key=runs.get)
    return {
        "dashboard": f"/admin/courses/{course}/",
        "meter": lesson,
        "templates": f"/admin/courses/{course}/templates/",
        "releases": f"/admin/courses/{course}/releases/",
        "files": "/admin/course-files/",
        "report": "/admin/reports/rule/",
        "run": run,
        "matrix": f"{run}matrix/",
        "gradebook": f"{run}grades/",
    }


def take(site: str) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        for language, locale in (("th", "th-TH"), ("en", "en-GB")):
            page = browser.new_context(viewport=SIZE, locale=locale).new_page()
            sign_in(page, site, language)
            for name, address in addresses(page, site, language).items():
                page.goto(f"{site}{address}")
                page.wait_for_load_state("networkidle")
                for table in page.locator("table.matrix").all():
                    table.evaluate("table => table.scrollIntoView({block: 'end'})")
                file = TARGET / f"{name}-{language}.png"
                page.screenshot(path=file)
                print(file.relative_to(TARGET.parent.parent.parent))
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
