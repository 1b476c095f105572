"""Reading a list of people out of a CSV or Excel file, a row at a time."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_ROWS = 20_000
LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 100 * 1024 * 1024
HEADINGS = {
    "email": ("email", "e-mail", "e-mail address", "mail", "อีเมล", "อีเมล์", "ที่อยู่อีเมล"),
    "first_name": ("first name", "firstname", "first_name", "ชื่อ"),
    "last_name": ("last name", "lastname", "last_name", "surname", "นามสกุล", "สกุล"),
    "group": ("group", "กลุ่ม"),
}


class NotReadable(ValueError):
    """The file as a whole cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Row:
    line: int
    email: str
    first_name: str = ""
    last_name: str = ""
    group: str = ""


def rows_of(name: str, content: bytes) -> Iterator[Row]:
    """The rows of a file, without empty ones. Raises `NotReadable`."""
    if content[:4] == b"PK\x03\x04":
        cells = excel_cells(content)
    elif name.lower().endswith((".xlsx", ".xls")):
        raise NotReadable(_("This is not an Excel workbook (.xlsx). Save it anew and try again."))
    else:
        cells = csv_cells(content)
    columns: dict[str, int] = {}
    found = 0
    for line, values in cells:
        if not any(values):
            continue
        if not columns:
            columns = columns_of(values)
            continue
        found += 1
        if found > MOST_ROWS:
            raise NotReadable(
                _("The list has more than %(most)d people. Split it, please.") % {"most": MOST_ROWS}
            )
        yield Row(
            line,
            **{
                field: values[place] if place < len(values) else ""
                for field, place in columns.items()
            },
        )
    if not columns or not found:
        raise NotReadable(
            _("There is nobody in this file. The first line names the columns, then come people.")
        )


def columns_of(values: list[str]) -> dict[str, int]:
    """{field: place} by the headings of the first line."""
    names = [value.casefold() for value in values]
    found = {}
    for field, headings in HEADINGS.items():
        place = next((n for n, name in enumerate(names) if name in headings), None)
        if place is not None:
            found[field] = place
    if "email" not in found:
        raise NotReadable(
            _("The first line has to name the columns; one is called “email”. Use the template.")
        )
    return found


def csv_cells(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = decoded(content)
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for values in reader:
            yield reader.line_num, [value.strip() for value in values]
    except csv.Error as error:
        raise NotReadable(
            _("Line %(line)d cannot be read: are all quotation marks closed?")
            % {"line": reader.line_num}
        ) from error


def decoded(content: bytes) -> str:
    """UTF-8, UTF-16 as spreadsheets write it, or the Thai code page of older ones."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp874")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise NotReadable(_("This file is no text. Save it as CSV (UTF-8) or as .xlsx."))


def excel_cells(content: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > LARGEST_UNPACKED:
            raise NotReadable(_("This workbook is too large when unpacked. Save only the list."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, ["" if value is None else str(value).strip() for value in values]
    except NotReadable:
        raise
    except Exception as error:  # whatever a broken workbook brings about
        raise NotReadable(
            _("This is not an Excel workbook (.xlsx). Save it anew and try again.")
        ) from error
