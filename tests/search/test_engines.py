"""What every engine owes: the same tests for the database's own and for Elasticsearch."""

import pytest

from search import engines, store
from search.contract import EVERYBODY, Narrowing, Viewer
from search.models import PassageRow, SynonymSet
from search.question import ask

from .places import DISCUSSING, ENROLLED, MANAGER, passage

NOTHING = Narrowing()


@pytest.fixture(
    params=[
        "database",
        pytest.param("elasticsearch", marks=pytest.mark.services("LMS_TEST_ELASTICSEARCH_URL")),
    ]
)
def engine(request, shelf_source):
    """An engine with the shelf's passages in it."""
    if request.param == "elasticsearch":
        request.getfixturevalue("elastic")
    store.index_group("shelf", "one")
    engine = engines.every()[0]
    assert (engine.name == "elasticsearch") == (request.param == "elasticsearch")
    if request.param == "elasticsearch":
        engine.index([store.entry_of(row) for row in PassageRow.objects.all()])
    engine.refresh()
    return engine


def units(engine, typed, viewer=MANAGER, narrowing=NOTHING, **how):
    rows = PassageRow.objects.in_bulk(engine.search(ask(typed), viewer, narrowing, 20, **how))
    return [rows[number].unit for number in engine.search(ask(typed), viewer, narrowing, 20, **how)]


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("อีเมลหลอกลวง", "c1-l1"),  # a title
        ("หลอกลว", "c1-l1"),  # half a word
        ("อีเมลหลอกลวว", "c1-l1"),  # a typing error
        ("ชื่อโดเมน", "c1-l1"),  # words of a body
        ("AI", "c1-l1"),  # two letters
        ("๒๕๖๗", "c1"),  # Thai digits
        ("2024", "c1"),  # the year of the other era
        ("1313", "about"),
        ("ไซเบอร์ ภัย", "c1"),  # two terms
    ],
)
def test_finds(engine, typed, unit):
    assert units(engine, typed)[0] == unit


def test_what_stands_letter_for_letter_comes_first(engine):
    assert units(engine, "โทรถามผู้ส่ง")[0] == "c1-l1"
    assert units(engine, "ศูนย์ช่วยเหลือ")[0] == "about"


def test_titles_only(engine):
    assert units(engine, "หลอกลวง", titles_only=True) == ["c1-l1"]
    assert "c1-l1" not in units(engine, "ชื่อโดเมน", titles_only=True)


def test_synonyms(engine):
    assert "c1-l1" not in units(engine, "artificial")
    SynonymSet.objects.create(words="artificial, AI")
    assert units(engine, "artificial")[0] == "c1-l1"


@pytest.fixture
def letters(engine, shelf_source):
    """Passages with abbreviations and repeated words, and one that has their letters by chance."""
    shelf_source.by_group["two"] = [
        passage("act-dotted", "พ.ร.บ. คอมพิวเตอร์"),
        passage("act-plain", "กฎหมายใหม่", "ทำตามพรบ ทุกข้อ"),
        passage("commission-dotted", "คู่มือสอบ ก.พ. ภาค ก", "ของทุกคน"),
        passage("commission-plain", "ถามตอบ", "ส่งเอกสารให้ กพ ตรวจ"),
        passage("chance", "ภาพจากพื้นที่จริง", "เก็บผักพอกิน"),
        passage("head-dotted", "ผ.อ. พบประชาชน"),
        passage("head-plain", "ประกาศ", "ผอ.กองคลังลงนาม"),
        # newmm knows a part of this one as a word, so its 3-grams alone find it.
        passage("telecom-dotted", "ก.ส.ท.ช. ประกาศแผนความถี่"),
        passage("telecom-plain", "ข่าวประจำวัน", "สำนักงาน กสทช. รับฟังความเห็น"),
        passage("telecom-parts", "กสท โทรคมนาคม กับ ช การช่าง"),
        passage("sign", "บทที่หนึ่ง", "หน่วยงานต่าง ๆ ร่วมกัน"),
        passage("twice", "บทที่สอง", "หน่วยงานต่างต่างร่วมกัน"),
    ]
    store.index_group("shelf", "two")
    if engine.name == "elasticsearch":
        rows = PassageRow.objects.filter(group="two")
        engine.index([store.entry_of(row) for row in rows])
    engine.refresh()
    return engine


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        (["พ.ร.บ.", "พรบ", "พ. ร. บ.", "พ ร บ"], {"act-dotted", "act-plain"}),
        (["ก.พ.", "กพ", "ก. พ.", "ก พ"], {"commission-dotted", "commission-plain"}),
        (["ผอ.", "ผ.อ.", "ผอ"], {"head-dotted", "head-plain"}),
        (["กสทช", "ก.ส.ท.ช.", "กสทช.", "ก ส ท ช"], {"telecom-dotted", "telecom-plain"}),
        (["หน่วยงานต่าง ๆ", "หน่วยงานต่างๆ", "หน่วยงานต่างต่าง"], {"sign", "twice"}),
    ],
)
def test_every_way_of_writing_it_finds_every_other(letters, forms, expected):
    for form in forms:
        assert set(units(letters, form)[:2]) == expected, form


