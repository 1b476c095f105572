"""Tables for a spreadsheet, streamed: no more than a row is in memory, and no cell is a formula."""

import csv
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils.translation import get_language, override

from .contract import Download

BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets recognise UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Echo:
    def write(self, value: str) -> str:
        return value


def harmless(value) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    text = "" if value is None else str(value)
    if text[:1] in FORMULA and not text.lstrip("-").replace(".", "", 1).isdigit():
        return f"'{text}"
    return text


def lines(header: list, rows: Iterable[list], language: str | None) -> Iterator[bytes]:
    """The lines of the file. The rows are made while it is sent, so in the language of whoever asked."""
    writer = csv.writer(Echo())
    yield (BYTE_ORDER_MARK + writer.writerow([harmless(cell) for cell in header])).encode()
    rows = iter(rows)
    while True:
        with override(language or settings.LANGUAGE_CODE):
            row = next(rows, None)
        if row is None:
            return
        yield writer.writerow([harmless(cell) for cell in row]).encode()


def table(name: str, header: list, rows: Iterable[list]) -> Download:
    return Download(
        content=lines(header, rows, get_language()),
        name=f"{name}.csv",
        media_type="text/csv; charset=utf-8",
    )
