import subprocess
import sys

import pytest
from django.conf import settings

from search import analysis
from search.models import SynonymSet
from search.question import LONGEST, ask
from search.thai import normalise


def test_words_of_thai_and_other_scripts():
    assert analysis.words(normalise("บริการประชาชนด้วย AI ปี ๒๕๖๗")) == [
        "บริการ",
        "ประชาชน",
        "ด้วย",
        "ai",
        "ปี",
        "2567",
    ]


def test_grams_are_of_letters_and_digits_alone():
    assert analysis.squeezed(normalise("พ.ศ. 2567, ดู!")) == "พศ2567ดู"
    assert analysis.grams("abcd") == ["abc", "bcd"]
    assert analysis.grams("ab") == ["ab"]
    assert analysis.grams("") == []


@pytest.mark.parametrize(
    ("forms", "word"),
    [
        (["พ.ร.บ.", "พรบ", "พรบ.", "พ. ร. บ.", "พ ร บ", "พ.ร.บ", "\u200bพ.ร.บ."], "พรบ"),
        (["ก.พ.", "กพ", "ก พ", "ก. พ.", "กพ."], "กพ"),
        (["สพร.", "ส.พ.ร.", "สพร", "ส. พ. ร."], "สพร"),
        (["ผอ.", "ผ.อ.", "ผอ", "ผ อ"], "ผอ"),
        (["อ.บ.ต.", "อบต.", "อบต"], "อบต"),
        (["สวทช.", "ส.ว.ท.ช.", "สวทช"], "สวทช"),
        (["A.I.", "a.i", "AI"], "ai"),
    ],
)
def test_an_abbreviation_is_one_word_however_it_is_written(forms, word):
    for form in forms:
        assert analysis.analysed(form) == ((word,), word), form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ตามพ.ร.บ.ข้อมูล", ["ตาม", "พรบ", "ข้อมูล"]),
        ("พรบคอมพิวเตอร์", ["พรบ", "คอมพิวเตอร์"]),
        ("สำนักงานก.พ.", ["สำนักงาน", "กพ"]),
        ("ผอ.กองคลัง", ["ผอ", "กอง", "คลัง"]),
        ("ม.ค. ก.พ.", ["มค", "กพ"]),
        ("พล.ต.อ.", ["พล", "ตอ"]),
    ],
)
def test_abbreviations_among_words(text, expected):
    assert analysis.words(normalise(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ก. คน ข. แมว", ["ก", "คน", "ข", "แมว"]),
        ("คน ณ ที่", ["คน", "ณ", "ที่"]),
        ("ถนนส", ["ถนน", "ส"]),
        ("รถ คน จน", ["รถ", "คน", "จน"]),
        ("รศ.ดร.", ["รศ", "ดร"]),
        ("file.txt v1.2", ["file", "txt", "v1", "2"]),
    ],
)
def test_what_is_no_abbreviation_stays_as_it_is(text, expected):
    assert analysis.words(normalise(text)) == expected


def test_what_is_said_twice_is_what_the_sign_of_repetition_says():
    forms = ["ต่าง ๆ", "ต่างๆ", "ต่างต่าง", "ต่าง ต่าง"]
    assert {analysis.analysed(f"หน่วยงาน{form}") for form in forms} == {
        (("หน่วยงาน", "ต่าง"), "หน่วยงานต่าง")
    }
    # Numbers and letters are not words that somebody says twice.
    assert analysis.words("20 20 ก ข") == ["20", "20", "กข"]


@pytest.mark.parametrize("text", ["ตามพ.ร.บ.ข้อมูล ต่าง ๆ", "U.S.A. กับ ก.พ. ที่ที่ดี"])
def test_words_are_found_where_they_stand(text):
    for word, start, end in analysis.located(normalise(text)):
        assert analysis.BETWEEN.sub("", normalise(text)[start:end]) == word


@pytest.mark.django_db
@pytest.mark.parametrize(("typed", "other"), [("ปี 2567", "2024"), ("2024", "2567")])
def test_a_year_finds_the_same_year_of_the_other_era(typed, other):
    assert (other,) in ask(typed).others


@pytest.mark.django_db
def test_a_number_that_is_no_year_stays_alone():
    assert ask("ห้อง 1313 ชั้น 12").others == ()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["", "   ", '"', "(*)", "AND OR NOT", 'ก" OR 1=1 --', "a*b^2 {t}: ~", "ฯ ๆ", "\x00"]
)
def test_whatever_is_typed_is_text(typed):
    question = ask(typed)
    assert all(analysis.RUN.fullmatch(word) for word in question.words)
    assert question.empty == (not analysis.squeezed(normalise(typed)))


@pytest.mark.django_db
def test_too_long_a_question_is_cut():
    assert len(ask("ก" * 5000).text) <= LONGEST


@pytest.mark.django_db
def test_synonyms_count_as_typed():
    SynonymSet.objects.create(words="เอไอ, AI, ปัญญาประดิษฐ์")
    assert set(ask("หลักสูตร AI").others) == {("เอ", "ไอ"), ("ปัญญาประดิษฐ์",)}
    assert ("ai",) in ask("ปัญญาประดิษฐ์ในงาน").others
    # "ai" inside another word is not the word.
    assert ask("e-mail training").others == ()


@pytest.mark.django_db
def test_a_synonym_of_two_letters_has_to_be_a_word():
    SynonymSet.objects.create(words="ก.พ., สำนักงานคณะกรรมการข้าราชการพลเรือน")
    civil_service = tuple(analysis.words("สำนักงานคณะกรรมการข้าราชการพลเรือน"))
    assert ask("ระเบียบ กพ").others == (civil_service,)
    assert ask("ก. พ.").others == (civil_service,)
    assert ask("ภาพจากพื้นที่").others == ()


@pytest.mark.django_db
def test_changed_synonyms_hold_at_once():
    row = SynonymSet.objects.create(words="คลาวด์, cloud")
    assert ask("cloud").others == (("คลาวด์",),)
    row.delete()
    assert ask("cloud").others == ()


def test_a_site_that_does_not_search_does_not_load_the_segmenter():
    code = (
        "import django, sys; django.setup(); import lms.urls, lms.celery; "
        # A worker loads every task; those that do not search must not pay either.
        "lms.celery.app.loader.import_default_modules(); "
        "from django.core.management import call_command; call_command('check', verbosity=0); "
        "sys.exit(any(name.partition('.')[0] in ('pythainlp', 'elasticsearch', 'pypdf', 'docx') "
        "for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()


def test_words_are_located_only_where_they_may_stand():
    text = normalise("อ่านกฎหมาย แล้วเขียนรายงาน ส่ง พ.ร.บ. ฉบับใหม่ ให้ผู้อ่าน")
    every = list(analysis.located(text))
    for wanted in ({"เขียน"}, {"พรบ"}, {"อ่าน", "ใหม่"}, {"ไม่มี"}, set()):
        some = list(analysis.located(text, wanted))
        assert [w for w in some if w[0] in wanted] == [w for w in every if w[0] in wanted]
        assert len(some) < len(every)
