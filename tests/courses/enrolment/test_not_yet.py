"""What is not due yet is nowhere: kinds × channels, before a learner may know it and after.

Each secret is looked for in every page and answer that a learner can reach. That it exists, and that it
is shown once it is due, is asserted too: there is something to leak.
"""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from activities.discussion.models import Post
from activities.workshop.models import Submission
from courses.releases.delivery import current_version
from tests.factories import files
from tests.factories.courses import child, enrolled, make_course, state_of
from tests.factories.forms import form_in
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

KINDS = {"a1": "role_play_solo", "a2": "discussion", "a3": "workshop", "a4": "quiz"}
# Where somebody who is curious tries to go, beside all that is linked.
GUESSES = {
    "a1": ["reflection", "play-1", "scene-2", "scene-9"],
    "a2": ["p1", "p2", "conclusion", "synthesis", "wall"],
    "a3": ["check", "practice", "review-1", "feedback", "results", "self", "work-1"],
    "a4": ["try", "attempt-1", "attempt-2"],
}


def address(item: str, step: str = "") -> str:
    return reverse("item_step" if step else "item", args=["course", item] + [step] * bool(step))


def role_play_secrets() -> list[str]:
    """What follows from each choice, and every scene and ending but the first."""
    item = files.item("a-r1")
    first = next(node for node in item["nodes"] if node["id"] == item["start"])
    texts = [ending["text"]["th"] for ending in item["endings"]]
    texts += [node["text"]["th"] for node in item["nodes"] if node is not first]
    return texts + [choice["feedback"]["th"] for choice in first["choices"]]


def quiz_secrets() -> list[str]:
    return [question["explanation"]["th"] for question in files.item("a-q1")["questions"]]


@pytest.fixture
def site(db):
    """A course of all kinds, somebody who has done something, and somebody who has not."""
    course = make_course("course", lectures=[25], actives=list(KINDS.values()))
    busy, curious = Client(), Client()
    for client in (busy, curious):
        client.person = UserFactory()
        enrolled(client.person, course)
        client.force_login(client.person)
    busy.post(address("a2"), form_in(busy.get(address("a2")).content.decode()))
    worksheet = form_in(busy.get(address("a3")).content.decode(), action="check")
    busy.post(address("a3"), worksheet)
    busy.post(address("a3", "check"), form_in(busy.get(address("a3", "check")).content.decode()))
    site = {"course": course, "busy": busy, "curious": curious}
    post, work = Post.objects.get(author=busy.person), Submission.objects.get()
    assert work.sent
    site["secrets"] = {
        "a1": role_play_secrets(),
        "a2": [post.body],
        "a3": [value for value in work.values.values() if len(str(value)) > 60],
        "a4": quiz_secrets(),
    }
    assert all(site["secrets"].values())
    return site


def plain(text: str) -> str:
    """Letters alone, so that markup, entities and line breaks hide nothing."""
    return re.sub(r"[^\wก-๛]", "", re.sub(r"<[^>]*>|&\w+;|&#\w+;", "", text))


def told_to(client, item: str) -> dict[str, str]:
    """{channel: everything it says} to this person."""
    home = client.get(address(item))
    pages = [home]
    links = set(re.findall(rf'href="({re.escape(address(item))}[\w-]+/)', home.content.decode()))
    links |= {address(item, step) for step in GUESSES[item]}
    for link in sorted(links):
        answer = client.get(link)
        assert answer.status_code in (200, 302, 403, 404, 409), link
        pages.append(answer)
    drafts = client.post(f"{address(item)}-/draft/", {"draft_form": "x", "body": "x"})
    return {"pages": "".join(page.content.decode() for page in [*pages, drafts])}


def elsewhere(client) -> dict[str, str]:
    """The same of pages that are about no single item."""
    course = client.get("/th/course/course/")
    return {
        url: client.get(url).content.decode()
        for url in (course["Location"], "/th/my/", "/th/my/notifications/")
    }


def found_by(client, words: str) -> dict[str, str]:
    """What searching for the beginning of a secret brings, without the words themselves."""
    return {
        url: client.get(url, {"q": words}).content.decode().replace(words, "")
        for url in ("/th/search/", "/th/search/suggest/", "/api/v1/search")
    }


@pytest.mark.parametrize("who", ["curious", "visitor"])
def test_before_it_is_due_it_is_nowhere(site, who):
    client = site["curious"] if who == "curious" else Client()
    for item, secrets in site["secrets"].items():
        said = told_to(client, item) | elsewhere(client)
        for secret in secrets[:2]:
            said |= found_by(client, secret[:15])
        said = {channel: plain(text) for channel, text in said.items()}
        for secret in secrets:
            for channel, text in said.items():
                assert plain(secret)[-40:] not in text, (item, channel, secret)


def test_once_it_is_due_it_is_shown(site):
    curious, secrets = site["curious"], site["secrets"]
    for item, typed in (("a2", {}), ("a4", {"confirm": "1"}), ("a1", {})):
        step = "try" if item == "a4" else ""
        form = form_in(curious.get(address(item)).content.decode(), **typed)
        assert curious.post(address(item, step), form).status_code == 302
    choose = form_in(curious.get(address("a1")).content.decode(), choice="a")
    assert curious.post(address("a1"), choose).status_code == 302
    for item in ("a1", "a2", "a4"):
        said = plain(told_to(curious, item)["pages"])
        assert any(plain(secret)[-40:] in said for secret in secrets[item]), item


def test_the_secrets_stand_in_the_release_or_in_the_record(site):
    """What is looked for above is really there to be leaked."""
    release = state_of(site["course"]).current
    for item in ("a1", "a4"):
        version = current_version(release, str(child(site["course"], item).translation_key))
        found = plain(json.dumps(version.texts["th"], ensure_ascii=False))
        found += plain("".join(map(unescaped, version.texts["th"].values())))
        for secret in site["secrets"][item]:
            assert plain(secret)[-40:] in found


def unescaped(value) -> str:
    """The text of a field, also of one that holds JSON."""
    try:
        return json.dumps(json.loads(value), ensure_ascii=False)
    except (TypeError, ValueError):
        return ""
