import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from search import counting, store
from search.contract import EVERYBODY
from search.find import find, suggest
from search.find import search as find_for
from search.models import PassageRow, PromotedResult, QueryCount, RecentSearch
from tests.factories.people import UserFactory

from .places import DISCUSSING, ENROLLED, passage


@pytest.fixture(autouse=True)
def indexed(shelf_source):
    shelf_source.by_group["one"] += [
        passage("c1", "Cyber safety", "A course", kind="course", language="en", course="c1"),
        *(passage(f"a{n:02}", f"ข่าวฉบับที่ {n}", "เรื่องเล่าประจำเดือน") for n in range(25)),
    ]
    store.index_group("shelf", "one")


def units(results):
    return [hit.row.unit for group in results.groups for hit in group.hits]


def test_results_are_grouped_by_course():
    results = find("ไซเบอร์ อีเมล โดเมน", ENROLLED, language="th")
    assert [group.course for group in results.groups] == ["c1"]
    assert set(units(results)) == {"c1", "c1-l1"}
    assert results.groups[0].title == "รู้ทันภัยไซเบอร์"


def test_the_course_is_named_in_the_readers_language():
    assert find("โดเมน", ENROLLED, language="en").groups[0].title == "Cyber safety"


def test_pages_of_results():
    first = find("ข่าวฉบับ", EVERYBODY, language="th")
    assert (first.total, len(first.groups), first.page.paginator.num_pages) == (25, 10, 3)
    last = find("ข่าวฉบับ", EVERYBODY, language="th", page="3")
    assert len(last.groups) == 5
    assert not set(units(first)) & set(units(last))
    assert find("ข่าวฉบับ", EVERYBODY, language="th", page="nonsense").page.number == 1


@pytest.mark.parametrize("typed", ["โดเมน", "ธนาคารมะม่วงทอง"])
def test_nothing_of_what_may_not_be_read_shows_anywhere(typed):
    results = find(typed, EVERYBODY, language="th")
    assert results.groups == [] and results.facets == [] and results.did_you_mean == ""
    assert suggest(typed, EVERYBODY, "th") == []
    assert find(typed, DISCUSSING, language="th").total == 1


def test_facets_count_only_what_may_be_read():
    def types(viewer):
        facets = {f.name: f.counts for f in find("ไซเบอร์ โดเมน", viewer, language="th").facets}
        return facets.get("type", {})

    assert types(EVERYBODY) == {}
    assert types(ENROLLED) == {"course": 1, "lesson": 1}


def test_narrowing_to_a_facet_and_a_course():
    results = find(
        "ไซเบอร์ โดเมน", ENROLLED, language="th", chosen={"type": ("lesson",), "unknown": ("x",)}
    )
    assert units(results) == ["c1-l1"]
    assert next(f for f in results.facets if f.name == "type").chosen == ("lesson",)
    assert units(find("ข่าว", EVERYBODY, language="th", course="c1")) == []


def test_one_course_shows_all_its_places_page_by_page(shelf_source):
    """Where the link "more places in this course" leads."""
    shelf_source.by_group["one"] += [
        passage(f"c2-{n:02}", f"แบบฝึกหัดที่ {n}", "เรื่องมะละกอสุก", course="c2", kind="lesson")
        for n in range(23)
    ]
    store.index_group("shelf", "one")
    everywhere = find("มะละกอสุก", EVERYBODY, language="th")
    assert (everywhere.total, len(everywhere.groups[0].hits), everywhere.groups[0].more) == (
        1,
        2,
        21,
    )
    first = find("มะละกอสุก", EVERYBODY, language="th", course="c2")
    last = find("มะละกอสุก", EVERYBODY, language="th", course="c2", page=2)
    assert (first.total, first.page.paginator.num_pages, first.groups[0].more) == (23, 2, 0)
    assert len(units(first)) == 20 and len(units(last)) == 3
    assert len(set(units(first) + units(last))) == 23
    assert {group.course for group in first.groups + last.groups} == {"c2"}


def test_facets_of_one_course_count_its_places():
    results = find("ไซเบอร์ โดเมน", ENROLLED, language="th", course="c1")
    types = next(facet.counts for facet in results.facets if facet.name == "type")
    assert results.total == len(units(results)) == sum(types.values())


def test_ways_out_when_nothing_is_found():
    results = find("zzzz qqqq", EVERYBODY, language="th", chosen={"type": ("lesson",)})
    assert results.without == [("facet", "type"), ("word", "qqqq"), ("word", "zzzz")]


def test_a_sign_is_left_out_with_its_word():
    results = find("zzzz ๆ qqqq !", EVERYBODY, language="th")
    assert results.without == [("word", "qqqq !"), ("word", "zzzz ๆ")]


def test_fillers_alone_do_not_make_a_result():
    assert units(find("การประชุมของกรมทางและทาง", EVERYBODY, language="th")) == []
    assert "c1" in units(find("การรู้ทันของภัย", EVERYBODY, language="th"))


