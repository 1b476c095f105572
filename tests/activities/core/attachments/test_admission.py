"""Which files may be attached, what is taken out of them, and what is refused."""

import io
import zipfile

import pytest
from django.utils.translation import override
from PIL import Image
from pypdf import PdfReader

from activities.core.attachments import admission, zipped
from activities.core.attachments.admission import admit
from activities.core.errors import Refused
from tests.factories import uploads
from tests.factories.uploads import docx, external, upload


def refused(name, data, language="en") -> Refused:
    with override(language), pytest.raises(Refused) as error:
        admit(upload(name, data))
    assert error.value.fields == {"files": error.value.message}
    return error.value


GOOD = {
    "report.pdf": uploads.pdf,
    "report.docx": docx,
    "photo.jpg": uploads.picture,
    "photo.JPEG": uploads.picture,
    "photo.png": lambda: uploads.picture("PNG"),
    "photo.webp": lambda: uploads.picture("WEBP"),
    "voice.mp3": uploads.mp3,
    "voice.m4a": lambda: uploads.mp4(b"M4A "),
    "film.mp4": uploads.mp4,
    "notes.txt": lambda: "บันทึกการประชุม".encode(),
    "table.csv": lambda: "ชื่อ,จำนวน\nก,1\n".encode(),
}


@pytest.mark.parametrize("name", GOOD)
def test_ordinary_files_are_taken_and_nobodys_name_stays_in_them(name):
    found = admit(upload(name, GOOD[name]()))
    for trace in (b"Somchai", b"SecretCamera", b"SecretProgram", "สมชาย".encode()):
        assert trace not in found.data
    assert found.format.extension == name.rpartition(".")[2].lower().replace("jpeg", "jpg")


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize(
    "name", ["run.exe", "drawing.svg", "page.html", "old.doc", "x.docm", "none"]
)
def test_other_types_are_not_allowed_and_the_message_says_which_are(name, language):
    error = refused(name, b"<svg onload='alert(1)'/>", language)
    assert (error.status, error.code) == (422, "not_allowed")
    assert ("PDF, Word" if language == "en" else "ใช้ได้เฉพาะ PDF, Word") in error.message
    if "." in name:
        assert f".{name.rpartition('.')[2]}" in error.message


