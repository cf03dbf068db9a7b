"""What MT940 lines and their details become; the dialects are in test_bank_mt940_samples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.connector import Broken, Pulled
from tallystick.errors import SkipRecord
from tallystick_bank import mt940
from tallystick_bank.mt940_details import read_details
from tallystick_bank.settings import BankSettings

OWN = "DE02120300000000202051"


def statement(*lines: str, opening: str = "C260301EUR100,00", closing: str = "") -> str:
    closed = f":62F:{closing}\n" if closing else ""
    return (
        f":20:STARTUMS\n:25:12030000/0000202051\n:28C:1/1\n:60F:{opening}\n"
        + "".join(line + "\n" for line in lines)
        + closed
        + "-\n"
    )


def read(text: str, **settings: Any) -> list[Pulled | Broken]:
    return list(mt940.read(text, "f.sta", BankSettings(folder=".", **settings)))


@pytest.mark.parametrize(
    ("mark", "amount"),
    [("C", "12.30"), ("D", "-12.30"), ("RC", "-12.30"), ("RD", "12.30"), ("CR", "12.30"),
     ("DR", "-12.30"), ("RCR", "-12.30"), ("RDR", "12.30"), ("CN", "12.30")],
)  # fmt: skip
def test_the_mark_gives_the_sign_and_a_reversal_turns_it(mark: str, amount: str) -> None:
    line = mt940.parse_line(f"2603020302{mark}12,3NTRFNONREF//B1")
    assert line.amount == Decimal(amount)


@pytest.mark.parametrize(
    ("written", "amount"),
    [("0,12", "0.12"), ("380115,1", "380115.1"), ("380115,", "380115"), ("001,12", "1.12"),
     ("000000000147,64", "147.64"), ("500", "500")],
)  # fmt: skip
def test_amount_formats(written: str, amount: str) -> None:
    assert mt940.balance(f"D260318EUR{written}") == (-Decimal(amount), "EUR")
    assert mt940.parse_line(f"260318C{written}NTRF").amount == Decimal(amount)


@pytest.mark.parametrize(
    ("value", "entry", "booked_on"),
    [("260302", "", date(2026, 3, 2)), ("260102", "1231", date(2025, 12, 31)),
     ("251231", "0102", date(2026, 1, 2)), ("260230", "", date(2026, 2, 28)),
     ("160230", "0301", date(2016, 3, 1))],
)  # fmt: skip
def test_the_entry_date_lies_in_the_year_nearest_to_the_value_date(
    value: str, entry: str, booked_on: date
) -> None:
    assert mt940.parse_line(f"{value}{entry}C1,NTRF").booked_on == booked_on


@pytest.mark.parametrize("line", ["", "2603X2C1,00", "260302Z1,00", "261302C1,", "260300C1,",
                                  "260302C1.00NTRF", "260302C\u0665,00"])  # fmt: skip
def test_a_line_that_is_none_is_set_aside_and_the_next_is_read(line: str) -> None:
    with pytest.raises(SkipRecord):
        mt940.parse_line(line)
    rows = read(statement(f":61:{line}", ":61:260302C2,00NTRFNONREF"))
    assert [type(row) for row in rows] == [Broken, Pulled]
    assert rows[-1].raw["amount"] == Decimal("2.00")


def test_german_details() -> None:
    told = read_details(
        ["109?00RUECKLASTSCHRIFT?109248?20EREF+TS-2026-0007?21MREF+M-1?22SVWZ+Retu",
         "rned INV?23-7?30DEUTDEFF?31DE75512108001245126199?32Acme GmbH?33 & Co?34912"]
    )  # fmt: skip
    assert told.end_to_end_id == "TS-2026-0007"
    assert told.remittance == "Returned INV-7"
    assert (told.counterparty, told.counterparty_iban) == (
        "Acme GmbH & Co",
        "DE75512108001245126199",
    )
    assert (told.returned, told.return_reason) == (True, "912")


def test_a_collected_batch_carries_the_customers_reference() -> None:
    details = ":86:192?00SEPA-LASTSCHRIFT?20KREF+PMT-1?21SVWZ+SAMMLER"
    (row,) = read(statement(":61:260302C20,00NTRFKREF+//B1", details))
    assert row.raw["batch"] == "PMT-1"
    assert row.raw["end_to_end_id"] is None


def test_dutch_details() -> None:
    told = read_details(["/TRTP/SEPA/CNTP/NL56AGDH9619008421/BANKNL2A/Acme BV///REMI/USTD//Nr 7/"])
    assert told.remittance == "Nr 7"
    assert told.counterparty_iban == "NL56AGDH9619008421"
    assert told.counterparty == "Acme BV"
    returned = read_details(["/EREF/TS-1/RTRN/MS03/NAME/Acme/REMI/x"])
    assert (returned.end_to_end_id, returned.return_reason) == ("TS-1", "MS03")


def test_a_wrapped_time_is_not_a_field() -> None:
    (row,) = read(statement(":61:260302D6,00N024NONREF", ":86:805?20Paid 2017-01-01T13", ":12:11"))
    assert row.raw["remittance"] == "Paid 2017-01-01T13:12:11"


def test_the_statements_own_information_is_no_details_of_the_last_line() -> None:
    text = statement(":61:260302C6,00NTRF", ":86:yours", ":62F:C260302EUR106,00", ":86:ours")
    (row,) = read(text)
    assert row.raw["remittance"] == "yours"


def test_balances_that_do_not_tie_out_are_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    (row,) = read(statement(":61:260302C6,00NTRF", closing="C260302EUR106,01"))
    assert isinstance(row, Pulled)
    assert "f.sta does not tie out: opening 100.00 plus lines 6.00" in caplog.text
    caplog.clear()
    read(statement(":61:260302C6,00NTRF", closing="C260302EUR106,00"))
    assert not caplog.text


def test_bank_code_and_number_are_the_own_iban() -> None:
    mine = read(statement(":61:260302C6,00NTRF"), account=OWN)
    assert [row.raw["account"] for row in mine] == [OWN]
    (other,) = read(statement(":61:260302C6,00NTRF"), account="DE75512108001245126199")
    assert isinstance(other, Broken)
    assert "12030000/0000202051" in other.what


@pytest.mark.parametrize(
    "stated", ["12030000/202051", "DE02 1203 0000 0000 2020 51", "DE02120300000000202051EUR"]
)
def test_the_own_account_is_known_however_it_is_written(stated: str) -> None:
    text = statement(":61:260302C6,00NTRF").replace("12030000/0000202051", stated)
    (row,) = read(text, account=OWN)
    assert row.raw["account"] == OWN


def test_an_account_field_among_the_lines_is_not_the_account() -> None:
    (row,) = read(statement(":61:260302C6,00NTRF", ":25:166?00GUTSCHRIFT"))
    assert row.raw["account"] == "12030000/0000202051"


def test_a_single_payments_customer_reference_is_no_batch() -> None:
    (row,) = read(statement(":61:260302C6,00NTRF4711", ":86:166?00GUTSCHRIFT?20KREF+K1?21SVWZ+x"))
    assert row.raw["batch"] is None


def test_equal_lines_are_two_bookings_and_the_same_ones_again_tomorrow() -> None:
    lines = [":61:260302C6,00NTRFNONREF", ":86:x"] * 2
    once = [row.raw["id"] for row in read(statement(*lines))]
    assert len(set(once)) == 2
    assert [row.raw["id"] for row in read(statement(*lines, ":61:260303C6,00NTRF"))][:2] == once


tags = st.sampled_from([":20:", ":25:", ":28C:", ":60F:", ":61:", ":86:", ":62F:", "-", "", "?20"])
words = st.text(alphabet="0123456789CDREUR,/?+:NTF \n\r\x01ä\u0665", max_size=40)


@given(st.lists(st.tuples(tags, words), max_size=12))
def test_no_text_raises(parts: list[tuple[str, str]]) -> None:
    for row in read(statement() + "\n".join(tag + word for tag, word in parts)):
        assert isinstance(row, Pulled | Broken)


@given(st.lists(st.integers(min_value=-(10**9), max_value=10**9), max_size=10))
def test_every_cent_of_the_lines_arrives(cents: list[int]) -> None:
    lines = [
        f":61:2603020302{'D' if each < 0 else 'C'}{abs(each) // 100},{abs(each) % 100:02}NMSC"
        for each in cents
    ]
    found = read(statement(*lines))
    assert [int(row.raw["amount"] * 100) for row in found] == cents
    assert len({row.raw["id"] for row in found}) == len(found)


def amounts_of(line: str, details: str) -> tuple[str | None, ...]:
    text = "\n".join(
        [
            ":20:S",
            ":25:DE89370400440532013000",
            ":60F:C261001EUR1000,00",
            line,
            f":86:{details}",
            ":62F:C261001EUR1000,00",
            "-",
        ]
    )
    [row] = mt940.read(text, "s.sta", BankSettings(folder="."))
    assert isinstance(row, Pulled)
    told = ("amount", "charges", "paid_amount", "paid_currency")
    return tuple(None if row.raw[name] is None else str(row.raw[name]) for name in told)


GERMAN_RETURN = "109?00RETURN?20EREF+INV-1001-1?21OAMT+100,00?22{}SVWZ+back?34914"


@pytest.mark.parametrize(
    ("line", "details", "told"),
    [
        (":61:2610011001D103,00NRTI", GERMAN_RETURN.format("COAM+3,00"), ("-103.00", "3.00")),
        (":61:2610011001D103,00NRTI", GERMAN_RETURN.format(""), ("-103.00", "3.00")),
        (":61:2610011001D100,00NRTI", GERMAN_RETURN.format(""), ("-100.00", None)),
        (":61:2610011001D90,00NRTI", GERMAN_RETURN.format(""), ("-90.00", None)),
        (":61:2610011001C95,00NTRF", "166?20OAMT+100,00?21COAM+5,00", ("95.00", "5.00")),
        (":61:2610011001C95,00NTRF", "166?20OAMT+100,00?21COAM+4,00", ("95.00", None)),
        (":61:2610011001C95,00NTRFX\n/OCMT/EUR100,/CHGS/EUR5,", "x", ("95.00", "5.00")),
        (":61:2610011001C95,00NTRFX\n/OCMT/EUR101,/CHGS/EUR5,", "x", ("95.00", None)),
        (":61:2610011001C95,00NTRFX\n/CHGS/USD5,", "x", ("95.00", None)),
        (
            ":61:2610011001C900,00NTRFX\n/OCMT/USD1000,00/CHGS/EUR5,00",
            "x",
            ("900.00", "5.00", "1000.00", "USD"),
        ),
    ],
)
def test_what_banks_kept_is_told_where_the_amount_bears_it_out(
    line: str, details: str, told: tuple[str | None, ...]
) -> None:
    assert amounts_of(line, details) == (*told, *(None, None))[:4]
