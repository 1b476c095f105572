"""Tables to take away: CSV and XLSX, row by row, so that their length costs no memory."""

import csv
import tempfile
from collections.abc import Iterable

import xlsxwriter
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


def cell(value):
    """Numbers stay numbers; every text is made harmless."""
    if value is None:
        return ""
    return value if isinstance(value, int | float) else harmless(value)


def csv_response(name: str, header: Iterable, rows: Iterable[Iterable]) -> StreamingHttpResponse:
    writer = csv.writer(Echo())

    def lines():
        # The mark tells Excel that this is UTF-8.
        yield "\ufeff" + writer.writerow([cell(value) for value in header])
        for row in rows:
            yield writer.writerow([cell(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def xlsx_response(name: str, header: Iterable, rows: Iterable[Iterable]) -> FileResponse:
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for column, value in enumerate(header):
        sheet.write_string(0, column, str(value), bold)
    for n, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(n, column, value)
            else:
                sheet.write_string(n, column, str(cell(value)))
    book.close()
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
