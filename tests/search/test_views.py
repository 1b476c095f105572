import json
from urllib.parse import parse_qs

import pytest
from django.contrib.auth.models import Group
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from wagtail.models import Page

from courses.enrolment.enrol import enrol
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from search import counting, engines, finding_page, views
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
    assert 'href="?q=ดิจิทัล"' in html
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
    assert "?q=ข้อมูลส่วนบุคคล" in html


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


@pytest.mark.parametrize("name", ["type", "group", "language", "course"])
def test_signs_that_no_keyboard_types_are_left_out_of_addresses(client, site, name):
    """PostgreSQL takes no zero character, in a condition either."""
    program = "spoken" if name == "language" else name
    for value in ("\x00", "th\x00"):
        page = client.get("/th/search/", {"q": "ดิจิทัล", name: value})
        assert page.status_code == 200 and "\x00" not in page.content.decode()
        answer = client.get("/api/v1/search", {"q": "ดิจิทัล", program: value})
        assert answer.status_code == 200
    page = client.get("/th/search/", {"q": "ดิจิทัล", name: "\x00"})
    assert page.context["results"].total


@pytest.mark.parametrize(
    "typed", ["ข้อมูล&type=lesson", "a+b = 100%", "ก#ข?ค", "<b>'\"", "café ๒๕๖๗", "ค้นหา\tคำ"]
)
def test_the_address_of_another_search_says_what_was_typed(typed):
    address = finding_page.query({"q": typed, "type": "course"})
    assert parse_qs(address[1:]) == {"q": [typed], "type": ["course"]}
    assert not set("<>\"' #") & set(address)


def asked_before_and_after(client, url, **params):
    """(queries until the answer was made, those after it), without the savepoints of the test itself."""
    answered, made = [], counting.count_after

    def count_after(*args):
        answered.append(len(connection.queries_log))
        return made(*args)

    with CaptureQueriesContext(connection) as captured:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(counting, "count_after", count_after)
            page = client.get(url, params)
    at = answered[0] - captured.initial_queries
    own = ("SAVEPOINT", "RELEASE")
    before, after = (
        [q["sql"] for q in some if not q["sql"].startswith(own)]
        for some in (captured.captured_queries[:at], captured.captured_queries[at:])
    )
    return page, before, after


@pytest.mark.parametrize("typed", ["ข้อมูล", "ข้อมูลส่วนบุคคล การบริการ ประชาชน", "รอบรู้ดิจทัล"])
def test_few_queries_and_a_small_page(client, site, typed):
    person = UserFactory()
    enrol(person, site.course)
    client.force_login(person)
    with override("th"):
        url = reverse("search")
    client.get(url, {"q": typed})
    page, before, after = asked_before_and_after(client, url, q=typed)
    assert page.status_code == 200 and "<mark>" in page.content.decode()
    assert len(before) <= 8, before
    assert len(after) == 2, after
    assert len(page.content) < 30_000


def test_few_queries_for_suggestions_and_programs(client, site):
    person = UserFactory()
    enrol(person, site.course)
    client.force_login(person)
    with override("th"):
        addresses = [reverse("search_suggest"), reverse("api-v1:search")]
    for url in addresses:
        client.get(url, {"q": "ข้อมูลส่วนบุคคล การบริการ"})
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(url, {"q": "ข้อมูลส่วนบุคคล การบริการ"})
        asked = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert answer.status_code == 200 and len(answer.content) > 200
        assert len(asked) <= 15, asked


class TestAfterTheAnswer:
    """Whoever searches does not wait until the search was counted."""

    def ask(self, person, typed="ดิจิทัล"):
        request = RequestFactory().get("/th/search/", {"q": typed})
        request.user, request.session = person, {}
        with override("th"):
            return views.search_page(request)

    @pytest.fixture(autouse=True)
    def connection_stays(self):
        """Closing an answer would close the test's own connection."""
        request_finished.disconnect(close_old_connections)
        yield
        request_finished.connect(close_old_connections)

    def test_counted_and_remembered_once_when_it_is_closed(self, site):
        person = UserFactory()
        page = self.ask(person)
        assert "<mark>" in page.content.decode()
        assert not QueryCount.objects.exists() and not RecentSearch.objects.exists()
        page.close()
        page.close()
        assert QueryCount.objects.get().searches == 1
        assert RecentSearch.objects.get().user == person

    def test_an_answer_is_closed_though_nothing_could_be_counted(self, site, monkeypatch, caplog):
        monkeypatch.setattr(counting, "COUNT", "INSERT INTO nowhere VALUES (%s, %s, %s, %s)")
        page = self.ask(UserFactory())
        with transaction.atomic():
            page.close()
            transaction.set_rollback(True)
        assert page.closed and "Could not count a search" in caplog.text

    def test_who_has_left_meanwhile_is_not_remembered(self, site):
        person = UserFactory()
        page = self.ask(person)
        person.delete()
        with transaction.atomic():
            page.close()
            transaction.set_rollback(True)
        assert page.closed and not RecentSearch.objects.exists()

    def test_what_answers_an_error_counts_nothing(self, site, monkeypatch):
        def broken(*args):
            raise EngineDown("disk full")

        monkeypatch.setattr(type(engines.database()), "search", broken)
        self.ask(UserFactory()).close()
        assert not QueryCount.objects.exists()


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


def test_what_is_too_long_to_show_ends_with_a_whole_cluster(client, site):
    """59 letters, then one with a vowel and a tone: the sixtieth alone would be another word."""
    typed = "ก" * 59 + "ที่นี่"
    with override("th"):
        last = client.get(reverse("search_suggest"), {"q": typed}).json()["suggestions"][-1]
    assert "ก" * 59 + "”" in last["title"]
    person = UserFactory()
    client.force_login(person)
    get(client, "ก" * 99 + "ที่นี่")
    assert counting.recent(person) == ["ก" * 99]


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
