"""Tables for a spreadsheet, streamed: no more than a row is in memory, and no cell is a formula.

Every CSV and every workbook of the site puts its cells through `plain`.
"""

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.conf import settings
from django.utils.translation import get_language, override

from .contract import Download

BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets recognise UTF-8
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Echo:
    def write(self, value: str) -> str:
        return value


def harmless(value) -> str:
    """A cell that no spreadsheet takes for a formula, also after blanks."""
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(FORMULA_BEGINS) else text


def plain(value):
    """Numbers stay numbers, nothing is an empty cell, every text is made harmless."""
    if value is None:
        return ""
    return value if isinstance(value, int | float | Decimal) else harmless(value)


def lines(
    header: Iterable, rows: Iterable[Iterable], language: str | None = None
) -> Iterator[bytes]:
    """The lines of the file. The rows are made while it is sent, so in the language of whoever asked."""
    language = language or get_language() or settings.LANGUAGE_CODE
    writer = csv.writer(Echo())
    yield (BYTE_ORDER_MARK + writer.writerow([plain(cell) for cell in header])).encode()
    rows = iter(rows)
    while True:
        with override(language):
            row = next(rows, None)
        if row is None:
            return
        yield writer.writerow([plain(cell) for cell in row]).encode()


def table(name: str, header: list, rows: Iterable[list]) -> Download:
    return Download(
        content=lines(header, rows, get_language()),
        name=f"{name}.csv",
        media_type="text/csv; charset=utf-8",
    )
