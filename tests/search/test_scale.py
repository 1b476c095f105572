"""Searching among many passages: what a query may touch is bounded, and what it finds stays right."""

import io

import pytest
from django.core.management import call_command

from search import engines, store
from search.contract import COURSE, EVERYBODY, Narrowing
from search.engines import elastic as elastic_engine
from search.engines import postgres, sqlite
from search.models import PassageRow
from search.question import ask

from .places import ENROLLED, passage


@pytest.fixture
def small_budget(monkeypatch):
    """As if everything were common: more than one passage is too many to rank."""
    for module in (postgres, sqlite):
        monkeypatch.setattr(module, "BUDGET", 1)
    monkeypatch.setattr(sqlite, "RANKED", 1)


@pytest.fixture
def common(shelf_source, small_budget):
    """Passages that hold the same two words, here and there."""
    shelf_source.by_group["one"] = [
        passage("both-in-body", "เรื่องอื่น", "ประชุมแล้วจึงขอ งบประมาณ"),
        passage("one-in-title", "ประชุม", "ขอ งบประมาณ"),
        passage("long-title", "ประชุมของหน่วยงานเรื่อง งบประมาณ ประจำปีหน้า"),
        passage("both-in-title", "ประชุมเรื่อง งบประมาณ"),
        passage("only-one", "ประชุม", "ประจำเดือน"),
        passage("other", "ระเบียบ", "งบประมาณ"),
        passage("closed", "ประชุมลับเรื่อง งบประมาณ", scope=COURSE, audience="course:c1"),
    ]
    store.index_group("shelf", "one")
    engines.database().refresh()


def units(typed, viewer=EVERYBODY, narrowing=None, **how):
    found = engines.database().search(ask(typed), viewer, narrowing or Narrowing(), 10, **how)
    rows = PassageRow.objects.in_bulk(found)
    return [rows[number].unit for number in found]


TITLES = {"one-in-title", "long-title", "both-in-title", "only-one"}


def test_a_common_word_is_found_in_titles_and_bodies(common):
    assert set(units("ประชุม")) == TITLES | {"both-in-body"}
    assert len(units("ประชุม")) == 5


def test_common_words_tell_nothing_of_what_is_closed(common):
    assert "closed" not in units("ประชุม")
    assert "closed" in units("ประชุม", ENROLLED)
    assert units("ประชุม", narrowing=Narrowing({"type": ("lesson",)})) == []


def test_common_words_in_titles_only(common):
    assert set(units("ประชุม", titles_only=True)) == TITLES


FAR = "ครับ" + "เรื่องราวของเมืองเก่าริมน้ำ " * 12


@pytest.fixture(
    params=[
        "database",
        pytest.param("elasticsearch", marks=pytest.mark.services("LMS_TEST_ELASTICSEARCH_URL")),
    ]
)
def apart(request, shelf_source, monkeypatch):
    """Two words that are common, and a few passages in which both stand, far apart."""
    for module in (postgres, sqlite, elastic_engine):
        monkeypatch.setattr(module, "BUDGET", 30)
    monkeypatch.setattr(sqlite, "RANKED", 60)
    if request.param == "elasticsearch":
        request.getfixturevalue("elastic")
    shelf_source.by_group["one"] = [
        *(passage(f"meeting{n}", f"ประชุมครั้งที่ {n}", f"ประชุม{FAR}") for n in range(60)),
        *(passage(f"money{n}", f"งบประมาณรายการที่ {n}", f"งบประมาณ{FAR}") for n in range(60)),
        passage("both-in-body", "เรื่องเล่า", f"ประชุม{FAR} ใช้งบประมาณมาก"),
        passage("title-and-body", "ประชุมใหญ่", f"{FAR} งบประมาณ"),
        passage("both-closed", "ลับ", f"งบประมาณ{FAR}ประชุม", scope=COURSE, audience="course:c1"),
        # Words that bridge both: found by a rare 3-gram ("มงบ") without saying either.
        *(passage(f"bridge{n}", "อื่น", f"ปุ๋มงบก {n}") for n in range(5)),
    ]
    store.index_group("shelf", "one")
    engine = engines.every()[0]
    if request.param == "elasticsearch":
        engine.index([store.entry_of(row) for row in PassageRow.objects.all()])
    engine.refresh()
    return engine


