"""Office files: refuse what runs or reaches out, take away who wrote it.

Sources: ECMA-376 part 2 (relationships, `TargetMode="External"`), [MS-OFFMACRO2] (vbaProject.bin),
OASIS ODF 1.3 part 2 (`Basic/`, `Scripts/`).
"""

import re

from . import errors, pictures, zipped

CONTENT_TYPES = "[Content_Types].xml"
# The part that makes a container a document of its kind, and the type of that part.
MAIN_PART = {
    "docx": (b"wordprocessingml.document.main+xml", "word/"),
    "xlsx": (b"spreadsheetml.sheet.main+xml", "xl/"),
    "pptx": (b"presentationml.presentation.main+xml", "ppt/"),
}
ODT_TYPE = b"application/vnd.oasis.opendocument.text"
RELATIONSHIP = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>", re.IGNORECASE)
EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']\s*External", re.IGNORECASE)
TYPE = re.compile(rb"\bType\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
TARGET = re.compile(rb"\bTarget\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
HARMLESS_LINK = re.compile(rb"^(?:https?://|mailto:|#)", re.IGNORECASE)
RUNS = re.compile(
    r"(?:^|/)(?:vbaProject[^/]*\.bin|vbaData\.xml|activeX/|macrosheets/|customUI/|Basic/|Scripts/"
    r"|dialogs/|[^/]*\.(?:bin|ole|exe|dll|js|vbs|vba|bat|cmd|ps1|jar|swf|hta|scr|com))",
    re.IGNORECASE,
)
# Printers' settings are binary and in most workbooks; they do nothing and are left out.
PRINTER = re.compile(r"/printerSettings/[^/]*\.bin$", re.IGNORECASE)
EMBEDDED = re.compile(r"/embeddings/[^/]+\.(docx|xlsx|pptx)$", re.IGNORECASE)
MARKUP_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# A field that fetches or starts something when the document is opened.
FIELD_THAT_ACTS = re.compile(
    rb"(?:instrText[^>]*>|w:instr\s*=\s*[\"'])\s*(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|DATABASE|MACROBUTTON)\b",
    re.IGNORECASE,
)
ODF_REACHES_OUT = re.compile(
    rb"<(?:draw:(?:image|object|object-ole|plugin|applet|floating-frame)|text:section-source)\b"
    rb"[^>]*xlink:href\s*=\s*[\"'](?:\w+:|//|\.\./)",
    re.IGNORECASE,
)
ODF_RUNS = re.compile(
    rb"<(?:script:event-listener|office:script\b|text:execute-macro|draw:applet)", re.IGNORECASE
)

# Who wrote and changed it, wherever such a file says so.
AUTHORS = [
    (re.compile(rb"(\b\w+:(?:author|initials|userId|lastModifiedBy)\s*=\s*[\"'])[^\"']*"), rb"\1"),
    (re.compile(rb"(<(?:\w+:)?cmAuthor\b[^>]*?\bname\s*=\s*[\"'])[^\"']*"), rb"\1"),
    (re.compile(rb"(<(?:\w+:)?cmAuthor\b[^>]*?\binitials\s*=\s*[\"'])[^\"']*"), rb"\1"),
    (
        re.compile(rb"(<(?:\w+:)?author\b[^>]*\b(?:name|initials|userId)\s*=\s*[\"'])[^\"']*"),
        rb"\1",
    ),
    (re.compile(rb"(<(?:\w+:)?person\b[^>]*?\bdisplayName\s*=\s*[\"'])[^\"']*"), rb"\1"),
    (re.compile(rb"(<(?:\w+:)?person\b[^>]*?\buserId\s*=\s*[\"'])[^\"']*"), rb"\1"),
    (re.compile(rb"(<(?:\w+:)?author>)[^<]*(</)"), rb"\1\2"),
    (re.compile(rb"(<(?:\w+:)?absPath\b[^>]*\burl\s*=\s*[\"'])[^\"']*"), rb"\1"),
    (re.compile(rb"(<(?:\w+:)?fileSharing\b[^>]*\buserName\s*=\s*[\"'])[^\"']*"), rb"\1"),
    (re.compile(rb"(<dc:creator>)[^<]*(</)"), rb"\1\2"),
    (re.compile(rb"(<meta:(?:initial-creator|printed-by)>)[^<]*(</)"), rb"\1\2"),
]
CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b"<cp:coreProperties "
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)
CUSTOM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
)
PROPERTIES = {"docProps/core.xml": CORE, "docProps/app.xml": APP, "docProps/custom.xml": CUSTOM}
ODF_META = (
    b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta '
    b'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3">'
    b"<office:meta/></office:document-meta>"
)


