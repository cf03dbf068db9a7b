"""An invoice or credit note of ours in Xero's words, and what Xero has of it in ours.

    ours           Xero          amounts there
    invoice        Invoice       as ours
    credit note    CreditNote    the other sign: a credit note of Xero's is positive

Xero rounds tax line by line, we round it once for each rate; so each line is sent with its part of
our tax, which Xero then takes as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tallystick.connector import Raw
from tallystick.money import Money
from tallystick_xero.chart import tax_type
from tallystick_xero.wire import decimal_of

PLACES_MAX: Final = 4
"""So many decimals Xero takes of a quantity, and with `unitdp=4` of a price."""
GONE: Final = frozenset({"VOIDED", "DELETED"})


def is_credit(raw: Raw) -> bool:
    gross: Decimal = raw["gross"]
    return gross < 0 or (gross == 0 and raw["kind"] == "credit_note")


def document(
    raw: Raw, contact: str, code: Callable[[str], str], types: Mapping[str, str]
) -> dict[str, Any]:
    """The invoice `raw` for the contact with Xero's id `contact`, approved."""
    credit = is_credit(raw)
    sign = -1 if credit else 1
    lines = [
        {
            "Description": line["description"],
            **_priced(line, raw["currency"], sign),
            "AccountCode": code(line["account"]),
            "TaxType": tax_type(types, line["tax_category"], percent),
            "TaxAmount": (tax * sign).amount,
        }
        for line, percent, tax in taxed(raw)
    ]
    common = {
        "Contact": {"ContactID": contact},
        "Date": raw["issued_on"].isoformat(),
        "LineAmountTypes": "Exclusive",
        "CurrencyCode": raw["currency"],
        "Status": "AUTHORISED",
        "LineItems": lines,
    }
    if credit:
        return {"Type": "ACCRECCREDIT", "CreditNoteNumber": raw["number"], **common}
    due_on = raw.get("due_on") or raw["issued_on"]
    return {
        "Type": "ACCREC",
        "InvoiceNumber": raw["number"],
        **common,
        "DueDate": due_on.isoformat(),
    }


def readback(theirs: Raw) -> dict[str, Any]:
    """Number, currency, gross and tax as Xero has them, with our sign."""
    sign = -1 if theirs.get("Type") == "ACCRECCREDIT" else 1
    return {
        "number": theirs.get("CreditNoteNumber" if sign < 0 else "InvoiceNumber"),
        "currency": theirs.get("CurrencyCode"),
        "gross": sign * decimal_of(theirs, "Total"),
        "tax": [{"amount": sign * decimal_of(theirs, "TotalTax")}],
    }


def taxed(raw: Raw) -> Iterator[tuple[Raw, Decimal, Money]]:
    """Each line with its rate and its part of our tax.

    Up to each line of a rate the tax is rounded on the sum so far, so no line is off by more than
    one minor unit; the last one of the rate brings it to what we charge.
    """
    currency = raw["currency"]
    ours = {(tax["category"], tax["percent"]): tax["amount"] for tax in raw["tax"]}
    rates = [_rate(line, raw["tax"]) for line in raw["lines"]]
    last = {rate: at for at, rate in enumerate(rates)}
    nets: dict[tuple[str, Decimal], Money] = {}
    told: dict[tuple[str, Decimal], Money] = {}
    zero = Money.zero(currency)
    for at, (line, rate) in enumerate(zip(raw["lines"], rates, strict=True)):
        nets[rate] = nets.get(rate, zero) + Money.exact(line["net"], currency)
        so_far = nets[rate].percent(rate[1])
        if at == last[rate]:
            so_far = Money.exact(ours[rate], currency) if rate in ours else so_far
        yield line, rate[1], so_far - told.get(rate, zero)
        told[rate] = so_far


def _rate(line: Raw, taxes: list[Raw]) -> tuple[str, Decimal]:
    category, percent = line["tax_category"], line.get("tax_percent")
    if percent is None:
        known = [tax["percent"] for tax in taxes if tax["category"] == category]
        percent = known[0] if known else Decimal(0)
    return category, percent


def _priced(line: Raw, currency: str, sign: int) -> dict[str, Decimal]:
    """Quantity and price where Xero would reckon the same amount from them, else one of the whole:
    a line of steps or of more decimals than Xero has keeps its amount."""
    net = Money.exact(line["net"], currency) * sign
    quantity, price = abs(line.get("quantity", Decimal(0))), line.get("unit_price", Decimal(0))
    exact = all(_places(one) <= PLACES_MAX for one in (quantity, price))
    signed = price.copy_sign(net.amount) if net else price
    if not quantity or not exact or Money.rounded(quantity * signed, currency) != net:
        quantity, signed = Decimal(1), net.amount
    return {"Quantity": quantity, "UnitAmount": signed, "LineAmount": net.amount}


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else PLACES_MAX + 1
