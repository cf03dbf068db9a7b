"""Charges and money of other currencies in camt: read where the bank tells them, proven or said."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from tests.test_bank_camt import document, entry, statement

from tallystick.connector import Pulled
from tallystick_bank import camt
from tallystick_bank.settings import BankSettings

EUR = "EUR"


def amt(path: str, amount: str, currency: str, inside: str = "") -> str:
    return f'<{path}><Amt Ccy="{currency}">{amount}</Amt>{inside}</{path}>'


def exchange(rate: str) -> str:
    pair = "<SrcCcy>CHF</SrcCcy><TrgtCcy>EUR</TrgtCcy>"
    return f"<CcyXchg>{pair}<XchgRate>{rate}</XchgRate></CcyXchg>"


def record(amount: str, included: str = "", currency: str = EUR, side: str = "DBIT") -> str:
    said = f"<ChrgInclInd>{included}</ChrgInclInd>" if included else ""
    return f'<Rcrd><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{said}</Rcrd>'


def total(amount: str, currency: str = EUR) -> str:
    return f'<TtlChrgsAndTaxAmt Ccy="{currency}">{amount}</TtlChrgsAndTaxAmt>'


FRANCS = amt("InstdAmt", "1000.00", "CHF")
INTO_EUROS = amt("CntrValAmt", "1050.10", EUR, exchange("1.0501"))


def read(*entries: str) -> list[Pulled]:
    handle = io.BytesIO(document(statement(*entries)))
    found = list(camt.read(handle, "f.xml", BankSettings(folder="in")))
    assert all(isinstance(one, Pulled) for one in found), found
    return [one for one in found if isinstance(one, Pulled)]


def told(
    amount: str, amounts: str = "", charges: str = "", side: str = "CRDT", more: str = ""
) -> tuple[str, str, str]:
    """Charges, paid amount and its currency of an entry with one detail."""
    inside = f"<TxDtls><AmtDtls>{amounts}</AmtDtls>" if amounts else "<TxDtls>"
    block = f"<Chrgs>{charges}</Chrgs>" if charges else ""
    [one] = read(entry(amount, side, f"{inside}{block}{more}</TxDtls>"))
    raw = one.raw
    assert raw["amount"] == Decimal(amount) * (1 if side == "CRDT" else -1)
    return str(raw["charges"]), str(raw["paid_amount"]), str(raw["paid_currency"])


@pytest.mark.parametrize(
    ("amounts", "charges", "expected"),
    [
        (FRANCS, record("5.00", "true"), "5.00"),
        (FRANCS, record("5.00", "1") + record("0.50", "false"), "5.00"),
        (FRANCS, record("5.00", "false"), "None"),
        (FRANCS, record("5.00"), "None"),
        (FRANCS + INTO_EUROS, record("5.00"), "5.00"),
        (FRANCS + amt("CntrValAmt", "1045.10", EUR), record("5.00"), "None"),
        (amt("InstdAmt", "1000.00", "CHF", exchange("1.0501")), record("5.00"), "5.00"),
        (amt("InstdAmt", "1000.00", "CHF", exchange("0.9522902580")), record("5.00"), "5.00"),
        (FRANCS + INTO_EUROS, total("5.00"), "5.00"),
        (FRANCS, total("5.95") + record("5.00", "true"), "5.95"),
        (FRANCS, record("7.00", "true") + record("2.00", "true", side="CRDT"), "5.00"),
        (FRANCS, "", "None"),
    ],
    ids=[
        *("included", "partly", "beside it", "not said", "proven", "disproven", "by rate"),
        *("by the rate the other way", "total", "tax", "given back", "none"),
    ],
)
def test_francs_bought_with_a_charge(amounts: str, charges: str, expected: str) -> None:
    assert told("1045.10", amounts, charges) == (expected, "1000.00", "CHF")


def test_version_2_says_charges_without_records() -> None:
    def old(amount: str) -> str:
        return f'{total("5.00")}<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd>'

    for charges in (old("5.00"), f"{old('4.00')}</Chrgs><Chrgs>{old('1.00')}"):
        assert told("1045.10", FRANCS + INTO_EUROS, charges) == ("5.00", "1000.00", "CHF")


def test_a_fee_off_a_payment_in_euros() -> None:
    ordered = amt("InstdAmt", "100.00", EUR)
    assert told("98.50", ordered, record("1.50")) == ("1.50", "None", "None")
    assert told("98.50", ordered, "") == ("None", "None", "None")
    assert told("98.50", "", record("1.50")) == ("None", "None", "None")
    assert told("97.00", ordered, record("1.50", "true")) == ("1.50", "None", "None")


def test_a_return_with_its_charge() -> None:
    sent = amt("InstdAmt", "100.00", EUR) + amt("TxAmt", "103.00", EUR)
    back = "<RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf>"
    assert told("103.00", sent, record("3.00"), "DBIT", back)[0] == "3.00"
    francs = told("1063.00", FRANCS, record("3.00", "true"), "DBIT", back)
    assert francs == ("3.00", "-1000.00", "CHF")


def test_what_another_bank_took_in_francs_was_not_paid_unless_it_is_told() -> None:
    arrived = FRANCS + amt("TxAmt", "990.00", "CHF")
    assert told("1039.50", arrived) == ("None", "990.00", "CHF")
    # 10.00 CHF at the rate of the other 990.00
    assert told("1039.50", arrived, record("10.00", "true", "CHF")) == ("10.50", "1000.00", "CHF")


def test_a_currency_of_the_past_is_left_out() -> None:
    assert told("26.54", amt("InstdAmt", "200.00", "HRK")) == ("None", "None", "None")


def test_the_amount_of_a_detail_may_be_the_francs() -> None:
    inside = f'<TxDtls><Amt Ccy="CHF">1000.00</Amt><AmtDtls>{INTO_EUROS}</AmtDtls></TxDtls>'
    [one] = read(entry("1050.10", "CRDT", inside))
    assert (one.raw["paid_amount"], one.raw["paid_currency"]) == (Decimal("1000.00"), "CHF")


def test_the_entry_tells_what_its_one_detail_does_not() -> None:
    whole = entry("98.50", "CRDT", "<TxDtls/>").replace(
        "<BkTxCd/>", f"<BkTxCd/><Chrgs>{record('1.50', 'true')}</Chrgs>"
    )
    [one] = read(whole)
    assert one.raw["charges"] == Decimal("1.50")


def test_details_before_their_charges_are_the_entry_after_them() -> None:
    def detail(amount: str, charge: str) -> str:
        return f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><Chrgs>{record(charge)}</Chrgs></TxDtls>'

    found = read(entry("147.00", "CRDT", detail("100.00", "2.00") + detail("50.00", "1.00")))
    assert [(str(one.raw["amount"]), str(one.raw["charges"])) for one in found] == [
        ("98.00", "2.00"),
        ("49.00", "1.00"),
    ]
