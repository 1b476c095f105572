import json
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from wagtail.models import Page

from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from search import engines
from search.contract import EngineDown
from search.models import PromotedResult, QueryCount, RecentSearch, SynonymSet
from tests.factories.people import UserFactory
from tests.factories.site import searchable_demo_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return searchable_demo_course()


def get(client, typed, language="th", **params):
    with override(language):
        return client.get(reverse("search"), {"q": typed, **params})


def test_results_with_marks_and_facets(client, site):
    page = get(client, "รอบรู้ดิจิทัล")
    html = page.content.decode()
    assert page.status_code == 200
    assert "<mark>รอบรู้ดิจิทัล</mark>" in html
    assert 'href="/th/course/digital-literacy-7-skill-groups/"' in html
    assert "group=service" in html and "no-cache" in page["Cache-Control"]


def test_a_facet_narrows_and_can_be_removed(client, site):
    html = get(client, "ดิจิทัล", type="course").content.decode()
    assert 'aria-current="true"' in html
    assert f'href="/th/search/?q={quote("ดิจิทัล")}"' in html
    assert '<input type="hidden" name="type" value="course">' in html


@pytest.mark.parametrize(
    "typed", ["", "?!", '"', "<script>alert(1)</script>", "ก" * 3000, "%00", "\u200b"]
)
@pytest.mark.parametrize("language", ["th", "en"])
def test_nothing_typed_is_an_error(client, site, typed, language):
    page = get(client, typed, language, page="x", type="<b>", course="'")
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_nothing_found_offers_ways_out(client, site):
    html = get(client, "zzzz qqqq", "en", group="service").content.decode()
    assert "Nothing was found" in html
    assert "only “qqqq”" in html and "without “" in html
    assert "Show all courses" in html


def test_did_you_mean(client, site):
    html = get(client, "ขอ้มูลส่วนบุคคล").content.decode()
    assert f"?q={quote('ข้อมูลส่วนบุคคล')}" in html


@pytest.mark.parametrize(
    ("language", "words"),
    [("th", "ผลเหล่านี้มาจากฐานข้อมูล"), ("en", "These results come from the database")],
)
def test_people_are_told_when_the_database_stands_in(client, site, settings, language, words):
    assert words not in get(client, "ดิจิทัล", language).content.decode()
    settings.LMS_ELASTICSEARCH_URL = "http://127.0.0.1:9"
    settings.LMS_ELASTICSEARCH_INDEX = "nowhere"
    page = get(client, "ดิจิทัล", language)
    html = page.content.decode()
    assert page.status_code == 200 and words in html
    assert "digital-literacy-7-skill-groups" in html


@pytest.mark.parametrize(
    ("language", "words"), [("th", "โปรดลองใหม่"), ("en", "Please try again in a minute")]
)
def test_when_nothing_answers_what_was_typed_is_kept(client, site, monkeypatch, language, words):
    def broken(*args):
        raise EngineDown("disk full")

    monkeypatch.setattr(type(engines.database()), "search", broken)
    page = get(client, "ดิจิทัล", language)
    html = page.content.decode()
    assert page.status_code == 503 and words in html
    assert 'value="ดิจิทัล"' in html and f"/{language}/courses/" in html
    with override(language):
        found = client.get(reverse("search_suggest"), {"q": "ดิจิทัล"})
    assert found.status_code == 200 and len(found.json()["suggestions"]) == 1


def test_promoted_results_stand_above(client, site):
    PromotedResult.objects.create(queries="สมัครเรียน", title="วิธีสมัคร", url="/th/help/")
    html = get(client, "สมัครเรียน").content.decode()
    assert html.index("วิธีสมัคร") < html.index("filters" if "filters" in html else "</main>")


def test_few_queries_and_a_small_page(client, site):
    client.force_login(UserFactory())
    get(client, "ดิจิทัล")
    with CaptureQueriesContext(connection) as captured:
        page = get(client, "ข้อมูล")
    # The test's own transaction turns what would be BEGIN and COMMIT into savepoints.
    asked = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SET"))]
    assert len(asked) <= 15, asked
    assert len(page.content) < 60_000


def test_recent_searches_can_be_erased(client, site):
    person = UserFactory()
    client.force_login(person)
    get(client, "ดิจิทัล")
    assert "ดิจิทัล" in get(client, "").content.decode()
    answer = client.post(reverse("search_forget"))
    assert answer.status_code == 302
    assert not RecentSearch.objects.exists()
    assert QueryCount.objects.get().searches == 1


def test_suggestions(client, site):
    with override("th"):
        found = client.get(reverse("search_suggest"), {"q": "ข้อมูลส่วนบุค"}).json()["suggestions"]
    assert any("ข้อมูลส่วนบุคคล" in suggestion["title"] for suggestion in found[:-1])
    assert found[-1]["url"].startswith("/th/search/?q=")
    assert client.get(reverse("search_suggest"), {"q": " "}).json() == {"suggestions": []}


