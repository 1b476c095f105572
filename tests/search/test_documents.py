"""Files to download are found by what they say; a broken one is reported and blocks nothing."""

import io
import json

import pytest
from django.core.files.base import ContentFile
from wagtail.documents.models import Document

from activities.core.models import Notification
from courses.releases.settle import settle
from search import checking, documents, engines, outbox, reading
from search.contract import EVERYBODY
from search.find import find
from search.models import DocumentText
from search.sources import viewer_for
from tests.factories.courses import add_lesson, enrolled, forget_settling, make_course
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

SAID = "ทะเบียนคุมครุภัณฑ์ประจำปี"


def docx() -> bytes:
    from docx import Document as Word

    file, out = Word(), io.BytesIO()
    file.add_paragraph(SAID)
    table = file.add_table(rows=1, cols=2)
    table.rows[0].cells[1].text = "ช่องในตาราง"
    file.save(out)
    return out.getvalue()


def pptx() -> bytes:
    from pptx import Presentation

    show, out = Presentation(), io.BytesIO()
    slide = show.slides.add_slide(show.slide_layouts[0])
    slide.shapes.title.text = SAID
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "กล่องในกลุ่ม"
    inner = group.shapes.add_group_shape()
    inner.shapes.add_textbox(0, 0, 9, 9).text_frame.text = "กลุ่มในกลุ่ม"
    slide.notes_slide.notes_text_frame.text = "บันทึกลับของผู้บรรยาย"
    show.save(out)
    return out.getvalue()


def xlsx() -> bytes:
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    book.active.append(["รายการ", SAID, 12])
    book.save(out)
    return out.getvalue()


def pdf() -> bytes:
    from weasyprint import HTML

    return HTML(string="<p>Register of equipment 2569</p>").write_pdf()


def uploaded(name: str, data: bytes) -> Document:
    document = Document(title=name)
    document.file.save(name, ContentFile(data), save=False)
    document._set_document_file_metadata()
    document.save()
    return document


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("a.docx", docx, [SAID, "ช่องในตาราง"]),
        ("a.pptx", pptx, [SAID, "กล่องในกลุ่ม", "กลุ่มในกลุ่ม"]),
        ("a.xlsx", xlsx, [SAID, "12"]),
        ("a.pdf", pdf, ["Register of equipment 2569"]),
    ],
)
def test_reads(name, make, words):
    row = documents.read_document(uploaded(name, make()).pk)
    assert row.problem == ""
    for word in words:
        assert word in row.text
    assert "บันทึกลับ" not in row.text


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("broken.pdf", b"%PDF-1.7 nothing else"),
        ("broken.docx", b"PK\x03\x04 not a zip"),
        ("wrong.xlsx", b"<html>a web page</html>"),
        ("empty.pptx", b""),
    ],
)
def test_a_broken_file_is_noted(name, data):
    row = documents.read_document(uploaded(name, data).pk)
    assert (row.text, row.problem) == ("", "unreadable")
    assert str(documents.PROBLEMS[row.problem])


def test_a_file_that_is_not_there():
    document = uploaded("gone.pdf", pdf())
    document.file.storage.delete(document.file.name)
    assert documents.read_document(document.pk).problem == "missing"


def test_too_slow_and_too_large(monkeypatch):
    # Lower bounds than the site's, so that an ordinary file is over them.
    document = uploaded("a.pdf", pdf())
    monkeypatch.setattr(documents, "SECONDS", 0.001)
    assert documents.read_document(document.pk).problem == "too_slow"
    monkeypatch.setattr(documents, "LARGEST", 10)
    DocumentText.objects.all().delete()
    assert documents.read_document(document.pk).problem == "too_large"


def test_the_same_file_is_read_once_and_a_new_one_again(monkeypatch):
    document = uploaded("a.docx", docx())
    first = documents.read_document(document.pk)
    assert documents.read_document(document.pk).read_at == first.read_at
    document.file.save("a.xlsx", ContentFile(xlsx()), save=False)
    document._set_document_file_metadata()
    document.save()
    assert "รายการ" in documents.read_document(document.pk).text


def test_other_kinds_are_left_alone():
    assert documents.read_document(uploaded("a.mp3", b"ID3").pk) is None
    assert documents.read_document(10**9) is None


def test_a_long_text_is_cut(tmp_path):
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("x")
    for _ in range(5000):
        sheet.append(["คำ" * 100])
    book.save(tmp_path / "long.xlsx")
    assert len(reading.read(str(tmp_path / "long.xlsx"), "xlsx")) == reading.MOST_CHARACTERS


def test_uploading_reads_it(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        document = uploaded("b.docx", docx())
    assert SAID in documents.text_of(document.pk)


def test_whoever_uploaded_a_broken_file_is_told_once(django_capture_on_commit_callbacks):
    person = UserFactory()
    document = uploaded("broken.pdf", b"%PDF-1.7 nothing else")
    Document.objects.filter(pk=document.pk).update(uploaded_by_user=person)
    documents.read_document(document.pk)
    DocumentText.objects.update(fingerprint="")
    documents.read_document(document.pk)
    notice = Notification.objects.get(user=person, kind="document_unread")
    assert notice.params["title"] == "broken.pdf"
    assert (
        "damaged" in notice.params["problem"]["en"] and "เสียหาย" in notice.params["problem"]["th"]
    )


def test_a_document_whose_task_was_lost_is_read_by_the_check():
    """The queue was away when it was uploaded, or the worker was killed while it read."""
    engines.database().clear()
    lost, broken = uploaded("b.docx", docx()), uploaded("broken.pdf", b"%PDF-1.7 nothing else")
    uploaded("a.mp3", b"ID3")
    faults = [f"document {one.pk}: was never read" for one in (lost, broken)]
    assert [f for f in checking.check(repair=False).faults if "document" in f] == faults
    assert documents.text_of(lost.pk) == ""
    assert [f for f in checking.check(repair=True).faults if "document" in f] == faults
    assert SAID in documents.text_of(lost.pk)
    # One that cannot be read is not tried again.
    assert documents.unread() == []
    lost.file.save("c.docx", ContentFile(docx()), save=False)
    lost.file_hash = ""
    lost.save()
    assert documents.unread() == [lost]


def test_a_lesson_is_found_by_what_its_file_says():
    engines.database().clear()
    document = uploaded("form.docx", docx())
    course = make_course(lectures=(), offered=False)
    body = [{"type": "document", "value": {"title": "แบบฟอร์ม", "document": document.pk}}]
    add_lesson(course, "l1", 25, body=json.dumps(body))
    course.save_revision().publish()
    settle(course.translation_key)
    forget_settling()
    outbox.apply_changes()
    learner = UserFactory()
    enrolled(learner, course)
    assert find(SAID, viewer_for(learner), language="th").total == 0
    documents.read_document(document.pk)
    outbox.apply_changes()
    hits = [
        hit for group in find(SAID, viewer_for(learner), language="th").groups for hit in group.hits
    ]
    assert [hit.row.title for hit in hits] == ["แบบฟอร์ม"]
    assert hits[0].row.url.endswith("#part-1")
    assert find(SAID, EVERYBODY, language="th").total == 0
