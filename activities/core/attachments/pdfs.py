"""PDF: refuse what runs, carries or fetches, take away who wrote it."""

import io
import logging

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from . import errors

MOST_PAGES = 1_000
MOST_OBJECTS = 200_000
FIRST_BYTES = b"%PDF-"
# Actions that start something by themselves or carry other files. Links that are clicked are fine.
ACTIONS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/RichMediaExecute"})
KEYS = frozenset({"/JS", "/EmbeddedFiles", "/EmbeddedFile", "/XFA", "/RichMediaContent", "/AF"})
WHO = ("/Metadata", "/PieceInfo", "/LastModified")

logging.getLogger("pypdf").setLevel(logging.ERROR)


def clean(data: bytes, extension: str, name: str) -> bytes:
    """The same pages without metadata. Raises `Refused`."""
    if not data.startswith(FIRST_BYTES):
        raise errors.not_what_it_says(name)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise errors.damaged(name)
        if len(reader.pages) > MOST_PAGES:
            raise errors.too_much_inside(name)
        writer = PdfWriter(clone_from=reader)
        if acts(writer):
            raise errors.active_content(name)
        forget_who(writer)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise errors.damaged(name) from error
    except (RecursionError, OSError, MemoryError, AssertionError) as error:
        raise errors.damaged(name) from error


def acts(writer: PdfWriter) -> bool:
    """Whether any object of the file runs a script, starts a program or carries a file."""
    seen = 0
    waiting = [one for one in writer._objects if one is not None]
    while waiting:
        seen += 1
        if seen > MOST_OBJECTS:
            return True
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            continue  # it stands in the list of all objects
        if isinstance(one, DictionaryObject):
            if KEYS & one.keys() or one.get("/S") in ACTIONS or one.get("/Type") == "/EmbeddedFile":
                return True
            waiting.extend(one.raw_get(key) for key in one)
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
    return False


def forget_who(writer: PdfWriter) -> None:
    writer.metadata = None
    for one in writer._objects:
        if isinstance(one, DictionaryObject):
            for key in WHO:
                if key in one:
                    del one[key]
            if (
                one.get("/Subtype") in ("/Text", "/FreeText", "/Highlight", "/Popup")
                and "/T" in one
            ):
                del one[NameObject("/T")]  # who wrote a note
            if isinstance(one, StreamObject) and one.get("/Type") == "/Metadata":
                one._data = b""
