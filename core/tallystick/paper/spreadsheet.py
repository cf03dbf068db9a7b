"""An invoice as a spreadsheet: its lines, the bookings and devices behind them, and the work that
fees include.

Figures are numbers, days are days, and everything else is text, whatever it begins with: a note
that says `=1+1` is shown as it is written and never reckoned. The same document makes the same
bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from tallystick.billing.documents.speech import Speech, clean, speech
from tallystick.billing.invoice.document import Annexed, InvoiceDocument
from tallystick.errors import Stop
from tallystick.money import Money, exponent

Cell = str | date | Decimal | Money | None
WIDE, NARROW = 60, 16


def render_xlsx(document: InvoiceDocument) -> bytes:
    """The sheets `lines`, `bookings`, `assets` and `included` as XLSX, amounts in major units with
    the sign they have in the books. Raises `Stop` when xlsxwriter is not installed."""
    say = speech(document.language)
    made = BytesIO()
    with require_xlsxwriter().Workbook(made, OPTIONS) as book:
        book.set_properties(
            {
                "title": clean(document.number),
                "author": clean(document.seller.name),
                "created": datetime.combine(document.issued_on, time.min, UTC).replace(tzinfo=None),
            }
        )
        sheet = Sheet(book, document.currency)
        sheet.write("lines", _line_heads(say), _lines(document, say))
        worked = [one for one in document.annex if one.kind != "asset"]
        counted = [one for one in document.annex if one.kind == "asset"]
        sheet.write("bookings", _annex_heads(say), (_annexed(one, say) for one in worked))
        sheet.write("assets", _asset_heads(say), (_asset(one, document, say) for one in counted))
        sheet.write("included", _annex_heads(say), _included(document, say))
    return made.getvalue()


OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class Sheet:
    """Writes tables into a workbook, each value in a cell of its own kind."""

    def __init__(self, book: Any, currency: str) -> None:
        places = exponent(currency)
        self._book = book
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._money = book.add_format(
            {"num_format": f"#,##0.{'0' * places}" if places else "#,##0"}
        )

    def write(self, name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, head in enumerate(heads):
            sheet.set_column(column, column, NARROW)
            sheet.write_string(0, column, head, self._head)
        for at, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                self._cell(sheet, at, column, cell)

    def _cell(self, sheet: Any, at: int, column: int, cell: Cell) -> None:
        if isinstance(cell, Money):
            sheet.write_number(at, column, cell.amount, self._money)
        elif isinstance(cell, Decimal):
            sheet.write_number(at, column, cell)
        elif isinstance(cell, date):
            sheet.write_datetime(at, column, cell, self._day)
        elif cell:
            sheet.write_string(at, column, clean(cell))


def _line_heads(say: Speech) -> list[str]:
    words = say.words
    return [
        "",
        words.description,
        words.service,
        "",
        words.quantity,
        "",
        words.unit_price,
        words.net,
    ]


def _lines(document: InvoiceDocument, say: Speech) -> Iterable[Sequence[Cell]]:
    for position, line in enumerate(document.lines, 1):
        service = (line.service.start, line.service.last_day)
        price = (line.quantity, say.unit(line.quantity, line.unit), line.unit_price)
        yield (Decimal(position), say.text(line.text), *service, *price, line.net)


def _annex_heads(say: Speech) -> list[str]:
    words = say.words
    what = (words.annex_date, words.annex_ref, words.description)
    return ["", *what, words.quantity, "", words.annex_amount]


def _annexed(one: Annexed, say: Speech) -> Sequence[Cell]:
    counted = (one.quantity, say.unit(one.quantity, one.unit))
    return (Decimal(one.line), one.on, one.ref, one.what, *counted, one.amount)


def _asset_heads(say: Speech) -> list[str]:
    words = say.words
    return ["", words.service, "", words.annex_ref, words.description, words.quantity, ""]


def _asset(one: Annexed, document: InvoiceDocument, say: Speech) -> Sequence[Cell]:
    days = one.days or document.lines[one.line - 1].service
    what = (one.ref, one.what, one.quantity, say.unit(one.quantity, one.unit))
    return (Decimal(one.line), days.start, days.last_day, *what)


def _included(document: InvoiceDocument, say: Speech) -> Iterable[Sequence[Cell]]:
    for work in document.included:
        for one in work.rows:
            yield (say.text(work.text), *_annexed(one, say)[1:])


def require_xlsxwriter() -> Any:
    """The xlsxwriter module; raises `Stop` that says how to install it."""
    try:
        import xlsxwriter  # type: ignore[import-untyped] # it ships no type information
    except ImportError:
        raise Stop(
            "Spreadsheets need xlsxwriter, which is not installed.",
            do='Install it with `pip install "tallystick[xlsx]"`, or take "xlsx" out of formats.',
        ) from None
    return xlsxwriter
