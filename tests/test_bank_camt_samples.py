"""Every camt file of the shared real data, held against its expected result beside it.

The expectations are another parser's: amounts in minor units signed by CdtDbtInd. They say
nothing of balances tying out (most samples are redacted), so each layer is compared by itself:
entries and balances with the expectation, the whole file with what a settled file must be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tallystick.connector import Broken, Pulled
from tallystick.errors import SkipRecord
from tallystick.money import Money
from tallystick.records import BankTransaction
from tallystick_bank import camt
from tallystick_bank.camt_entry import read_move, transactions
from tallystick_bank.camt_stream import walk
from tallystick_bank.settings import BankSettings
from tallystick_bank.transaction import Identities

SAMPLES = Path(__file__).resolve().parents[1].parent / "shared/data/camt/test/data"
FILES = sorted(SAMPLES.glob("*.xml"))
EXPECTED = [path for path in FILES if path.with_suffix(".json").exists()]

TIES_OUT = {"camt053.v2.multi.statement.xml": ["8.85", "-7.00"]}
UNCHECKED = {
    "camt053.v2.with-account-name.xml": ["8.85"],
    "camt053.v4.xml": ["8.85"],
    "camt053.v8.xml": ["8.85"],
    "camt054.v2.xml": ["-200000.00"],
    "camt054.v4.xml": ["-200000.00"],
    "camt054.v8.xml": ["-200000.00"],
    "camt53.only-Dt-with-DtTm.xml": [],
}
"""Notifications, and statements that are a page of several or lack a balance."""
REJECTED = {
    "camt053.v2.all-balance-types.xml": "the difference is -5.820",
    "camt053.v2.five.decimals.xml": "the difference is 0.050",
    "camt053.v2.minimal.ultimate.xml": "mixes EUR and SEK",
    "camt053.v2.minimal.xml": "mixes EUR and SEK",
    "camt053.v2.with-party-ids.xml": "mixes EUR and SEK",
    "camt053.v3.xml": "mixes EUR and SEK",
    "camt053.v2.wrong.xml": "holds no camt.053",
}
UNDATED = {
    "camt054.v2.with-account-name.xml",
    "camt054.v8-with-UETR.xml",
    "camt054.v8-with-financial-institution.xml",
}


def objects(value: Any, kind: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if str(value.get("__CLASS__", "")).endswith(f"DTO\\{kind}"):
            yield value
        for each in value.values():
            yield from objects(each, kind)
    elif isinstance(value, list):
        for each in value:
            yield from objects(each, kind)


def strings(value: Any) -> Iterator[str]:
    """Every text anywhere in `value`."""
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else ():
        yield from strings(each)


def minor(expected: dict[str, Any]) -> Money:
    return Money(int(expected["getAmount"]), expected["getCurrency"]["getCode"])


def day(expected: dict[str, Any] | None) -> date | None:
    return datetime.fromisoformat(expected["0"]).date() if expected else None


def texts(detail: dict[str, Any]) -> list[str]:
    """The payer's words of one expected detail, unstructured ones first."""
    remittance = detail["getRemittanceInformation"]
    if not isinstance(remittance, dict):
        return []
    plain = [
        each["getMessage"] for each in objects(remittance, "UnstructuredRemittanceInformation")
    ]
    found = objects(remittance, "CreditorReferenceInformation")
    return plain + list(dict.fromkeys(each["getRef"] for each in found))


def read_all(path: Path) -> list[Pulled | Broken]:
    with path.open("rb") as handle:
        return list(camt.read(handle, path.name, BankSettings(folder=".")))


def test_the_samples_are_there() -> None:
    assert len(FILES) == 26
    assert len(EXPECTED) == 25
    named = {*TIES_OUT, *UNCHECKED, *REJECTED, *UNDATED}
    assert {path.name for path in FILES if "camt052" not in path.name} == named


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.name)
def test_entries_agree_with_the_expected_result(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text())
    wanted = list(objects(expected, "Entry"))
    with path.open("rb") as handle:
        nodes = [node for _, node in walk(handle) if node is not None]
    # Of several statements the expectation holds the last entry only.
    nodes = nodes[-1:] if "multi" in path.name else nodes
    assert len(nodes) == len(wanted)
    for node, want in zip(nodes, wanted, strict=True):
        move = read_move(node)
        assert Money.exact(move.indicated, move.currency) == minor(want["getAmount"])
        assert move.booked == (want["getStatus"] == "BOOK")
        assert move.reversal == want["getReversalIndicator"]
        if (want["getBookingDate"], want["getValueDate"]) == (None, None):
            with pytest.raises(SkipRecord, match="neither a booking nor a value date"):
                list(transactions(node, move, False, "A", Identities("A"), "here"))
            continue
        agrees(list(transactions(node, move, False, "A", Identities("A"), "here")), want)


