"""The catalogue: what is on offer, by facets with honest counts."""

import pytest
from django.urls import reverse

from courses.catalogue.load_framework import load_framework
from courses.catalogue.models import SkillGroup, TargetGroup
from courses.enrolment.catalogue import browse, cards, entries
from courses.releases.settle import settle
from tests.factories.courses import make_course
from tests.remember import remembered

PATH = "/en/courses/"


@pytest.fixture
def three(db):
    return three_courses()


@remembered
def three_courses() -> list:
    load_framework()
    executive = TargetGroup.objects.get(key="executive", framework__is_current=True)
    service = TargetGroup.objects.get(key="service", framework__is_current=True)
    literacy = SkillGroup.objects.get(key="literacy", framework__is_current=True)
    return [
        make_course(
            "alpha",
            title="Safe mail",
            target_groups=[executive],
            skill_groups=[literacy],
        ),
        make_course(
            "beta", actives=["discussion"], title="Open data", target_groups=[executive, service]
        ),
        make_course("gamma", lectures=[80], actives=["workshop"], title="Service", pacing="cohort"),
    ]


def options(found: dict, facet: str) -> dict:
    facets = {entry["name"]: entry for entry in found["facets"]}
    return {option["url"].partition("=")[2]: option for option in facets[facet]["options"]}


def test_everything_on_offer_newest_first(three):
    assert [entry.slug for entry in entries()] == ["gamma", "beta", "alpha"]


def test_counts_say_how_many_courses_a_choice_leads_to(three):
    found = browse({}, PATH, "en")
    assert {name: o["count"] for name, o in options(found, "method").items()} == {
        "discussion": 1,
        "role_play_solo": 1,
        "workshop": 1,
    }
    assert {name: o["count"] for name, o in options(found, "time").items()} == {
        "under-2": 2,
        "2-5": 1,
    }
    assert sorted(o["count"] for o in options(found, "group").values()) == [1, 2]


def test_a_choice_is_removed_by_its_own_link_and_others_keep_it(three):
    found = browse({"pace": "rolling"}, PATH, "en")
    assert {entry.slug for entry in found["found"]} == {"alpha", "beta"}
    facets = {entry["name"]: entry["options"] for entry in found["facets"]}
    rolling, cohort = facets["pace"]
    assert (rolling["selected"], rolling["url"], rolling["count"]) == (True, PATH, 2)
    assert (cohort["count"], cohort["selected"]) == (1, False)
    workshop = next(o for o in facets["method"] if "workshop" in o["url"])
    assert workshop["disabled"]
    assert "pace=rolling" in workshop["url"]


def test_every_count_is_what_one_finds_behind_the_link(three):
    from urllib.parse import parse_qsl, urlsplit

    for chosen in ({}, {"pace": "rolling"}, {"method": "discussion"}, {"q": "data"}):
        for facet in browse(chosen, PATH, "en")["facets"]:
            for option in facet["options"]:
                if option["selected"]:
                    continue
                behind = browse(dict(parse_qsl(urlsplit(option["url"]).query)), PATH, "en")
                assert len(behind["found"]) == option["count"]


def test_words_are_found_in_any_order_and_case(three):
    def found(q):
        return {entry.slug for entry in browse({"q": q}, PATH, "en")["found"]}

    assert found("DATA open") == {"beta"}
    assert found("GAMMA") == {"gamma"}
    assert found("open mail") == set()


def test_where_nothing_is_found_each_filter_can_be_dropped(three):
    found = browse({"q": "mail", "method": "workshop"}, PATH, "en")
    assert found["found"] == []
    assert [s["url"] for s in found["suggestions"]] == [
        f"{PATH}?q=mail",
        f"{PATH}?method=workshop",
    ]


def test_unknown_values_are_ignored(three):
    found = browse({"method": "<script>", "group": "x", "page": "-1"}, PATH, "en")
    assert len(found["found"]) == 3
    assert found["selected"] == []


def test_a_course_that_is_withdrawn_is_gone_at_once(three):
    entries()
    three[0].unpublish()
    settle(three[0].translation_key)
    assert {entry.slug for entry in entries()} == {"beta", "gamma"}


def test_a_card_says_how_the_time_is_spent(three):
    [shown] = cards([e for e in entries() if e.slug == "alpha"], "en", PATH)
    assert (shown["total_minutes"], shown["active_percent"]) == (45, 44)
    assert [category for category, *_rest in shown["segments"]] == ["lecture", "active"]
    assert shown["url"] == f"{PATH}alpha/"


def test_the_page_and_its_empty_state(client, three):
    page = client.get(PATH)
    assert page.status_code == 200
    for title in ("Safe mail", "Open data", "Service"):
        assert title in page.content.decode()
    empty = client.get(PATH, {"q": "zzz"})
    html = empty.content.decode()
    assert empty.status_code == 200
    assert "Safe mail" not in html
    assert f'href="{PATH}"' in html


def test_what_is_typed_is_shown_as_text(client, three):
    html = client.get(PATH, {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert(1)" not in html


def test_the_public_page_of_a_course(client, three):
    html = client.get("/th/courses/alpha/").content.decode()
    assert "Safe mail" in html
    assert reverse("account_login") in html
    assert client.get(reverse("course", args=["alpha"])).status_code == 302
    assert client.get(reverse("course", args=["none"])).status_code == 404


def test_a_course_that_is_not_on_offer_has_no_page(client, db):
    make_course("draft", lectures=[60], actives=[], offered=False)
    assert client.get("/th/courses/draft/").status_code == 404


def test_figures_of_completion_are_for_ten_people_or_more(client, three):
    from django.core.cache import cache

    from courses.enrolment.pages import completion_of
    from tests.factories.courses import enrolled, state_of
    from tests.factories.people import UserFactory

    for _n in range(9):
        enrolled(UserFactory(), three[0])
    assert completion_of(state_of(three[0])) is None
    enrolled(UserFactory(), three[0])
    assert completion_of(state_of(three[0])) is None, "counted anew after some minutes only"
    cache.clear()
    assert completion_of(state_of(three[0])) == {"n": 10, "percent": 0}


def test_by_when_one_can_begin(client, three):
    from datetime import timedelta

    from django.utils import timezone

    from courses.enrolment.models import CourseRun
    from tests.factories.people import AgencyFactory

    gamma = three[2].translation_key
    cohort = {"course": gamma, "pacing": "cohort", "is_open": True}
    soon, later = timezone.now() + timedelta(days=9), timezone.now() + timedelta(days=90)
    CourseRun.objects.create(**cohort, name="ใกล้", starts_at=soon)
    CourseRun.objects.create(**cohort, name="เฉพาะ", starts_at=later, agency=AgencyFactory().key)

    def slugs(start: str) -> set[str]:
        page = client.get("/th/courses/", {"start": start})
        return {card["url"].rstrip("/").rpartition("/")[2] for card in page.context["cards"]}

    assert slugs("now") == {"alpha", "beta"}
    assert slugs("soon") == {"gamma"}
    assert slugs("later") == set(), "another agency has a run of its own"
    facets = {f["name"]: f for f in client.get("/th/courses/").context["facets"]}
    labels = {option["label"]: option["count"] for option in facets["start"]["options"]}
    assert labels == {"ทันที": 2, "ภายใน 30 วัน": 1}
    CourseRun.objects.filter(name="ใกล้").update(starts_at=timezone.now() - timedelta(days=1))
    assert slugs("now") == {"alpha", "beta", "gamma"}
