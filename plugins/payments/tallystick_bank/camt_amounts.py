"""What a camt entry tells besides its amount: charges, and money of another currency. Pure.

    InstdAmt 1000.00 CHF    as the payer ordered it, before charges
    TxAmt                   as it was sent; in which currency differs between banks
    CntrValAmt 1050.10 EUR  what the exchange made of it, before charges
    Chrgs 5.00 EUR          `ChrgInclInd` says whether the entry's 1045.10 EUR are less by them

Definitions: ISO 20022 message definition report of camt.053, AmountAndCurrencyExchange and Charges.
Version 2 has no `ChrgInclInd`, later ones may leave it out: charges then are included only where an
amount told before charges shows it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from tallystick.errors import SkipRecord
from tallystick_bank.transaction import exact, nearest

log = logging.getLogger(__name__)

AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{0,5})?")
"""ActiveOrHistoricCurrencyAndAmount: at most 18 digits, 5 of them decimals, no sign."""
RATE = re.compile(r"[0-9]{1,11}(\.[0-9]{1,10})?")
_PAID: Final = ("AmtDtls/InstdAmt", "AmtDtls/TxAmt", ".")
_WORTH: Final = ("AmtDtls/CntrValAmt", *_PAID)


class Charge(NamedTuple):
    """Positive where the bank took it; `included` is None where the bank does not say."""

    amount: Decimal
    currency: str
    included: bool | None


class Aside(NamedTuple):
    """`charges` in the account's currency, positive where they made the entry's money less; `paid`
    and its currency where the payer's is another one, unsigned."""

    charges: Decimal = Decimal(0)
    paid: Decimal | None = None
    currency: str | None = None


def aside(
    entry: Element, details: list[Element], amount: Decimal, currency: str, whole: bool
) -> Aside:
    """Charges and the payer's own money of a part: from its one detail, else from the entry where
    the part is all of it."""
    of_detail = _aside(details[0], amount, currency) if len(details) == 1 else Aside()
    told = _fuller(of_detail, _aside(entry, amount, currency)) if whole else of_detail
    charges = exact(told.charges, currency)
    if told.paid is None or told.currency is None:
        return Aside(charges)
    try:
        return Aside(charges, exact(told.paid, told.currency), told.currency)
    except SkipRecord as error:
        log.warning("What was paid in %s is left out: %s", told.currency, error.what)
        return Aside(charges)


def _aside(node: Element, amount: Decimal, currency: str) -> Aside:
    """What `node`, whose money in or out is the signed `amount` of its account, tells besides.

    Charges taken in the payer's currency are worth what the rest of its money made.
    """
    found = _paid(node, currency)
    told = list(_charges(node))
    own = _included([one for one in told if one.currency == currency], node, amount, currency)
    if found is None:
        return Aside(own)
    paid, into = found
    sent = sum((c.amount for c in told if c.currency == into and c.included), Decimal(0))
    arrived = amount_of(node.find("AmtDtls/TxAmt/Amt"))
    if arrived and arrived[1] == into:
        paid = min(paid, arrived[0] + sent)
    if not paid:
        return Aside(own)
    if amount > 0 and 0 < sent < paid:
        own += nearest((amount + own) * sent / (paid - sent), currency)
    return Aside(own, paid, into)


def _fuller(first: Aside, second: Aside) -> Aside:
    """`first`, with what it does not tell from `second`."""
    paid = first if first.currency else second
    return Aside(first.charges or second.charges, paid.paid, paid.currency)


def charges_of(node: Element, currency: str) -> Decimal:
    """The charges in `currency` that may have made the money of `node` less."""
    told = (one for one in _charges(node) if one.currency == currency)
    return sum((one.amount for one in told if one.included is not False), Decimal(0))


def amount_of(node: Element | None) -> tuple[Decimal, str] | None:
    """The amount and currency of an `Amt`; None where they are missing or are no valid values."""
    text = "" if node is None else (node.text or "").strip()
    if node is None or not AMOUNT.fullmatch(text):
        return None
    currency = node.get("Ccy", "")
    return (Decimal(text), currency) if re.fullmatch("[A-Z]{3}", currency) else None


def _paid(node: Element, currency: str) -> tuple[Decimal, str] | None:
    """What the payer paid, where that is of another currency than the account."""
    told = (amount_of(node.find(f"{path}/Amt")) for path in _PAID)
    return next((one for one in told if one and one[1] != currency), None)


def _charges(node: Element) -> Iterator[Charge]:
    """Every charge; the total where that is all there is, or holds taxes on top of its records.
    Version 2 repeats the block for each charge, and its total stands for all of them."""
    blocks = node.findall("Chrgs")
    for block in blocks:
        records = [one for one in map(_charge, block.findall("Rcrd") or [block]) if one]
        total = amount_of(block.find("TtlChrgsAndTaxAmt")) if len(blocks) == 1 else None
        alike = {(one.currency, one.included) for one in records}
        if total is None or len(alike) > 1 or any(one.amount < 0 for one in records):
            yield from records
        elif not records:
            yield Charge(*total, None)
        elif records[0].currency == total[1]:
            yield Charge(*total, records[0].included)
        else:
            yield from records


def _charge(node: Element) -> Charge | None:
    found = amount_of(node.find("Amt"))
    if found is None:
        return None
    indicator = (node.findtext("ChrgInclInd") or "").strip()
    included = {"true": True, "1": True, "false": False, "0": False}.get(indicator)
    given_back = (node.findtext("CdtDbtInd") or "").strip() == "CRDT"
    return Charge(-found[0] if given_back else found[0], found[1], included)


def _included(told: list[Charge], node: Element, amount: Decimal, currency: str) -> Decimal:
    """The charges that made the money less: those said to be included, or all that nothing is
    said of where an amount before charges proves it."""
    said = sum((one.amount for one in told if one.included), Decimal(0))
    unsaid = sum((one.amount for one in told if one.included is None), Decimal(0))
    before = abs(amount + said + unsaid)
    return said + unsaid if unsaid and before in set(_worths(node, currency)) else said


def _worths(node: Element, currency: str) -> Iterator[Decimal]:
    """What the money may have been worth in the account's currency before charges."""
    for path in _WORTH:
        found = amount_of(node.find(f"{path}/Amt"))
        if found and found[1] == currency:
            yield found[0]
    paid = _paid(node, currency)
    for told in node.iterfind("AmtDtls//CcyXchg/XchgRate"):
        text = (told.text or "").strip()
        if paid and RATE.fullmatch(text) and Decimal(text):
            yield nearest(paid[0] * Decimal(text), currency)
            yield nearest(paid[0] / Decimal(text), currency)