def test_every_page_has_the_box(client, site):
    for route in ("catalogue", "account_login", "certificate_lookup"):
        assert f'action="{reverse("search")}"' in client.get(reverse(route)).content.decode(), route


class TestApi:
    def test_the_same_results(self, client, site):
        answer = client.get("/api/v1/search", {"q": "รอบรู้ดิจิทัล", "type": "course"})
        found = answer.json()
        assert answer.status_code == 200
        assert found["groups"][0]["url"] == "/th/course/digital-literacy-7-skill-groups/"
        assert {"text": "รอบรู้ดิจิทัล", "found": True} in found["groups"][0]["hits"][0]["title"]
        assert {facet["name"] for facet in found["facets"]} >= {"type", "group"}

    def test_bodies_only_for_those_who_may_read_them(self, client, site):
        asked = {"q": "คุณสมศรีมาติดต่อสำนักงาน", "language": "th"}
        assert "สมศรี" not in json.dumps(
            client.get("/api/v1/search", asked).json()["groups"], ensure_ascii=False
        )
        client.force_login(UserFactory(is_superuser=True))
        assert "สมศรี" in json.dumps(client.get("/api/v1/search", asked).json(), ensure_ascii=False)

    @pytest.mark.parametrize("wrong", [{"page": "0"}, {"page": "x"}, {"language": "fr"}])
    def test_wrong_parameters_are_named(self, client, site, wrong):
        answer = client.get("/api/v1/search", {"q": "ก", **wrong})
        assert answer.status_code == 422
        assert next(iter(wrong)) in json.dumps(answer.json())

    def test_it_is_described(self, client):
        described = client.get("/api/v1/openapi.json").json()
        assert "/api/v1/search" in described["paths"]

    def test_reading_only(self, client):
        assert client.post("/api/v1/search").status_code == 405


class TestAuthoringSite:
    @pytest.fixture
    def manager(self, client, site):
        person = UserFactory(preferred_language="en")
        person.groups.add(Group.objects.get(name=COURSE_MANAGER))
        client.force_login(person)
        return person

    def test_synonyms_are_edited(self, client, manager):
        url = reverse("wagtailsnippets_search_synonymset:add")
        refused = client.post(url, {"words": "AI"})
        assert refused.status_code == 200 and not SynonymSet.objects.exists()
        assert "ใส่คำที่ต่างกันอย่างน้อยสองคำ" in refused.content.decode()
        client.post(url, {"words": "เอไอ, AI, ปัญญาประดิษฐ์"})
        assert SynonymSet.objects.get().parts() == ["เอไอ", "ai", "ปัญญาประดิษฐ์"]

    def test_promoted_results_need_an_address_of_this_site_or_https(self, client, manager):
        url = reverse("wagtailsnippets_search_promotedresult:add")
        data = {"queries": "สมัคร", "title": "วิธีสมัคร", "text": "", "language": ""}
        for address in ("javascript:alert(1)", "//evil.example", "http://evil.example"):
            refused = client.post(url, data | {"url": address})
            assert "ที่อยู่เว็บต้องขึ้นต้นด้วย /" in refused.content.decode(), address
        assert not PromotedResult.objects.exists()
        client.post(url, data | {"url": "/th/help/"})
        assert PromotedResult.objects.exists()

    def test_the_report_shows_what_found_nothing(self, client, manager):
        get(client, "zzzz qqqq")
        get(client, "ดิจิทัล")
        html = client.get(reverse("search_queries")).content.decode()
        assert html.index("zzzz qqqq") < html.index("ดิจิทัล")
        assert "2 คำค้น" in html or "2 search queries" in html
        assert (
            "zzzz" in client.get(reverse("search_queries"), {"export": "csv"}).getvalue().decode()
        )

    @pytest.mark.parametrize("role", ["learner", "instructor"])
    def test_others_may_not(self, client, site, role):
        person = UserFactory()
        if role == "instructor":
            person.groups.add(Group.objects.get(name=INSTRUCTOR))
        client.force_login(person)
        for name in ("search_queries", "wagtailsnippets_search_synonymset:add"):
            assert client.get(reverse(name)).status_code in (302, 403), name

    @pytest.mark.parametrize("typed", ["ดิจิทัล", "ทักษะ", "รอบรู้"])
    def test_wagtails_page_search_finds_thai_words(self, client, manager, typed):
        assert Page.objects.filter(title__contains="รอบรู้ดิจิทัล").exists()
        html = client.get(reverse("wagtailadmin_pages:search"), {"q": typed}).content.decode()
        assert "รอบรู้ดิจิทัลสำหรับข้าราชการ" in html
