"""Tables of a run to take away, as CSV and as a workbook: row by row, so that their length costs no
memory."""

import csv
from collections.abc import Callable, Iterable
from decimal import Decimal
from tempfile import TemporaryFile

from django.http import FileResponse, StreamingHttpResponse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Echo:
    def write(self, value):
        return value


def harmless(value) -> str:
    """A cell that no spreadsheet takes for a formula, also after blanks."""
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(FORMULA_BEGINS) else text


def plain(value):
    """Numbers stay numbers; every text is made harmless."""
    if value is None:
        return ""
    return value if isinstance(value, int | float | Decimal) else harmless(value)


def as_csv(name: str, header: Iterable, rows: Iterable[Iterable]) -> StreamingHttpResponse:
    writer = csv.writer(Echo())

    def lines():
        # The mark tells Excel that this is UTF-8.
        yield "\ufeff" + writer.writerow([plain(value) for value in header])
        for row in rows:
            yield writer.writerow([plain(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_xlsx(name: str, header: Iterable, rows: Iterable[Iterable]) -> FileResponse:
    """Written to a file on the disk row by row; texts are written as texts, so nothing in it is a
    formula or a link."""
    import xlsxwriter

    target = TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    page, bold = book.add_worksheet(), book.add_format({"bold": True, "text_wrap": True})
    page.freeze_panes(1, 1)
    page.set_column(0, 1, 28)
    for column, value in enumerate(header):
        page.write_string(0, column, str(value), bold)
    for n, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, int | float | Decimal):
                page.write_number(n, column, float(value))
            elif value not in (None, ""):
                page.write_string(n, column, harmless(value))
    book.close()
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


FORMATS: dict[str, Callable] = {"csv": as_csv, "xlsx": as_xlsx}