def of(engine, typed, viewer=EVERYBODY, limit=10, **how):
    rows = PassageRow.objects.all().in_bulk()
    found = engine.search(ask(typed), viewer, Narrowing(), limit, **how)
    return [rows[number].unit for number in found]


@pytest.mark.parametrize("typed", ["ประชุม งบประมาณ", "งบประมาณ ประชุม", "ประชุมงบประมาณ"])
def test_two_common_words_find_first_what_holds_both(apart, typed):
    assert of(apart, typed)[:2] == ["title-and-body", "both-in-body"]


def test_two_common_words_tell_nothing_of_what_is_closed(apart):
    assert "both-closed" not in of(apart, "ประชุม งบประมาณ", limit=200)
    assert "both-closed" in of(apart, "ประชุม งบประมาณ", ENROLLED)[:3]


def test_a_rarer_word_beside_common_ones_decides(apart):
    assert of(apart, "ประชุม งบประมาณ มาก")[0] == "both-in-body"


@pytest.mark.services("LMS_TEST_ELASTICSEARCH_URL")
class TestElasticsearch:
    @pytest.fixture
    def library(self, shelf_source, elastic):
        """Three-grams that every passage holds, and some that one does."""
        shelf_source.by_group["one"] = [
            *(passage(f"report{n}", "รายงานประจำปี", f"ฉบับที่ {n}") for n in range(20)),
            passage("dam", "รายงานประจำเขื่อน"),
            passage("dam-closed", "รายงานเขื่อน", scope=COURSE, audience="course:c1"),
        ]
        store.index_group("shelf", "one")
        elastic.rebuild(store.all_entries(), lambda done: None)
        return elastic

    def test_the_rarest_3_grams_are_looked_for(self, library, monkeypatch):
        asked = ask("รายงานเขื่อม")
        every = library.rare_grams(asked, titles_only=False)
        # Those of the typing error stand nowhere.
        assert set(asked.grams) - set(every) == {"่อม"}
        # In 21 passages or more.
        common = {"ราย", "ายง", "ยงา", "งาน"}
        assert common < set(every)
        monkeypatch.setattr(elastic_engine, "BUDGET", 10)
        rare = library.rare_grams(asked, titles_only=False)
        assert rare and not common & set(rare)
        assert of(library, "รายงานเขื่อม")[0] == "dam"
        assert of(library, "รายงานเขื่อม", titles_only=True)[0] == "dam"
        assert "dam-closed" not in of(library, "รายงานเขื่อม", limit=200)
        assert "dam-closed" in of(library, "รายงานเขื่อม", ENROLLED)[:2]

    def test_what_stands_nowhere_asks_for_no_3_gram(self, library):
        assert library.rare_grams(ask("zzzzqqqq"), titles_only=False) == []
        assert of(library, "zzzzqqqq") == []

    def test_a_rebuilt_index_is_one_segment(self, library):
        (index,) = library.client.indices.segments(index=library.alias)["indices"].values()
        (shard,) = index["shards"]["0"]
        assert len([one for one in shard["segments"].values() if one["search"]]) == 1

    def test_merging_that_takes_long_keeps_no_rebuild_from_ending(
        self, library, monkeypatch, caplog
    ):
        caplog.set_level("INFO", logger="sala.search")
        monkeypatch.setattr(elastic_engine, "SECONDS_TO_MERGE", 0.000_001)
        library.rebuild(store.all_entries(), lambda done: None)
        assert "goes on merging" in caplog.text
        assert of(library, "รายงานประจำเขื่อน")[0] == "dam"


@pytest.mark.django_db
def test_the_measurement_fills_copies_and_finds():
    engines.database().clear()
    out = io.StringIO()
    call_command("search_bench", "10", "30", "--distinct", "10", "--queries", "1", stdout=out)
    assert "30 passages: 30 indexed" in out.getvalue()
    assert engines.database().numbers() == set(range(1, 31))
    assert PassageRow.objects.filter(source="scale").count() == 30
    title = [line for line in out.getvalue().splitlines() if line.startswith("title")]
    assert len(title) == 2 and all(line.endswith("1.000") for line in title)