def test_letters_that_stand_together_by_chance_are_no_abbreviation(letters):
    assert set(units(letters, "ก.พ.")) == {"commission-dotted", "commission-plain"}
    assert set(units(letters, "ก.พ.", titles_only=True)) == {"commission-dotted"}


def test_half_a_word_of_letters_is_found_when_there_is_no_such_abbreviation(letters):
    if letters.name != "elasticsearch":  # which looks for it at the beginning of titles only
        assert units(letters, "ถต", titles_only=True) == []
        assert units(letters, "มต", titles_only=True) == ["commission-plain"]
    assert "chance" in units(letters, "ภา")


SECRETS = [("ชื่อโดเมน", "c1-l1"), ("ธนาคารมะม่วงทอง", "c1-post")]


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (EVERYBODY, set()),
        (Viewer(tokens=frozenset(["course:other"])), set()),
        (ENROLLED, {"c1-l1"}),
        (DISCUSSING, {"c1-l1", "c1-post"}),
        (MANAGER, {"c1-l1"}),
        (Viewer(scopes=frozenset()), set()),
    ],
)
@pytest.mark.parametrize(("typed", "unit"), SECRETS)
def test_the_filter_is_in_the_query(engine, viewer, seen, typed, unit):
    assert (unit in units(engine, typed, viewer)) == (unit in seen)


def test_who_may_read_nothing_finds_nothing(engine):
    assert units(engine, "ไซเบอร์", Viewer(scopes=frozenset())) == []


def test_narrowing(engine):
    lessons = Narrowing({"type": ("lesson",)})
    assert units(engine, "ไซเบอร์ อีเมล", narrowing=lessons) == ["c1-l1"]
    either = Narrowing({"type": ("lesson", "course"), "group": ("service",)})
    assert set(units(engine, "ไซเบอร์ อีเมล", narrowing=either)) == {"c1", "c1-l1"}
    assert units(engine, "ไซเบอร์", narrowing=Narrowing({"group": ("none",)})) == []
    assert units(engine, "โทร", narrowing=Narrowing(course="c1")) == ["c1-l1"]


SIGNS = [
    *['"', "a AND (b", "ก*", "-ข +ค", "x:y~2", "' OR 1=1", "\\", "{t}:", '"อีเมล', 'อีเมล"'],
    *[
        "NEAR(อีเมล หลอกลวง, 2)",
        "t : อีเมล",
        "อีเมล:* & !โดเมน | <->",
        "_exists_:title",
        "/.*/",
        "%_%",
    ],
    *["อีเมล\x00หลอก", "😀", "😀 อีเมล 🇹🇭", "ๆ ฯ", "\u200b\u200d", "\ud800", "ก" * 3, "์", "่้๊๋" * 50],
    *["อีเมล " * 1700, "x" * 10_240, "ก" * 10_240, "( " * 5000, " ".join(map(str, range(3000)))],
]


@pytest.mark.parametrize("titles_only", [False, True])
def test_signs_are_text(engine, titles_only):
    """No sign has a meaning for an engine, and nothing that can be typed is an error."""
    for typed in SIGNS:
        assert isinstance(units(engine, typed, titles_only=titles_only), list), typed[:40]
    assert units(engine, '"อีเมลหลอกลวง" AND *')[0] == "c1-l1"
    assert units(engine, "อีเมล\x00หลอกลวง")[0] == "c1-l1"


def test_signs_exclude_and_require_nothing(engine):
    assert "c1-l1" in units(engine, "อีเมล -หลอกลวง")
    assert "c1-l1" in units(engine, "อีเมล NOT หลอกลวง")
    assert units(engine, "title:อีเมลหลอกลวง")[0] == "c1-l1"


def test_deleted_entries_are_gone(engine):
    numbers = engine.numbers()
    assert len(numbers) == 4
    gone = PassageRow.objects.get(unit="c1-l1").pk
    engine.delete([gone, 10**9])
    engine.refresh()
    assert engine.numbers() == numbers - {gone}
    assert "c1-l1" not in units(engine, "ชื่อโดเมน")


def test_indexing_again_replaces(engine):
    row = PassageRow.objects.get(unit="about")
    row.body = "ย้ายไปชั้นสิบสอง"
    row.save()
    engine.index([store.entry_of(row)])
    engine.refresh()
    assert units(engine, "ชั้นสิบสอง")[0] == "about"
    assert "about" not in units(engine, "ทุกวันทำการ")[:1]
    assert len(engine.numbers()) == 4


def test_an_empty_engine_finds_nothing(engine):
    engine.clear()
    engine.refresh()
    assert engine.numbers() == set()
    assert units(engine, "อีเมล") == []