def clean(data: bytes, extension: str, name: str, *, nested: bool = False) -> bytes:
    """The same document without its makers' names. Raises `Refused`."""
    parts = zipped.parts_of(data, name)
    check_kind(parts, extension, name)
    for path, content in parts.items():
        if RUNS.search(path) and not PRINTER.search(path):
            raise errors.active_content(name)
        if content.startswith(zipped.FIRST_BYTES) and (nested or not EMBEDDED.search(path)):
            raise errors.active_content(name)
        if path.endswith((".xml", ".rels", ".vml")):
            check_markup(path, content, extension, name)
    return zipped.packed(
        {
            path: cleaned(path, content, name)
            for path, content in parts.items()
            if not PRINTER.search(path)
        }
    )


def check_kind(parts: dict, extension: str, name: str) -> None:
    if extension == "odt":
        if parts.get("mimetype", b"").strip() != ODT_TYPE or "content.xml" not in parts:
            raise errors.not_what_it_says(name)
        return
    types = parts.get(CONTENT_TYPES)
    marker, folder = MAIN_PART[extension]
    if types is None:
        raise errors.not_what_it_says(name)
    if b"macroenabled" in types.lower() or b"vbaproject" in types.lower():
        raise errors.active_content(name)
    if marker not in types or not any(path.startswith(folder) for path in parts):
        raise errors.not_what_it_says(name)


def check_markup(path: str, content: bytes, extension: str, name: str) -> None:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:64]:
        raise errors.damaged(name)  # markup in an encoding in which nothing below would be found
    if MARKUP_DECLARATION.search(content):
        raise errors.active_content(name)
    if extension == "odt":
        if ODF_RUNS.search(content):
            raise errors.active_content(name)
        if ODF_REACHES_OUT.search(content):
            raise errors.reaches_out(name)
        return
    if FIELD_THAT_ACTS.search(content) or b"<ddeLink" in content:
        raise errors.active_content(name)
    if path.endswith(".rels"):
        for relationship in RELATIONSHIP.findall(content):
            check_relationship(relationship, name)


def check_relationship(relationship: bytes, name: str) -> None:
    """A link that a reader clicks is fine; a part that is fetched when the file opens is not."""
    if not EXTERNAL.search(relationship):
        return
    kind, target = TYPE.search(relationship), TARGET.search(relationship)
    is_link = kind is not None and kind[1].endswith(b"/hyperlink")
    if not (is_link and target is not None and HARMLESS_LINK.match(target[1])):
        raise errors.reaches_out(name)


def cleaned(path: str, content: bytes, name: str) -> bytes:
    if path in PROPERTIES:
        return PROPERTIES[path]
    if path == "meta.xml":
        return ODF_META
    if path == CONTENT_TYPES or path.endswith(".rels"):
        return without_printers(content)
    if path.endswith(".xml"):
        for pattern, instead in AUTHORS:
            content = pattern.sub(instead, content)
        return content
    if path.lower().endswith((".jpg", ".jpeg")):
        return pictures.without_exif(content)
    embedded = EMBEDDED.search(path)
    if embedded:
        return clean(content, embedded[1].lower(), name, nested=True)
    return content


def without_printers(content: bytes) -> bytes:
    """A part that is left out must not be named any more."""
    return RELATIONSHIP.sub(
        lambda match: b"" if b"printerSettings" in match[0] else match[0], content
    )
