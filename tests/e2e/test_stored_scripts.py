"""What the lowest role writes never runs as a script, for whoever reads it.

Some two hundred strings go into every text field of a learner's; every role then opens the pages that
show them, in a real browser with the content security policy switched off: the escaping alone must do.
"""

import uuid

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from activities.core.models import Draft, Participation
from activities.discussion.models import Post
from courses.enrolment.enrol import enrol
from courses.enrolment.models import Enrolment
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from search.counting import remember
from tests.factories.people import (
    AgencyFactory,
    MembershipFactory,
    UserFactory,
    administrator_of,
)
from tests.factories.site import SLUG, demo_course, the_run
from tests.services import chromium

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

CODE = "top.fired=1"
EVENTS = ("onerror", "onload", "onclick", "onfocus", "onmouseover", "ontoggle", "onanimationstart")
TAGS = {
    "img src=x": EVENTS,
    "svg": EVENTS,
    "body": EVENTS,
    "input autofocus": EVENTS,
    "details open": EVENTS,
    "video src=x": EVENTS,
    "audio src=x": EVENTS,
    "iframe": EVENTS,
    "marquee": EVENTS,
    "select autofocus": EVENTS,
}
BREAKS = (
    '"',
    "'",
    "`",
    ">",
    '">',
    "'>",
    "--></script>",
    "</textarea>",
    "</title>",
    "]]>",
    "</style>",
)


def corpus() -> list[str]:
    handlers = [f"<{tag} {on}={CODE}>" for tag, events in TAGS.items() for on in events]
    broken_out = [f"{end}<img src=x onerror={CODE}>" for end in BREAKS]
    attributes = [f"{quote} {on}={CODE} x={quote}" for quote in ('"', "'", "`") for on in EVENTS]
    addresses = [
        f"{opening}{scheme}{CODE}{closing}"
        for opening, closing in (
            ('<a href="', '">x</a>'),
            ('<iframe src="', '"></iframe>'),
            ("[x](", ")"),
        )
        for scheme in (
            "javascript:",
            "JaVaScRiPt:",
            "java\tscript:",
            "&#106;avascript:",
            " javascript:",
            "data:text/html,<script>",
            "vbscript:",
        )
    ]
    scripts = [
        f"<script>{CODE}</script>",
        f"<ScRiPt >{CODE}</sCrIpT>",
        f"<script/x>{CODE}</script>",
        f"<scr<script>ipt>{CODE}</scr</script>ipt>",
        f"</script><script>{CODE}</script>",
        f"<svg><script>{CODE}</script></svg>",
        f"<math><mtext><script>{CODE}</script></mtext></math>",
        f"<noscript><p title='</noscript><img src=x onerror={CODE}>'>",
        f"<template><script>{CODE}</script></template>",
        f"<!--<img src='--><img src=x onerror={CODE}>'>",
        f"&lt;script&gt;{CODE}&lt;/script&gt;",
        f"&#60;script&#62;{CODE}&#60;/script&#62;",
        f"\u003cscript\u003e{CODE}\u003c/script\u003e",
        f"%3Cscript%3E{CODE}%3C/script%3E",
        f"＜script＞{CODE}＜/script＞",
        f"<style>@import 'javascript:{CODE}';</style>",
        f"<x style=\"background:url('javascript:{CODE}')\">",
        f"<meta http-equiv=refresh content='0;url=javascript:{CODE}'>",
        f"<base href='javascript:{CODE}//'>",
        f"<object data='javascript:{CODE}'></object>",
        f"<embed src='javascript:{CODE}'>",
        f"<form action='javascript:{CODE}'><button autofocus>x</button></form>",
        f"<isindex type=image src=x onerror={CODE}>",
    ]
    templates = [
        "{{ fired }}", "{% load x %}", "${top.fired=1}", "#{top.fired=1}", "<%= top.fired=1 %>",
        "{{constructor.constructor('top.fired=1')()}}", "[[top.fired=1]]", "{!! top.fired=1 !!}",
    ]  # fmt: skip
    wrapped = [f"ก{text}ำ" for text in scripts + broken_out[:6]]
    return [*handlers, *broken_out, *attributes, *addresses, *scripts, *templates, *wrapped]


