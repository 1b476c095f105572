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
