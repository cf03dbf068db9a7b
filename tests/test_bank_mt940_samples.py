"""Every MT940 file of the shared real data, held against its golden result beside it.

The golden files are pickled objects of another parser; the scalars compared here are picked
out by pattern. Some of its habits are known: it does not sign reversals (the closing balance
proves ours), it cuts `NONREF//reference` at 16 characters and puts the rest into the extra
details, lets the bank's own message run into the reference, and loses blanks at line ends.
"""

from __future__ import annotations

import base64
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.connector import Broken, Pulled
from tallystick_bank import mt940
from tallystick_bank.mt940_details import read_details
from tallystick_bank.settings import BankSettings

SAMPLES = Path(__file__).resolve().parents[1].parent / "shared/data/mt940"
FILES = sorted(SAMPLES.glob("*/*.sta"))
DOES_NOT_TIE_OUT = {
    "sepa_snippet_broken.sta": 1,
    "knab.sta": 1,
    "with_newline_in_tnr.sta": 1,
    "details_60-63.sta": 1,
    "malformed_details.sta": 1,
    "overly_long_details.sta": 1,
}
WITHOUT_MINOR_UNIT = {"raphaelm.sta": 9, "cmxl/mt940.sta": 11}
"""Lines in Deutsche Mark, which ISO 4217 no longer lists."""


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def golden_lines(path: Path) -> list[str]:
    text = path.with_suffix(".yml").read_text()
    _, _, body = text.partition("\ntransactions:\n")
    return body.split("- !!python/object:mt940.models.Transaction\n")[1:]


def scalar(block: str, key: str) -> str:
    """A one-line scalar; YAML folds what is long, so only its first line."""
    found = re.search(rf"^    {key}: (.*)$", block, re.MULTILINE)
    text = (found[1] if found else "").strip().strip("'\"")
    return "" if text == "null" else text


def folded(block: str, key: str) -> str:
    found = re.search(rf"^    {key}: (.*(?:\n      .*)*)$", block, re.MULTILINE)
    text = " ".join((found[1] if found else "").split()).strip("'\"")
    return "" if text == "null" else text


def golden_day(block: str, key: str) -> date | None:
    found = re.search(rf"^    {key}: .*\n    - !!binary \|\n      (\S+)", block, re.MULTILINE)
    if not found:
        return None
    high, low, month, day = base64.b64decode(found[1])
    return date(high * 256 + low, month, day)


def golden_amount(block: str) -> Decimal:
    found = re.search(r"decimal.Decimal \['([-0-9.]+)'\]", block)
    assert found
    return Decimal(found[1])


def my_lines(path: Path) -> list[tuple[mt940.Line, list[str]]]:
    statements = mt940.statements(path.read_text("utf-8"))
    return [
        (mt940.parse_line(line), details)
        for statement in statements
        for line, details in statement.lines
    ]


def read_all(path: Path) -> list[Pulled | Broken]:
    return list(mt940.read(path.read_text("utf-8"), path.name, BankSettings(folder=".")))


def test_the_samples_are_there() -> None:
    assert len(FILES) == 25
    assert all(path.with_suffix(".yml").exists() for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_lines_agree_with_the_golden_result(path: Path) -> None:
    mine, golden = my_lines(path), golden_lines(path)
    assert len(mine) == len(golden)
    for (line, _), want in zip(mine, golden, strict=True):
        sign = -1 if scalar(want, "status") == "RC" else 1
        assert line.amount == sign * golden_amount(want)
        assert line.booked_on == (golden_day(want, "entry_date") or golden_day(want, "date"))
        assert line.type == scalar(want, "id")
        reference, bank = scalar(want, "customer_reference"), scalar(want, "bank_reference")
        both = f"{line.customer_reference}//{line.bank_reference}"
        if bank or not line.bank_reference:
            assert line.bank_reference == bank
            assert not reference or line.customer_reference == reference.strip()
        else:  # cut at 16 characters
            assert both.startswith(reference)
            assert both.endswith(scalar(want, "extra_details"))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_details_agree_with_the_golden_result(path: Path) -> None:
    for (_, details), want in zip(my_lines(path), golden_lines(path), strict=True):
        read = read_details(details)
        if folded(want, "end_to_end_reference"):
            stated = folded(want, "end_to_end_reference")
            # The golden parser lets the bank's own message run into the reference.
            without_message = "" if stated == "NONREF" else stated.split("MTLG:")[0]
            assert (read.end_to_end_id or "").split() == without_message.split()
        if scalar(want, "applicant_name"):
            wanted = folded(want, "applicant_name").replace(" ", "")
            assert (read.counterparty or "").replace(" ", "") == wanted
        account = scalar(want, "applicant_iban")
        if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,}", account):
            assert read.counterparty_iban == account


@pytest.mark.parametrize("path", FILES, ids=name)
def test_ends_agree_with_the_golden_result(path: Path) -> None:
    """Account, opening and closing of the file's last statement, which the golden files keep."""
    text = path.with_suffix(".yml").read_text().partition("\nprocessors:")[0]
    statements = list(mt940.statements(path.read_text("utf-8")))
    for key, mine in (
        ("final_opening_balance", [each.opening for each in statements]),
        ("final_closing_balance", [each.closing for each in statements]),
    ):
        block = re.search(rf"  {key}: (?:.*\n)(?:    .*\n)*", text)
        balances = [balance for each in mine if (balance := mt940.balance(each))]
        if block is None:
            continue
        currency = re.search(r"currency: (\w+)", block[0])
        if currency and currency[1] != "null" and name(path) != "self-provided/raphaelm.sta":
            want = golden_amount(block[0]), currency[1]
            # A file of balances alone shows several; the first is the opening.
            assert want in (balances[-1], balances[0]) or name(path).endswith("amount_formats.sta")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_file_crashes_and_what_is_wrong_is_said(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = read_all(path)
    broken = [row for row in rows if isinstance(row, Broken)]
    undated = {"statement_details.sta": 1, "sepa_mt9401.sta": 0}
    unlisted = WITHOUT_MINOR_UNIT.get(path.name) or WITHOUT_MINOR_UNIT.get(name(path), 0)
    assert len(broken) == undated.get(path.name, unlisted)
    assert caplog.text.count("does not tie out") == DOES_NOT_TIE_OUT.get(path.name, 0)


def test_a_full_bank_day_ties_out_statement_by_statement(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """26 statements of 23 accounts in several pages, with two reversed credits (RC)."""
    rows = read_all(SAMPLES / "betterplace/sepa_mt9401.sta")
    assert not caplog.text
    assert all(isinstance(row, Pulled) for row in rows)
    assert len({row.raw["id"] for row in rows}) == len(rows) > 70
    returned = [row.raw for row in rows if row.raw["returned"]]
    assert ("TFNR 40005 00005", "914") in {
        (raw["end_to_end_id"], raw["return_reason"]) for raw in returned
    }


@pytest.mark.parametrize("path", FILES, ids=name)
def test_currency_purpose_and_return_reason_agree_with_the_golden_result(path: Path) -> None:
    """The golden purpose stops at the first SEPA key it does not know; ours goes on."""
    for (_, details), want in zip(my_lines(path), golden_lines(path), strict=True):
        read = read_details(details)
        if read.returned:
            assert read.return_reason == (scalar(want, "return_debit_notes") or None)
        plain = scalar(want, "transaction_details")
        if plain and not re.match(r"[0-9]{3}[^\w\s]|/[A-Z]{4}/", "".join(details)):
            assert read.remittance.split()[:3] == plain.replace("\\n", " ").split()[:3]
