import pytest

from search.highlight import excerpt, marked, spans
from search.question import ask
from search.thai import clusters

pytestmark = pytest.mark.django_db


def shown(pieces):
    return "".join(f"[{piece.text}]" if piece.found else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "typed", "expected"),
    [
        ("รู้ทันอีเมลหลอกลวงวันนี้", "อีเมลหลอกลวง", "รู้ทัน[อีเมลหลอกลวง]วันนี้"),
        ("มีนํ้า ในปี ๒๕๖๗", "น้ำ 2567", "มี[นํ้า] ในปี [๒๕๖๗]"),
        ("The Personal Data act", "personal data", "The [Personal Data] act"),
        ("พ.ศ. 2567", "พศ 2567", "[พ.ศ. 2567]"),
        ("ภาพจากพื้นที่ สอบ ก.พ. ภาค ก", "กพ", "ภาพจากพื้นที่ สอบ [ก.พ]. ภาค ก"),
        ("ตามพ.ร.บ.นี้", "พรบ", "ตาม[พ.ร.บ].นี้"),
        ("พร้อมคำถาม 2 ข้อ", "ข้อมูล", "พร้อมคำถาม 2 ข้อ"),
        ("stopped at any time", "data", "stopped at any time"),
        ("บ้านของแมว และหมา", "แมวและของเล่น", "บ้านของ[แมว] และหมา"),
        ("อยู่ในและนอก", "ในและ ของ", "อยู่[ในและ]นอก"),
        ("ไม่มีอะไร", "xyz", "ไม่มีอะไร"),
        ("ที่\u200bปรึกษาด้านข้อมูล", "ที่ปรึกษา", "[ที่\u200bปรึกษา]ด้านข้อมูล"),
        ("เเม่นํ้าโขง", "แม่น้ำ", "[เเม่นํ้า]โขง"),
        ("ＡＩ กับที่ปรึกษา ADMIN ๗", "ที่ปรึกษา admin 7", "ＡＩ กับ[ที่ปรึกษา ADMIN ๗]"),
        ("วันนี้ผู้ดูแลระบบมา", "ดูแลระ", "วันนี้ผู้[ดูแลระ]บบมา"),
        ("", "ก", ""),
    ],
)
def test_marks_what_was_found_in_the_text_as_written(text, typed, expected):
    assert shown(marked(text, ask(typed))) == expected


def test_a_typing_error_marks_the_part_that_fits():
    assert shown(marked("เรื่องอีเมลหลอกลวงทั่วไป", ask("เมลหลอกลวว"))) != "เรื่องอีเมลหลอกลวงทั่วไป"


def test_marks_never_cut_a_cluster():
    text = "ที่นี่มีน้ำใจ กตัญญู ผู้ใหญ่บ้านหมู่ที่ ๕ ชื่อเก๋ไก๋" * 3
    edges = {0}
    for cluster in clusters(text):
        edges.add(max(edges) + len(cluster))
    for typed in ("น้ำใจ", "ผู้ใหญ", "กตัญ", "ที", "5", "ก๋ไก"):
        for start, end in spans(text, ask(typed)):
            assert start in edges and end in edges, (typed, text[start:end])


def test_an_excerpt_is_short_and_shows_the_place():
    text = "เกริ่นนำยาวมาก " * 60 + "ตรงนี้คือคำตอบสำคัญ " + "ท้ายเรื่อง " * 60
    pieces = excerpt(text, ask("คำตอบสำคัญ"))
    said = shown(pieces)
    assert "[คำตอบสำคัญ]" in said
    assert said.startswith("… ") and said.endswith(" …")
    assert len(said) < 260


def test_an_excerpt_ends_with_a_whole_word():
    text = "เจ้าหน้าที่คุ้มครองข้อมูลส่วนบุคคลประจำหน่วยงาน" * 20
    said = shown(excerpt(text, ask("ประจำหน่วยงาน")))
    inner = said.removeprefix("… ").removesuffix(" …").replace("[", "").replace("]", "")
    words = {"เจ้าหน้าที่", "คุ้มครอง", "ข้อมูล", "ส่วนบุคคล", "ส่วน", "บุคคล", "ประจำ", "หน่วยงาน"}
    assert any(inner.startswith(word) for word in words), inner
    assert any(inner.endswith(word) for word in words), inner
    assert inner in text


def test_an_excerpt_begins_and_ends_between_phrases_where_it_can():
    phrases = ["เจ้าหน้าที่ประจำหน่วยงาน", "ตรวจคำขอทุกฉบับ", "แล้วแจ้งผู้ขอภายในสามวัน"] * 12
    phrases[17] = "เก็บหลักฐานทุกครั้ง"
    said = shown(excerpt(" ".join(phrases), ask("เก็บหลักฐาน")))
    inner = said.removeprefix("… ").removesuffix(" …").replace("[", "").replace("]", "")
    assert "[เก็บหลักฐาน]" in said and 120 < len(inner) < 240
    assert set(inner.split(" ")) <= set(phrases)


def test_an_excerpt_of_a_beginning_starts_with_it():
    text = "คลังความรู้ของหน่วยงาน " + "เล่าเรื่องต่อไปอีกยาว " * 40
    said = shown(excerpt(text, ask("คลังความรู้")))
    assert said.startswith("[คลังความรู้]") and said.endswith("ยาว …")


def test_a_long_text_without_a_hit_shows_its_beginning():
    assert shown(excerpt("กขค " * 200, ask("zzz"))).startswith("กขค กขค")
