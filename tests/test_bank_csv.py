"""Declared CSV exports: what fits is read exactly, what does not names row and column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tallystick.connector import Broken, Pulled
from tallystick.errors import SkipRecord
from tallystick_bank import csv_statement
from tallystick_bank.settings import BankSettings, CsvLayout

OWN = "DE02120300000000202051"
LAYOUT: dict[str, Any] = {
    "decimal_mark": ",",
    "date_format": "%d.%m.%Y",
    "booked_on": "Buchung",
    "amount": "Betrag",
    "currency": "Waehrung",
    "counterparty": "Name",
    "remittance": "Zweck",
}


def read(body: str, own: str | None = OWN, **changes: Any) -> list[Pulled | Broken]:
    text = "Konto;DE02\n\nBuchung;Betrag;Waehrung;Name;Zweck\n" + body
    return list(csv_statement.read(text, "f.csv", CsvLayout(**{**LAYOUT, **changes}), own))


def test_a_row_below_the_banks_own_header_becomes_a_record() -> None:
    (row,) = read('02.03.2026;1.234,56;EUR;Acme;"Invoice 7\nline ; two"\n')
    assert row.place == "row 5 of f.csv"  # a quoted cell may run over lines
    assert row.raw["booked_on"] == date(2026, 3, 2)
    assert row.raw["amount"] == Decimal("1234.56")
    assert (row.raw["account"], row.raw["currency"]) == (OWN, "EUR")
    assert (row.raw["counterparty"], row.raw["remittance"]) == ("Acme", "Invoice 7\nline ; two")


@pytest.mark.parametrize(
    "written",
    ["NaN", "1_000", "١٢", "1.23", "1,234.56", "12.34,5", "1e3", "", "--1", "5,00-", "Infinity",
     "1.2345", "1'234,00", "5,000001", "\uff15,00", "0x10"],
)  # fmt: skip
def test_what_is_no_amount_names_row_and_column(written: str) -> None:
    (row,) = read(f"02.03.2026;{written};EUR;;\n")
    assert isinstance(row, Broken)
    assert row.place == "row 4 of f.csv"
    assert row.what.startswith("Column Betrag: ")


@pytest.mark.parametrize("written", ["2026-03-02", "31.02.2026", "02.03.٢٠٢٦", "", "2.3."])
def test_what_is_no_date_names_row_and_column(written: str) -> None:
    (row,) = read(f"{written};5,00;EUR;;\n")
    assert isinstance(row, Broken)
    assert row.what.startswith("Column Buchung: ")


@pytest.mark.parametrize(
    ("mark", "written", "amount"),
    [(",", "-1.234.567,8", "-1234567.80"), (",", "1.234", "1234.00"), (".", "1,234.50", "1234.50"),
     (".", "1'234.5", "1234.50"), (".", "+7", "7.00")],
)  # fmt: skip
def test_the_declared_decimal_mark_decides(mark: str, written: str, amount: str) -> None:
    (row,) = read(f"02.03.2026;{written};EUR;;\n", decimal_mark=mark)
    assert row.raw["amount"] == Decimal(amount)
    assert str(row.raw["amount"]) == amount


def test_a_row_of_another_length_is_set_aside_alone() -> None:
    first, second = read("02.03.2026;1,00;EUR\n02.03.2026;2,00;EUR;;\n")
    assert isinstance(first, Broken)
    assert "3 cells" in first.what
    assert isinstance(second, Pulled)


def test_finer_than_the_currency_is_set_aside() -> None:
    yen, dinar = read("02.03.2026;1,5;JPY;;\n02.03.2026;1,505;KWD;;\n")
    assert isinstance(yen, Broken)
    assert isinstance(dinar, Pulled)


@pytest.mark.parametrize(
    "heading", ["Buchung;Betrag;Name;Zweck", "", "Buchung;Betrag;Betrag;Waehrung;Name;Zweck"]
)
def test_without_the_declared_columns_the_file_is_refused(heading: str) -> None:
    with pytest.raises(SkipRecord, match="has the columns Buchung, Betrag, Waehrung"):
        list(csv_statement.read(heading + "\n", "f.csv", CsvLayout(**LAYOUT), OWN))


def test_a_huge_cell_is_refused_not_read() -> None:
    fine, cut = read(f'02.03.2026;1,00;EUR;;\n02.03.2026;2,00;EUR;;"{"x" * 200_000}"\n')
    assert isinstance(fine, Pulled)
    assert isinstance(cut, Broken)


def test_without_any_account_a_row_is_set_aside() -> None:
    (row,) = read("02.03.2026;1,00;EUR;;\n", own=None)
    assert isinstance(row, Broken)
    assert "account" in row.do


def test_the_same_row_twice_is_two_bookings_with_ids_that_stay() -> None:
    row = "02.03.2026;5,00;EUR;Acme;x\n"
    twice = [each.raw["id"] for each in read(row * 2)]
    assert len(set(twice)) == 2
    assert [each.raw["id"] for each in read(row)] == twice[:1]


@pytest.mark.parametrize(
    "changes",
    [{"date_format": "%d.%m."}, {"currency_code": "EUR"}, {"currency": None}, {"colour": "red"},
     {"decimal_mark": "'"}],
)  # fmt: skip
def test_a_layout_that_leaves_something_open_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CsvLayout(**{**LAYOUT, **changes})


@pytest.mark.parametrize("folder", ["../up", "a/../../b", "a\\..\\b"])
def test_a_folder_above_is_refused(folder: str) -> None:
    with pytest.raises(ValidationError):
        BankSettings(folder=folder)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_an_amount_survives_german_writing(cents: int) -> None:
    written = f"{Decimal(cents).scaleb(-2):,.2f}".translate(str.maketrans(",.", ".,"))
    (row,) = read(f"02.03.2026;{written};EUR;;\n")
    assert row.raw["amount"] * 100 == cents


@given(st.text(max_size=80))
def test_no_text_raises(body: str) -> None:
    for row in read(body):
        assert isinstance(row, Pulled | Broken)


def test_charges_and_what_was_paid_have_columns_of_their_own() -> None:
    columns = {"charges": "Entgelt", "paid_amount": "Ursprung", "paid_currency": "In"}
    layout = CsvLayout(**{**LAYOUT, **columns})
    text = (
        "Buchung;Betrag;Waehrung;Name;Zweck;Entgelt;Ursprung;In\n"
        "02.03.2026;1.045,10;EUR;Acme;INV-7;-5,00;1.000,00;CHF\n"
        "02.03.2026;-98,50;EUR;Acme;INV-8;;100,00;EUR\n"
        "02.03.2026;-1.050,10;EUR;Acme;INV-7;0,00;1.000,00;CHF\n"
        "02.03.2026;1,00;EUR;Acme;INV-7;x;;\n"
    )
    *rows, broken = csv_statement.read(text, "f.csv", layout, OWN)
    fields = ("charges", "paid_amount", "paid_currency")
    assert [tuple(row.raw[field] for field in fields) for row in rows] == [
        (Decimal("5.00"), Decimal("1000.00"), "CHF"),
        (None, None, None),
        (None, Decimal("-1000.00"), "CHF"),
    ]
    assert isinstance(broken, Broken)
    assert "Column Entgelt: 'x'" in broken.what
    with pytest.raises(ValidationError, match="give both"):
        CsvLayout(**LAYOUT, paid_amount="Ursprung")