def test_courses_that_come_close_when_nothing_is_found():
    results = find("ไซเบอร์ประเทศอังกฤษสมัยกลางยุควิกตอเรียน", EVERYBODY, language="th")
    assert results.total == 0
    assert results.similar == [("รู้ทันภัยไซเบอร์", "/th/c1/")]
    assert find("zzzz qqqq", EVERYBODY, language="th").similar == []


def test_few_queries_whatever_is_found(django_assert_max_num_queries):
    find("ข่าว", EVERYBODY, language="th")
    with django_assert_max_num_queries(12):
        find("ข่าวฉบับ", EVERYBODY, language="th")


@pytest.mark.parametrize("typed", ["หลอกล", "อีเมลหลอกลว", "อีเมลหลอกรวง"])
def test_suggestions_need_half_a_word_and_forgive(typed):
    assert [row.unit for row in suggest(typed, ENROLLED, "th")] == ["c1-l1"]


def test_suggestions_prefer_the_readers_language():
    assert [row.language for row in suggest("cyber", EVERYBODY, "en")] == ["en"]
    assert len(suggest("ข่าว", EVERYBODY, "th")) == 8


def test_promoted_results():
    PromotedResult.objects.create(
        queries="ลงทะเบียน, สมัครเรียน", title="วิธีสมัคร", url="/th/help/", language="th"
    )
    assert [row.title for row in find("สมัคร เรียน", EVERYBODY, language="th").promoted] == ["วิธีสมัคร"]
    assert find("สมัครเรียน", EVERYBODY, language="en").promoted == []
    assert find("สมัคร", EVERYBODY, language="th").promoted == []


def test_a_broken_index_shows_nothing_forbidden():
    """The permission is asked again when the passages are read."""
    PassageRow.objects.filter(unit="about").update(scope="course", audience="course:other")
    assert units(find("ศูนย์ช่วยเหลือ", EVERYBODY, language="th")) == []


def search(typed, person, **how):
    """A search of a person that is counted, as pages and the API do once they have answered."""
    results = find_for(typed, person, **how)
    counting.count(results, person, how["language"])
    return results


class TestCounting:
    def test_searches_are_counted_without_people(self):
        person = UserFactory()
        for typed in ("  ข่าว  ฉบับ ", "ข่าว ฉบับ", "zzzz"):
            search(typed, person, language="th")
        search("ข่าว ฉบับ", AnonymousUser(), language="th")
        rows = {row.query: (row.searches, row.nothing) for row in QueryCount.objects.all()}
        assert rows == {"ข่าว ฉบับ": (3, 0), "zzzz": (1, 1)}
        assert not any(field.is_relation for field in QueryCount._meta.get_fields())

    @pytest.mark.parametrize(
        "typed", ["1-1037-00000-00-1", "๑๑๐๓๗๐๐๐๐๐๐๐๑", "081 234 5678", "somchai@agency.example"]
    )
    def test_what_names_a_person_is_not_kept(self, typed):
        person = UserFactory()
        search(f"เรื่องของ {typed}", person, language="th")
        assert not QueryCount.objects.exists() and not RecentSearch.objects.exists()

    def test_signs_that_no_keyboard_types_are_left_out(self):
        search("ข่าว\x00\x07", UserFactory(), language="th")
        assert QueryCount.objects.get().query == "ข่าว"
        assert RecentSearch.objects.get().query == "ข่าว"

    def test_counts_are_kept_for_a_year_or_so(self):
        today = timezone.localdate()
        for days in (0, 399, 401):
            QueryCount.objects.create(
                day=today - datetime.timedelta(days=days), query="ก", language="th"
            )
        counting.purge()
        assert QueryCount.objects.count() == 2

    def test_searches_before_the_newest_ten_are_forgotten_though_nobody_looks(self):
        one, other = UserFactory(), UserFactory()
        for n in range(12):
            search(f"ข่าว {n}", one, language="th")
        search("ข่าว 0", other, language="th")
        counting.purge()
        assert set(RecentSearch.objects.filter(user=one).values_list("query", flat=True)) == {
            f"ข่าว {n}" for n in range(2, 12)
        }
        assert RecentSearch.objects.filter(user=other).count() == 1

    def test_further_pages_and_empty_questions_do_not_count(self):
        search("ข่าว", AnonymousUser(), language="th", page=2)
        search("?!", AnonymousUser(), language="th")
        assert not QueryCount.objects.exists()

    def test_recent_searches_are_ones_own_and_erasable(self):
        one, other = UserFactory(), UserFactory()
        for n in range(12):
            search(f"ข่าว {n}", one, language="th")
        search("ข่าว 3", one, language="th")
        RecentSearch.objects.filter(user=one, query="ข่าว 3").update(
            searched_at=timezone.now() + datetime.timedelta(seconds=5)
        )
        assert len(counting.recent(one)) == 10
        assert counting.recent(one)[0] == "ข่าว 3"
        assert RecentSearch.objects.filter(user=one).count() == 10, "the older ones are forgotten"
        assert counting.recent(other) == [] and counting.recent(AnonymousUser()) == []
        counting.forget(one)
        assert counting.recent(one) == []
