"""An invoice or credit note of ours in QuickBooks' words, and what it has of it in ours.

ours           QuickBooks    amounts there
invoice        Invoice       as ours
credit note    CreditMemo    the other sign: a credit memo is positive
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from tallystick.connector import Raw
from tallystick.errors import SkipRecord
from tallystick.money import Money
from tallystick_quickbooks.chart import RECKONED_THERE, Chart
from tallystick_quickbooks.wire import decimal_of, value_of

NUMBER_LENGTH_MAX: Final = 21
PLACES_MAX: Final = 5
"""So many decimals are safe in a quantity or a price."""


def is_credit(raw: Raw) -> bool:
    gross: Decimal = raw["gross"]
    return gross < 0 or (gross == 0 and raw["kind"] == "credit_note")


def document(raw: Raw, customer: str, chart: Chart) -> dict[str, Any]:
    """The invoice or credit note `raw` for the customer with QuickBooks' id `customer`; raises
    `SkipRecord` for a number that is too long there."""
    number = raw["number"]
    if len(number) > NUMBER_LENGTH_MAX:
        raise SkipRecord(
            f"QuickBooks takes numbers of {NUMBER_LENGTH_MAX} characters at most.",
            do="Shorten the form of your invoice numbers; this one has to be booked by hand.",
        )
    credit = is_credit(raw)
    sign = -1 if credit else 1
    codes = [chart.tax_code(*_rate(line, raw["tax"]))[0] for line in raw["lines"]]
    made: dict[str, Any] = {
        "DocNumber": number,
        "CustomerRef": {"value": customer},
        "TxnDate": raw["issued_on"].isoformat(),
        "CurrencyRef": {"value": raw["currency"]},
        "Line": [
            {
                "DetailType": "SalesItemLineDetail",
                "Description": line["description"],
                "Amount": sign * line["net"],
                "SalesItemLineDetail": {
                    "ItemRef": {"value": chart.item(line["account"])},
                    "TaxCodeRef": {"value": code},
                    **_priced(line, raw["currency"], sign),
                },
            }
            for line, code in zip(raw["lines"], codes, strict=True)
        ],
        "TxnTaxDetail": _tax_detail(raw, sign, chart),
    }
    if not RECKONED_THERE.issuperset(codes):
        made["GlobalTaxCalculation"] = "TaxExcluded"
    if not credit and raw.get("due_on"):
        made["DueDate"] = raw["due_on"].isoformat()
    return made


def readback(theirs: Raw, credit: bool) -> dict[str, Any]:
    """Number, currency, gross and tax as QuickBooks has them, with our sign."""
    sign = -1 if credit else 1
    return {
        "number": theirs.get("DocNumber"),
        "currency": value_of(theirs, "CurrencyRef"),
        "gross": sign * decimal_of(theirs, "TotalAmt"),
        "tax": [{"amount": sign * decimal_of(theirs.get("TxnTaxDetail") or {}, "TotalTax")}],
    }


def _tax_detail(raw: Raw, sign: int, chart: Chart) -> dict[str, Any]:
    """Our tax for each rate, which QuickBooks takes in place of what it would reckon."""
    total = sign * sum((tax["amount"] for tax in raw["tax"]), Decimal(0))
    lines = list(_tax_lines(raw, sign, chart))
    return {"TotalTax": total, **({"TaxLine": lines} if lines else {})}


def _tax_lines(raw: Raw, sign: int, chart: Chart) -> Iterator[dict[str, Any]]:
    for tax in raw["tax"]:
        rate = chart.tax_code(tax["category"], tax["percent"])[1]
        if rate is None:
            continue
        of_rate = (tax["category"], tax["percent"])
        nets = [line["net"] for line in raw["lines"] if _rate(line, raw["tax"]) == of_rate]
        yield {
            "DetailType": "TaxLineDetail",
            "Amount": sign * tax["amount"],
            "TaxLineDetail": {
                "TaxRateRef": {"value": rate},
                "PercentBased": True,
                "TaxPercent": tax["percent"],
                "NetAmountTaxable": sign * sum(nets, Decimal(0)),
            },
        }


def _rate(line: Raw, taxes: list[Raw]) -> tuple[str, Decimal]:
    category, percent = line["tax_category"], line.get("tax_percent")
    if percent is None:
        known = [tax["percent"] for tax in taxes if tax["category"] == category]
        percent = known[0] if known else Decimal(0)
    return category, percent


def _priced(line: Raw, currency: str, sign: int) -> dict[str, Decimal]:
    """Quantity and price where QuickBooks would reckon the same amount from them, else neither."""
    net = Money.exact(line["net"], currency) * sign
    quantity, price = abs(line.get("quantity", Decimal(0))), line.get("unit_price", Decimal(0))
    signed = price.copy_sign(net.amount) if net else price
    exact = all(_places(one) <= PLACES_MAX for one in (quantity, price))
    if not quantity or not exact or Money.rounded(quantity * signed, currency) != net:
        return {}
    return {"Qty": quantity, "UnitPrice": signed}


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else PLACES_MAX + 1
