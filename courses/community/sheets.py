"""Tables that leave the site: CSV for any program, XLSX for a spreadsheet."""

import csv
import io

import xlsxwriter
from django.http import HttpResponse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(value):
    """A cell that no spreadsheet will run."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def as_csv(name: str, rows: list[list]) -> HttpResponse:
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    writer = csv.writer(response)
    writer.writerows([[harmless(cell) for cell in row] for row in rows])
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
