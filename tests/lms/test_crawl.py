"""Every link that somebody can reach leads to a page, whoever they are."""

import re
from collections import deque
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from lms.people.roles import INSTRUCTOR
from tests.factories.courses import enrolled, make_course, run_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

MOST = 150
LINK = re.compile(r"<(?:a|link|img|script)\b[^>]*?\s(?:href|src)=\"([^\"]+)\"")
LEFT_OUT = (
    "/admin/",
    "/static/",
    "/media/",
    "/documents/",
    "/th/account/logout",
    "/en/account/logout",
)


@pytest.fixture
def course():
    return make_course(
        "course", lectures=[25], actives=["role_play_solo", "discussion"], english=True
    )


def crawl(client) -> dict[str, int]:
    """{address: status} of what is linked from the two home pages, breadth first."""
    waiting, seen = deque(["/th/", "/en/"]), {}
    while waiting and len(seen) < MOST:
        path = waiting.popleft()
        if path in seen:
            continue
        response = client.get(path)
        seen[path] = response.status_code
        if response.status_code in (301, 302):
            add(waiting, path, response["Location"])
        elif response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            for link in LINK.findall(response.content.decode()):
                add(waiting, path, unescape(link))
    return seen


def add(waiting, path: str, link: str) -> None:
    parts = urlsplit(urldefrag(urljoin(f"http://testserver{path}", link)).url)
    if parts.scheme not in ("http", "https") or parts.netloc != "testserver":
        return
    if not parts.path.startswith(LEFT_OUT):
        waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))


def broken(seen: dict) -> dict:
    return {path: status for path, status in seen.items() if status >= 400}


def test_anybody(client, course):
    seen = crawl(client)
    assert broken(seen) == {}
    assert "/th/courses/course/" in seen
    assert "/en/account/signup/" in seen


def test_a_learner(client, course):
    learner = UserFactory()
    enrolled(learner, course)
    client.force_login(learner)
    seen = crawl(client)
    assert broken(seen) == {}
    assert {"/th/my/", "/th/learn/course/a2/"} <= set(seen)
    assert not any("/teach/" in path for path in seen)


def test_a_learner_does_not_get_into_the_teachers_pages(client, course):
    learner = UserFactory()
    enrolled(learner, course)
    client.force_login(learner)
    run = run_of(course)
    for name, args in (
        ("teach_runs", []),
        ("teach_run", [run.pk]),
        ("teach_matrix", [run.pk]),
        ("teach_csv", [run.pk]),
    ):
        assert client.get(reverse(name, args=args)).status_code in (403, 404)
    assert client.get("/admin/").status_code in (302, 403)


def test_an_instructor(client, course):
    instructor = UserFactory()
    instructor.groups.add(Group.objects.get(name=INSTRUCTOR))
    run_of(course).instructors.add(instructor)
    enrolled(UserFactory(), course)
    client.force_login(instructor)
    seen = crawl(client)
    assert broken(seen) == {}
    assert reverse("teach_run", args=[run_of(course).pk]) in seen


def test_an_administrator(client, course):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    enrolled(UserFactory(), course)
    seen = crawl(client)
    assert broken(seen) == {}
    assert any(path.startswith("/th/teach/") for path in seen)