def agrees(found: list[BankTransaction], want: dict[str, Any]) -> None:
    assert sum(each.amount for each in found) == minor(want["getAmount"]).amount
    assert {each.booked_on for each in found} == {day(want["getBookingDate"])}
    assert found[0].bank_reference == want["getAccountServicerReference"]
    first = want["getTransactionDetail"]
    if not isinstance(first, dict) or len(want["getTransactionDetails"]) > 1:
        return
    assert found[0].end_to_end_id == (first["getReference"] or {}).get("getEndToEndId")
    assert found[0].remittance == " ".join(texts(first)) or not texts(first)
    names = {
        each.get("getName")
        for each in first["getRelatedParties"]
        for each in each.values()
        if isinstance(each, dict)
    }
    assert found[0].counterparty is None or found[0].counterparty in names
    accounts = [text for each in first["getRelatedParties"] for text in strings(each["getAccount"])]
    assert found[0].counterparty_iban is None or found[0].counterparty_iban in accounts


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.name)
def test_every_detail_of_an_entry_agrees_with_the_expected_result(path: Path) -> None:
    """References of all details, and amounts, batch and charges where the expectation has them."""
    wanted = list(objects(json.loads(path.with_suffix(".json").read_text()), "Entry"))
    with path.open("rb") as handle:
        nodes = [node for _, node in walk(handle) if node is not None]
    for node, want in zip(nodes[-len(wanted) :], wanted, strict=True):
        if (want["getBookingDate"], want["getValueDate"]) == (None, None):
            continue
        found = list(transactions(node, read_move(node), False, "A", Identities("A"), "here"))
        details = [one for one in want["getTransactionDetails"] if isinstance(one, dict)]
        references = [(one["getReference"] or {}) for one in details]
        ids = [one.get("getEndToEndId") for one in references]
        if len(found) == len(details) > 1:
            assert [one.end_to_end_id for one in found] == ids
            stated = [abs(minor(one["getAmount"]).minor) for one in details if one["getAmount"]]
            mine = [abs(Money.exact(one.amount, one.currency).minor) for one in found]
            assert stated in ([], mine)
        sent = {one.get("getPaymentInformationId") for one in references} - {None}
        batches = {one.batch for one in found} - {None}
        assert batches <= sent | {want["getBatchPaymentId"]} or not sent


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.name)
def test_booked_balances_agree_with_the_expected_result(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text())
    wanted = {
        kind: [
            minor(each["getAmount"])
            for each in objects(expected, "Balance")
            if each["getType"] == kind
        ]
        for kind in ("opening", "closing")
    }
    with path.open("rb") as handle:
        heads = [each.head for each in camt.survey(handle)]
    for kind in ("opening", "closing"):
        found = [getattr(head, kind) for head in heads if getattr(head, kind)]
        mine = [Money.exact(amount, currency) for amount, currency in found]
        if "multi" in path.name:  # the expectation holds the last statement only
            mine = mine[-1:]
        if "all-balance-types" in path.name:  # it also calls the previous closing an opening
            wanted[kind] = wanted[kind][:1]
        paged = any(head.opening is None and wanted["opening"] for head in heads)
        assert mine == ([] if paged else wanted[kind])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_becomes_of_the_whole_file(path: Path) -> None:
    name = path.name
    if "camt052" in name or name in REJECTED:
        sentence = REJECTED.get(name, "intraday reports do not settle")
        with pytest.raises(SkipRecord, match=sentence):
            read_all(path)
        return
    rows = read_all(path)
    if name in UNDATED:
        assert [type(row) for row in rows] == [Broken]
        return
    amounts = [str(row.raw["amount"]) for row in rows]
    assert amounts == (TIES_OUT | UNCHECKED)[name]


def test_the_same_booking_has_one_id_in_both_versions() -> None:
    """The v4 and v8 samples are one message in two versions."""
    for kind in ("camt053", "camt054"):
        older, newer = (read_all(SAMPLES / f"{kind}.{version}.xml") for version in ("v4", "v8"))
        assert [row.raw["id"] for row in older if isinstance(row, Pulled)] == [
            row.raw["id"] for row in newer if isinstance(row, Pulled)
        ]
