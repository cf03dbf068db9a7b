"""A profit table as a spreadsheet: amounts are numbers, everything else is text for ever."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO

from tallystick.billing.documents.speech import clean
from tallystick.insight.profit_table import Cell
from tallystick.paper.spreadsheet import OPTIONS, require_xlsxwriter

WIDE, NARROW = 40, 15


def render(columns: Sequence[str], rows: Sequence[Sequence[Cell]], about: Sequence[str]) -> bytes:
    """One sheet `profit`, and `about` with a sentence a row. Raises `Stop` without xlsxwriter."""
    made = BytesIO()
    with require_xlsxwriter().Workbook(made, OPTIONS) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        figure = book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet("profit")
        sheet.freeze_panes(1, 2)
        for at, name in enumerate(columns):
            sheet.write_string(0, at, clean(name), bold)
            sheet.set_column(at, at, WIDE if name in ("name", "notes") else NARROW)
        for number, row in enumerate(rows, 1):
            for at, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, at, cell, figure)
                elif cell:
                    sheet.write_string(number, at, clean(cell))
        told = book.add_worksheet("about")
        told.set_column(0, 0, 110)
        for number, sentence in enumerate(about):
            told.write_string(number, 0, clean(sentence))
    return made.getvalue()
