"""The author's page: who may see it, what it shows of sound and of broken scenarios."""

import copy
import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.role_play.course_file import from_course_file
from activities.role_play.models import RolePlaySoloPage
from lms.people.roles import COURSE_MANAGER
from tests.factories.courses import build_tree, make_course
from tests.factories.people import UserFactory

from .playing import course_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare_shells():
    """The authoring site's own templates are wanted here."""


@pytest.fixture
def course():
    build_tree()
    return make_course("course")


@pytest.fixture
def manager(client, course):
    person = UserFactory(preferred_language="en")
    person.groups.add(Group.objects.get(name=COURSE_MANAGER))
    client.force_login(person)
    return person


def saved(course, change=None, *, fields=None) -> RolePlaySoloPage:
    item = course_item()
    if change:
        change(item)
    values = from_course_file(item, "th") if fields is None else fields
    page = RolePlaySoloPage(title="ซ้อมรับมือ", minutes=20, locale=course.locale, **values)
    course.add_child(instance=page)
    page.save_revision()
    return RolePlaySoloPage.objects.get(pk=page.pk)


def opened(client, page, **query):
    response = client.get(
        reverse("role_play_graph", args=[page.pk]), query, headers={"accept-language": "en"}
    )
    assert response.status_code == 200
    return response


def test_a_sound_scenario_is_drawn_listed_and_walked(client, manager, course):
    page = saved(course)
    response = opened(client, page)
    context, html = response.context, response.content.decode()
    assert context["faults"] == []
    assert {box.id for box, _url in context["boxes"]} >= {"n1", "n2", "n3", "n4"}
    assert len(context["picture"].arrows) == sum(len(s["choices"]) for s in context["scenes"])
    assert len(context["paths"]) == 8
    scores = {path["steps"]: path["score"] for path in context["paths"]}
    assert scores["n1b → n3a"] == "100.0"
    assert scores["n1c → n4a → n2a"] == "0.0"
    assert html.count('class="box box--scene') == 4
    assert 'style="' not in html[html.index("nice-padding scenario") :]


def test_boxes_lead_to_their_blocks_in_the_editor(client, manager, course):
    page = saved(course)
    context = opened(client, page).context
    url = next(url for box, url in context["boxes"] if box.id == "n1")
    block = next(b for b in page.nodes if b.value["id"] == "n1")
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert block.id and url == f"{edit}#:w:contentpath=nodes.{block.id}"


def break_first_choice(item):
    item["nodes"][0]["choices"][0]["to"] = "n9"


def test_a_broken_scenario_names_the_place_and_has_no_paths(client, manager, course):
    page = saved(course, break_first_choice)
    context = opened(client, page).context
    fault = next(f for f in context["faults"] if "n9" in f["text"])
    block = page.nodes[0]
    choice = block.value["choices"].bound_blocks[0]
    assert fault["url"].endswith(f"nodes.{block.id}.choices.{choice.id}.to")
    assert context["measures"] is None
    missing = next(box for box, _url in context["boxes"] if box.id == "n9")
    assert (missing.kind, missing.faulty) == ("missing", True)


def test_an_empty_scenario_can_be_opened(client, manager, course):
    page = saved(course, fields={})
    context = opened(client, page).context
    assert context["picture"].boxes == () and context["faults"]


def test_paths_can_be_kept_to_one_ending(client, manager, course):
    page = saved(course)
    every = opened(client, page).context["paths"]
    ending = every[0]["ending"]
    only = opened(client, page, ending=ending).context["paths"]
    assert only == [path for path in every if path["ending"] == ending]
    assert opened(client, page, ending="nowhere").context["paths"] == every


@pytest.mark.parametrize("walk", ["0", "x", "๓", "10000", "99999999999999999999"])
def test_a_walk_of_no_known_number_is_the_first(client, manager, course, walk):
    assert opened(client, saved(course), walk=walk).context["seed"] == 1


def test_who_may_not_edit_does_not_see_it(client, course):
    page = saved(course)
    client.force_login(UserFactory())
    url = reverse("role_play_graph", args=[page.pk])
    assert client.get(url).status_code in (302, 403)
    assert client.post(url).status_code in (302, 403, 405)


def test_the_editor_the_explorer_and_the_course_have_its_address(client, manager, course):
    page = saved(course)
    url = reverse("role_play_graph", args=[page.pk])
    for at in (
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        reverse("wagtailadmin_explore", args=[course.pk]),
        reverse("authoring_dashboard", args=[course.pk]),
    ):
        assert re.search(re.escape(url), client.get(at).content.decode()), at


def test_queries_do_not_grow_with_the_scenario(client, manager, course):
    small = saved(course)

    def many(item):
        last = item["nodes"][-1]
        for n in range(30):
            extra = copy.deepcopy(last)
            extra["id"] = f"x{n}"
            item["nodes"].append(extra)

    large = saved(course, many)
    opened(client, small)
    with CaptureQueriesContext(
        connection,
    ) as few:
        opened(client, small)
    with CaptureQueriesContext(connection) as more:
        opened(client, large)
    assert len(more) == len(few)
