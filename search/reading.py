"""The text of a file, read in a process of its own with little memory and time.

Run as `python -m search.reading FILE ENDING`: prints the text. It imports nothing of the site, so a
file made to harm its reader meets a process that has neither a database nor secrets. pypdf,
python-docx, python-pptx and openpyxl read the four formats that lessons offer.
"""

import resource
import sys
from collections.abc import Iterator

MOST_CHARACTERS = 400_000
MOST_PAGES = 500
MEMORY = 1 << 30
CPU_SECONDS = 25


def pdf(path: str) -> Iterator[str]:
    from pypdf import PdfReader

    for page in PdfReader(path).pages[:MOST_PAGES]:
        yield page.extract_text() or ""


def docx(path: str) -> Iterator[str]:
    from docx import Document

    document = Document(path)
    for paragraph in document.paragraphs:
        yield paragraph.text
    for table in document.tables:
        for row in table.rows:
            yield " ".join(cell.text for cell in row.cells)


def pptx(path: str) -> Iterator[str]:
    from pptx import Presentation

    for slide in Presentation(path).slides:
        for shape in shapes_in(slide.shapes):
            if shape.has_text_frame:
                yield shape.text_frame.text
            if getattr(shape, "has_table", False) and shape.has_table:
                for row in shape.table.rows:
                    yield " ".join(cell.text for cell in row.cells)
        # Notes are the speaker's own.


def shapes_in(shapes) -> Iterator:
    """The shapes of a slide, those in groups too, and in groups of groups."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from shapes_in(shape.shapes)
        else:
            yield shape


def xlsx(path: str) -> Iterator[str]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    for sheet in book.worksheets:
        yield sheet.title
        for row in sheet.iter_rows(values_only=True):
            yield " ".join(str(value) for value in row if value is not None)


READERS = {"pdf": pdf, "docx": docx, "pptx": pptx, "xlsx": xlsx}


def read(path: str, ending: str) -> str:
    """The text of a file, cut at `MOST_CHARACTERS`. Raises whatever the libraries raise."""
    texts, length = [], 0
    for text in READERS[ending](path):
        texts.append(text)
        length += len(text)
        if length > MOST_CHARACTERS:
            break
    return "\n".join(text for text in texts if text.strip())[:MOST_CHARACTERS]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.write(read(sys.argv[1], sys.argv[2]))


if __name__ == "__main__":
    main()
