"""Tables of a run to take away, as CSV and as a workbook: row by row, so that their length costs no
memory."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from tempfile import TemporaryFile

from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import get_language

from activities.core.tables import harmless, lines

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(name: str, header: Iterable, rows: Iterable[Iterable]) -> StreamingHttpResponse:
    content = lines(header, rows, get_language())
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
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
