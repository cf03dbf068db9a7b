"""The spreadsheet of an invoice, read back: figures are numbers, days are days, text is text."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped] # openpyxl ships no type information

from tallystick.billing.invoice.document import Annexed, IncludedWork, InvoiceDocument
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.paper.spreadsheet import render_xlsx

from .documents import CREDIT, DETAILED, FEE, INVOICE, eur
from .test_document_hostile import HOSTILE, documents_with

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("http://x")',
    "http://x.example",
    "007",
]


def sheets(document: InvoiceDocument) -> dict[str, list[list[Any]]]:
    book = load_workbook(BytesIO(render_xlsx(document)))
    return {sheet.title: [list(row) for row in sheet.iter_rows()] for sheet in book}


def values(rows: list[list[Any]]) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in rows]


def test_lines_bookings_and_assets() -> None:
    found = {name: values(rows) for name, rows in sheets(DETAILED).items()}
    assert list(found) == ["lines", "bookings", "assets", "included"]
    assert found["lines"][1:] == [
        [1, "Care plan", datetime(2026, 7, 1), datetime(2026, 7, 31), 12, "devices", 99.5, 1194],
        [
            *(2, "Correction: Support", datetime(2026, 6, 14), datetime(2026, 6, 14)),
            *(1, "correction", -47.5, -47.5),
        ],
    ]
    assert found["bookings"][1:] == [
        [2, datetime(2026, 6, 14), "T-9", "Printer", 0.5, "hours", -47.5],
    ]
    july, last = datetime(2026, 7, 1), datetime(2026, 7, 31)
    assert found["assets"][1:] == [
        [1, july, last, "PC-1", "Front desk", 1, "device"],
        [1, datetime(2026, 7, 22), last, "PC-2", "Röntgen", 1, "device"],
    ]
    assert found["included"][1:] == [
        ["Care plan", datetime(2026, 7, 8), "T-8", "Toner", 1.5, "hours", None],
    ]


def test_it_says_what_the_other_formats_say() -> None:
    found = sheets(replace(DETAILED, language="de"))
    assert [row[5].value for row in found["lines"][1:]] == ["Geräte", "Korrektur"]
    assert found["lines"][2][1].value == "Korrektur: Support"
    assert found["included"][1][5].value == "Stunden"


def test_numbers_are_numbers_and_days_are_days() -> None:
    [_, row, *_] = sheets(DETAILED)["lines"]
    assert [cell.data_type for cell in row] == ["n", "s", "d", "d", "n", "s", "n", "n"]
    assert row[7].number_format == "#,##0.00"
    yen = replace(FEE, net=Money(1234567, "JPY"))
    [_, row] = sheets(replace(INVOICE, currency="JPY", lines=(yen,), taxes=()))["lines"]
    assert (row[7].value, row[7].number_format) == (1234567, "#,##0")


@pytest.mark.parametrize("text", [*FORMULAS, *HOSTILE])
def test_text_that_could_be_reckoned_stays_text(text: str) -> None:
    behind = tuple(
        Annexed(1, date(2026, 7, 1), text, text, Decimal(1), text, eur(1), kind)
        for kind in ("booking", "asset")
    )
    included = (IncludedWork(text, 1, behind[:1]),)
    for document in documents_with(text):
        for rows in sheets(replace(document, annex=behind, included=included)).values():
            kinds = {cell.data_type for row in rows for cell in row if cell.value is not None}
            assert kinds <= {"s", "n", "d"}, "f would be a formula"
            assert not any(cell.hyperlink for row in rows for cell in row)
            assert text.strip() in {cell.value for row in rows for cell in row} or text in HOSTILE


def test_the_same_document_is_the_same_bytes() -> None:
    for document in (DETAILED, CREDIT):
        assert render_xlsx(document) == render_xlsx(document)


def test_nothing_in_it_knows_what_day_it_is() -> None:
    with ZipFile(BytesIO(render_xlsx(DETAILED))) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}
        core = parts.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT", core)) == {"2026-08-01T"}


def test_without_xlsxwriter_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(Stop, match=r"pip install \"tallystick\[xlsx\]\""):
        render_xlsx(INVOICE)
