"""`manage.py startactivity`: names that are refused, and what a new package holds."""

import gettext
import io

import pytest
from django.core.management import CommandError, call_command

from activities.core import scaffold
from activities.core.scaffold.words import WORDS


def start(folder, name, **options):
    out = io.StringIO()
    call_command("startactivity", name, directory=str(folder), stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Field", "small letters"),
        ("1st", "small letters"),
        ("a", "small letters"),
        ("field-visit", "small letters"),
        ("field__visit", "small letters"),
        ("x" * 40, "small letters"),
        ("lambda", "means something else"),
        ("django", "means something else"),
        ("wagtailcore", "means something else"),
        ("quiz", "There is a kind 'quiz' already"),
    ],
)
def test_a_bad_name_is_refused_with_a_message(tmp_path, name, said):
    with pytest.raises(CommandError, match=said):
        start(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_category_cannot_be_invented(tmp_path):
    with pytest.raises(CommandError, match="only lecture, active, neutral"):
        start(tmp_path, "field_visit", category="rest")


def test_folders_that_are_missing_or_full_are_refused(tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        start(tmp_path / "nowhere", "field_visit")
    start(tmp_path, "field_visit")
    with pytest.raises(CommandError, match="there already"):
        start(tmp_path, "field_visit")


def test_labels_that_would_break_the_program_are_refused():
    with pytest.raises(scaffold.BadName, match="quotation"):
        scaffold.plan("field_visit", "active", 'Field "visit"')


def test_the_package_is_complete_and_its_words_are_thai(tmp_path):
    said = start(tmp_path, "field_visit", label="Field visit", label_th="การศึกษาดูงาน")
    root = tmp_path / "sala-field-visit"
    assert str(root) in said and "migrate field_visit" in said
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert {"pyproject.toml", "tests/test_contract.py", "sala_field_visit/kind.py"} <= files
    for path in root.rglob("*"):
        if path.is_file() and path.suffix != ".mo":
            assert "@@" not in path.read_text(encoding="utf-8"), path
    folder = root / "sala_field_visit" / "locale"
    words = gettext.translation("django", folder, ["th"])
    assert words.gettext("Field visit") == "การศึกษาดูงาน"
    assert all(words.gettext(said) != said for said in WORDS if "@@" not in said)
