"""Files as people send them: good ones, and ones that somebody made to do harm."""

import io
import struct
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/>%s</Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships '
    'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
)
CORE = (
    '<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:creator>สมชาย ใจดี</dc:creator>'
    "<cp:lastModifiedBy>สมชาย ใจดี</cp:lastModifiedBy></cp:coreProperties>"
)


def upload(name: str, data: bytes, content_type="application/octet-stream"):
    return SimpleUploadedFile(name, data, content_type)


def zipped(parts: dict, stored: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as found:
        for name, content in parts.items():
            found.writestr(name, content)
    return out.getvalue()


def docx(
    parts: dict | None = None, *, types: str = "", relations: str = "", body: str = ""
) -> bytes:
    """The least that is a Word file, with more parts, types or relationships."""
    return zipped(
        {
            "[Content_Types].xml": TYPES % types,
            "_rels/.rels": RELATIONS % "",
            "word/document.xml": f'<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>',
            "word/_rels/document.xml.rels": RELATIONS % relations,
            "docProps/core.xml": CORE,
            **(parts or {}),
        }
    )


def external(kind: str, target: str) -> str:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return f'<Relationship Id="r1" Type="{base}/{kind}" Target="{target}" TargetMode="External"/>'


def picture(format="JPEG", size=(40, 30), exif: bool = True) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, (200, 120, 30))
    options = {}
    if exif and format in ("JPEG", "WEBP"):
        data = Image.Exif()
        data[0x010F] = "SecretCamera"
        data[0x013B] = "Somchai"
        options["exif"] = data
    if format == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Author", "Somchai")
        options["pnginfo"] = info
    image.save(out, format, **options)
    return out.getvalue()


def pdf(**extra) -> bytes:
    """A page with an author; `javascript=…` or `attachment=…` make it do or carry something."""
    from pypdf import PdfWriter
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": "Somchai Jaidee", "/Creator": "SecretProgram"})
    if "javascript" in extra:
        action = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject(extra["javascript"])}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
            {NameObject(key): value for key, value in action.items()}
        )
    if "attachment" in extra:
        writer.add_attachment("inside.exe", extra["attachment"])
    if "password" in extra:
        writer.encrypt(extra["password"])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def mp3() -> bytes:
    tag = b"TPE1" + struct.pack(">I", 8) + b"\x00\x00" + b"\x00Somchai"
    size = len(tag)
    head = b"ID3\x03\x00\x00" + bytes([0, 0, size >> 7 & 0x7F, size & 0x7F])
    return head + tag + b"\xff\xfb\x90\x00" + bytes(400) + b"TAG" + b"Somchai".ljust(125, b"\0")


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def mp4(brand: bytes = b"isom") -> bytes:
    return (
        box(b"ftyp", brand + bytes(4) + b"isommp42")
        + box(b"moov", box(b"mvhd", bytes(100)) + box(b"udta", box(b"\xa9ART", b"Somchai")))
        + box(b"mdat", bytes(64))
    )
