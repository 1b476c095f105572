"""Tables that leave the site: CSV for any program, XLSX for a spreadsheet."""

import io

import xlsxwriter
from django.http import HttpResponse

from activities.core.tables import lines

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(name: str, rows: list[list]) -> HttpResponse:
    """A short table, the first row of which holds the headings."""
    content = b"".join(lines(rows[0], rows[1:]))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_xlsx(name: str, sheets: dict[str, list[list]]) -> HttpResponse:
    """{name of the sheet: rows, the first of them headings}"""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title[:31])
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 0, 44)
            sheet.set_column(1, 12, 16)
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    style = bold if y == 0 else plain
                    if isinstance(cell, str):
                        sheet.write_string(y, x, cell, style)
                    else:
                        sheet.write(y, x, cell, style)
    response = HttpResponse(buffer.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