WRONG = {
    "a program as PDF": ("a.pdf", b"MZ\x90\x00" + bytes(100)),
    "a picture as PDF": ("a.pdf", uploads.picture()),
    "PDF after other bytes": ("a.pdf", b"GIF89a;" + uploads.pdf()),
    "SVG as PNG": ("a.png", b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    "HTML as JPEG": ("a.jpg", b"<html><script>alert(1)</script></html>"),
    "PNG as JPEG": ("a.jpg", uploads.picture("PNG")),
    "ZIP as Word": ("a.docx", uploads.zipped({"a.txt": "x"})),
    "Word as Excel": ("a.xlsx", docx()),
    "bytes before the container": ("a.docx", b"GIF89a" + docx()),
    "a picture as text": ("a.txt", uploads.picture("PNG")),
    "a program as text": ("a.txt", b"\x7fELF\x02\x01\x01" + bytes(30)),
    "a film as sound": ("a.mp3", uploads.mp4()),
    "ODT of another kind": (
        "a.odt",
        uploads.zipped({"mimetype": "application/x", "content.xml": ""}),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_what_its_name_says(case):
    assert refused(*WRONG[case]).code == "wrong_type"


RUNS = {
    "macros": docx({"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
    "macros by content type": docx(
        types='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    ),
    "an embedded program": docx({"word/embeddings/oleObject1.bin": b"MZ"}),
    "ActiveX": docx({"word/activeX/activeX1.xml": "<x/>"}),
    "a container in a container": docx({"word/media/inner.zip": uploads.zipped({"a": "b"})}),
    "a container two levels down": docx(
        {
            "word/embeddings/one.docx": docx(
                {"word/embeddings/two.docx": docx()},
            )
        }
    ),
    "an entity": docx({"word/styles.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x/>'}),
    "a field that fetches": docx(body="<w:instrText>DDEAUTO c:\\\\calc</w:instrText>"),
}


@pytest.mark.parametrize("case", RUNS)
def test_office_files_with_something_that_runs(case):
    assert refused("a.docx", RUNS[case]).code == "active_content"


@pytest.mark.parametrize("language", ["en", "th"])
def test_macros_are_refused_with_a_way_out(language):
    message = refused("แผน.docx", RUNS["macros"], language).message
    assert "แผน.docx" in message and "PDF" in message
    assert ("macros" if language == "en" else "มาโคร") in message


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("attachedTemplate", "https://evil.example/t.dotm"),
        ("image", "file://server/share/x.png"),
        ("oleObject", "https://evil.example/x"),
        ("hyperlink", "file:///c:/windows"),
        ("hyperlink", "javascript:alert(1)"),
    ],
)
def test_what_is_fetched_from_elsewhere_is_refused(kind, target):
    assert refused("a.docx", docx(relations=external(kind, target))).code == "external_reference"


def test_a_link_that_one_clicks_and_an_embedded_sheet_are_fine():
    relations = external("hyperlink", "https://www.ocsc.go.th/")
    parts = {"word/embeddings/inner.docx": docx(), "word/media/p.jpg": uploads.picture()}
    found = admit(upload("a.docx", docx(parts, relations=relations)))
    with zipfile.ZipFile(io.BytesIO(found.data)) as clean:
        assert "ocsc.go.th" in clean.read("word/_rels/document.xml.rels").decode()
        assert b"SecretCamera" not in clean.read("word/media/p.jpg")
        inner = zipfile.ZipFile(io.BytesIO(clean.read("word/embeddings/inner.docx")))
        assert "สมชาย" not in inner.read("docProps/core.xml").decode()


def test_authors_of_changes_and_comments_are_forgotten():
    body = '<w:ins w:author="สมชาย ใจดี" w:date="2026-01-01"><w:t>สวัสดี</w:t></w:ins>'
    parts = {
        "word/comments.xml": '<w:comment xmlns:w="w" w:author="สมชาย" w:initials="สช">ดี</w:comment>'
    }
    found = admit(upload("a.docx", docx(parts, body=body)))
    with zipfile.ZipFile(io.BytesIO(found.data)) as clean:
        text = clean.read("word/document.xml").decode() + clean.read("word/comments.xml").decode()
    assert "สมชาย" not in text and "สวัสดี" in text and ">ดี<" in text


def test_real_office_files_go_through_and_still_open(tmp_path):
    import docx as word
    import openpyxl
    import pptx

    document, book, slides = word.Document(), openpyxl.Workbook(), pptx.Presentation()
    document.add_paragraph("แผนพัฒนารายบุคคล")
    document.core_properties.author = "สมชาย ใจดี"
    book.active["A1"] = "แผน"
    book.properties.creator = "สมชาย ใจดี"
    slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = "แผน"
    for name, made in (("a.docx", document), ("a.xlsx", book), ("a.pptx", slides)):
        made.save(tmp_path / name)
        found = admit(upload(name, (tmp_path / name).read_bytes()))
        (tmp_path / name).write_bytes(found.data)
    again = word.Document(tmp_path / "a.docx")
    assert again.paragraphs[0].text == "แผนพัฒนารายบุคคล" and not again.core_properties.author
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active["A1"].value == "แผน"
    assert len(pptx.Presentation(tmp_path / "a.pptx").slides) == 1


@pytest.mark.parametrize(
    "path", ["../evil.txt", "/etc/passwd", "word\\..\\..\\x", "C:/x", "word/../../x"]
)
def test_names_that_lead_elsewhere(path):
    assert refused("a.docx", docx({path: "x"})).code == "damaged"


def test_a_link_inside_a_container():
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as container:
        link = zipfile.ZipInfo("word/link")
        link.external_attr = 0o120777 << 16
        container.writestr(link, "/etc/passwd")
    assert refused("a.docx", out.getvalue()).code == "damaged"


def test_ten_thousand_parts():
    many = docx({f"word/p{n}.xml": "" for n in range(10_000)})
    assert refused("a.docx", many).code == "unpacks_too_large"


def test_a_bomb_is_not_unpacked(monkeypatch):
    bomb = docx({"word/media/image1.bmp": bytes(30 * 1024 * 1024)})
    assert len(bomb) < 100_000
    assert refused("a.docx", bomb).code == "unpacks_too_large"
    monkeypatch.setattr(zipped, "MOST_UNPACKED", 1000)
    assert refused("a.docx", docx(body="ก" * 2000)).code == "unpacks_too_large"


def test_a_directory_that_lies_about_sizes():
    lying = bytearray(docx(body="ก" * 5000))
    at = lying.rfind(b"PK\x01\x02", 0, lying.rfind(b"word/document.xml"))
    lying[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert refused("a.docx", bytes(lying)).code == "damaged"


def test_a_container_with_a_password():
    locked = bytearray(docx())
    for at in range(len(locked) - 4):
        if locked[at : at + 4] == b"PK\x01\x02":
            locked[at + 8] |= 1
    assert refused("a.docx", bytes(locked)).code == "damaged"


def test_what_follows_a_container_or_a_pdf_is_dropped():
    for name, data in (("a.docx", docx()), ("a.pdf", uploads.pdf())):
        assert b"<script>" not in admit(upload(name, data + b"\n<script>alert(1)</script>")).data


@pytest.mark.parametrize("extra", [{"javascript": "app.alert(1)"}, {"attachment": b"MZ"}])
def test_pdf_that_runs_or_carries_something(extra):
    assert refused("a.pdf", uploads.pdf(**extra)).code == "active_content"


def test_pdf_with_a_password_or_in_pieces():
    assert refused("a.pdf", uploads.pdf(password="x")).code == "damaged"
    assert refused("a.pdf", uploads.pdf()[:60]).code == "damaged"


def test_a_cleaned_pdf_has_its_pages():
    found = PdfReader(io.BytesIO(admit(upload("a.pdf", uploads.pdf())).data))
    assert len(found.pages) == 1 and not (found.metadata or {}).get("/Author")


def test_large_pictures_become_smaller_and_stand_upright():
    image = Image.new("RGB", (3000, 1500))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    clean = Image.open(io.BytesIO(admit(upload("a.jpg", out.getvalue())).data))
    assert max(clean.size) == 2400 and clean.width < clean.height and not clean.getexif()


def test_a_picture_of_too_many_pixels():
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 200_000
    assert refused("a.png", out.getvalue()).code == "unpacks_too_large"


def test_a_picture_in_pieces_and_a_polyglot():
    whole = uploads.picture()
    assert refused("a.jpg", whole[: len(whole) // 2]).code == "damaged"
    both = admit(upload("a.jpg", whole + uploads.zipped({"evil.js": "alert(1)"}))).data
    assert b"evil.js" not in both


def test_thai_text_in_an_old_encoding_becomes_utf8():
    assert admit(upload("a.txt", "แผนพัฒนา".encode("cp874"))).data.decode() == "แผนพัฒนา"


@pytest.mark.parametrize("language", ["en", "th"])
def test_too_large_or_empty(language):
    error = refused("a.txt", b"x" * (10 * 1024 * 1024 + 1), language)
    assert error.code == "too_large" and "10" in error.message
    assert refused("a.txt", b"", language).code == "empty"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/แผน.pdf", "แผน.pdf"),
        ("C:\\Users\\Somchai\\แผน.pdf", "แผน.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("\x00a.pdf", "a.pdf"),
        ("ก" * 300 + ".pdf", "ก" * 116 + ".pdf"),
        ("...", "file"),
    ],
)
def test_names_of_files(sent, kept):
    assert admission.name_of(sent) == kept