@pytest.fixture
def written(live_server, settings):
    """The corpus in every field that a learner fills, by way of the tables behind the forms: what a
    form would refuse today could still come by another door tomorrow."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "csp" not in name.lower()]
    strings = corpus()
    whole = "\n".join(strings)
    state = demo_course()
    agency = AgencyFactory()
    names = dict(
        zip(
            ("first_name", "last_name", "first_name_en", "last_name_en"), strings[70:], strict=False
        )
    )
    learner = UserFactory(**names)
    MembershipFactory(user=learner, agency=agency, position=strings[80])
    # A name for each string: names stand on the most pages.
    run, others = the_run(), []
    for n, text in enumerate(strings):
        other = UserFactory(verified=False, first_name=text[:150], last_name=strings[-n - 1][:150])
        MembershipFactory(user=other, agency=agency, position=text[:150])
        others.append(Enrolment(user=other, run=run))
    Enrolment.objects.bulk_create(others)
    enrolment = enrol(learner, state.course)
    places = {}
    for entry in state.current.outline["items"]:
        version = state.current.items.get(version__item=entry["key"]).version
        places[entry["kind"]] = Participation.objects.create(
            user=learner,
            seat=enrolment.seat,
            cohort=run.key,
            item=entry["key"],
            version=version,
            data={"reflections": {"0": whole}},
        )
        Draft.objects.create(
            user=learner,
            seat=enrolment.seat,
            item=entry["key"],
            form="answer",
            data={"body": whole},
        )
    talk, first = places["discussion"], None
    for n in range(0, len(strings), 25):
        post = Post.objects.create(
            participation=talk,
            author=learner,
            cohort=run.key,
            item=talk.item,
            kind="initial" if n == 0 else "reply",
            body="\n".join(strings[n : n + 25]),
            voice=enrolment.seat if n == 0 else uuid.uuid4(),
            prompt="p1" if n == 0 else "",
            parent=first,
            root=first,
        )
        first = first or post
    for text in strings[:10]:
        remember(learner, text[:100])
    instructor, manager = UserFactory(), UserFactory()
    instructor.groups.add(Group.objects.get(name=INSTRUCTOR))
    manager.groups.add(Group.objects.get(name=COURSE_MANAGER))
    run.instructors.add(instructor)
    keys = {kind: place.item for kind, place in places.items()}
    teach = [
        reverse("teach_run", args=[run.pk]),
        reverse("teach_run", args=[run.pk]) + "?page=2",
        reverse("teach_matrix", args=[run.pk]),
        reverse("teach_person", args=[run.pk, enrolment.pk]),
        *[
            reverse("teach_item", args=[run.pk, key])
            for kind, key in keys.items()
            if kind in ("workshop", "discussion", "quiz")
        ],
    ]
    search = [
        reverse("search"),
        *[f"{reverse('search')}?q={text}" for text in ("<script>", '"><img>')],
    ]
    return strings, {
        learner: [reverse("profile"), reverse("dashboard"), *search]
        + [reverse("item", args=[SLUG, e["slug"]]) for e in state.current.outline["items"]],
        administrator_of(agency): [f"{reverse('agency_people')}?page={n}" for n in range(1, 6)]
        + [reverse("agency_person", args=[learner.pk])],
        instructor: teach,
        manager: teach[:1],
        UserFactory(is_superuser=True): [
            reverse("wagtailusers_users:index"),
            reverse("wagtailusers_users:edit", args=[learner.pk]),
            reverse("memberships:index"),
        ],
    }


def open_as_each(live_server, client, pages: dict) -> tuple[dict[str, str], list, list]:
    """Open pages as those who may, {person: addresses}, in a browser. Returns {address and reader: HTML},
    where a script ran, and where the site failed."""
    from playwright.sync_api import sync_playwright

    shown, fired, broken = {}, [], []
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        for person, addresses in pages.items():
            client.force_login(person)
            context = browser.new_context(bypass_csp=True)
            cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
            context.add_cookies([{**cookie, "url": live_server.url}])
            page = context.new_page()
            for address in addresses:
                answer = page.goto(f"{live_server.url}{address}", wait_until="load")
                if answer.status >= 400:
                    broken.append((address, answer.status))
                shown[f"{address} {person.pk}"] = page.content()
                if page.evaluate("top.fired"):
                    fired.append(address)
            context.close()
        # That it can fail: the same browser runs a string that is not escaped.
        page = browser.new_page()
        page.set_content(f"<p>{corpus()[0]}</p>")
        page.wait_for_function("top.fired === 1")
        browser.close()
    return shown, fired, broken


def test_what_a_learner_writes_never_runs(live_server, written, client, monkeypatch):
    strings, pages = written
    assert len(set(strings)) >= 180
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    shown, fired, broken = open_as_each(live_server, client, pages)
    assert broken == []
    assert sum("top.fired=1" in html for html in shown.values()) >= 8
    assert fired == []
