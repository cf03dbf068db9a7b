"""An invoice or credit note of ours in Tryton's words, and what Tryton has of it in ours.

Tryton has one kind for both: a credit note is an invoice with a total below zero. It keeps the tax
it is given as long as it stands on the base it would reckon itself, one for the lines above and
one for the lines below zero; so our tax stands there to the cent, however it rounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tallystick.connector import Raw
from tallystick.errors import SkipRecord
from tallystick.money import Money
from tallystick_tryton.chart import Chart, id_of
from tallystick_tryton.spelling import Number
from tallystick_tryton.wire import decimal_of

MODEL: Final = "account.invoice"
PLACES_MAX: Final = 4
"""So many decimals Tryton takes of a price, as it is shipped."""
FIELDS: Final = (
    *("number", "reference", "state", "total_amount", "tax_amount", "amount_to_pay"),
    *("currency.code", "party", "account"),
)
STANDS: Final = frozenset({"posted", "paid"})


def document(raw: Raw, party: Raw, chart: Chart, company: int, journal: str) -> dict[str, Any]:
    """The invoice `raw` for a party, as a draft."""
    currency = chart.currency(raw["currency"])
    rates = [(line["tax_category"], _percent(line, raw["tax"])) for line in raw["lines"]]
    lines = [
        {
            "type": "line",
            "invoice_type": "out",
            "company": company,
            "currency": currency,
            "description": line["description"],
            "account": chart.account(line["account"])["id"],
            "taxes": [["add", [chart.tax(*rate)["id"]]]],
            **_priced(line, raw["currency"]),
        }
        for line, rate in zip(raw["lines"], rates, strict=True)
    ]
    return {
        "type": "out",
        "company": company,
        "party": party["id"],
        "invoice_address": _address(party),
        "currency": currency,
        "journal": chart.journal(journal),
        "account": receivable(raw, chart)["id"],
        "reference": raw["number"],
        "invoice_date": raw["issued_on"],
        "payment_term_date": raw.get("due_on") or raw["issued_on"],
        "lines": [["create", lines]],
        "taxes": [["create", _taxes(raw, rates, chart)]],
    }


def receivable(raw: Raw, chart: Chart) -> Raw:
    account = chart.account(raw["receivable"])
    if not (account.get("type") or {}).get("receivable"):
        raise SkipRecord(
            f"Tryton's account {raw['receivable']} is none of what clients owe.",
            do="Give `receivable` under [accounts] an account of a type that is receivable.",
        )
    return account


def readback(theirs: Raw) -> dict[str, Any]:
    """Number, currency, gross and tax as Tryton has them; its own number beside them."""
    return {
        "number": theirs.get("reference"),
        "theirs": theirs.get("number"),
        "currency": currency_of(theirs),
        "gross": decimal_of(theirs, "total_amount"),
        "tax": [{"amount": decimal_of(theirs, "tax_amount")}],
    }


def currency_of(theirs: Raw) -> str | None:
    currency = theirs.get("currency")
    return currency.get("code") if isinstance(currency, Mapping) else None


def differs(raw: Raw, theirs: Raw) -> str | None:
    """What Tryton reckons of a draft otherwise than we do."""
    ours = (raw["gross"], sum((tax["amount"] for tax in raw["tax"]), Decimal(0)))
    found = (decimal_of(theirs, "total_amount"), decimal_of(theirs, "tax_amount"))
    if found == ours:
        return None
    return (
        f"Tryton reckons a total of {found[0]} with a tax of {found[1]}, and we issued {ours[0]}"
        f" with {ours[1]}"
    )


def _taxes(raw: Raw, rates: list[tuple[str, Decimal]], chart: Chart) -> list[dict[str, Any]]:
    """Our tax on what Tryton takes together: the lines of one tax and one sign. Where a rate has
    both signs, those below zero have what the others leave of it."""
    currency = raw["currency"]
    zero = Money.zero(currency)
    bases: dict[tuple[tuple[str, Decimal], bool], Money] = {}
    for line, rate in zip(raw["lines"], rates, strict=True):
        net = Money.exact(line["net"], currency)
        side = (rate, net.minor >= 0)
        bases[side] = bases.get(side, zero) + net
    left = {(tax["category"], tax["percent"]): tax["amount"] for tax in raw["tax"]}
    merged: dict[tuple[int, bool], dict[str, Any]] = {}
    for (rate, above), base in sorted(bases.items(), key=lambda one: not one[0][1]):
        tax = chart.tax(*rate)
        amount = left.get(rate, Decimal(0))
        if (rate, not above) in bases and above:
            amount = base.percent(rate[1]).amount
        left[rate] = left.get(rate, Decimal(0)) - amount
        account = id_of(tax, "invoice_account" if above else "credit_note_account")
        row = merged.setdefault(
            (tax["id"], above),
            {
                "tax": tax["id"],
                "account": account,
                "manual": False,
                "description": tax["name"],
                "base": Decimal(0),
                "amount": Decimal(0),
            },
        )
        row["base"] += base.amount
        row["amount"] += amount
    return list(merged.values())


def _percent(line: Raw, taxes: list[Raw]) -> Decimal:
    percent: Decimal | None = line.get("tax_percent")
    if percent is None:
        known = [tax["percent"] for tax in taxes if tax["category"] == line["tax_category"]]
        percent = known[0] if known else Decimal(0)
    return percent


def _priced(line: Raw, currency: str) -> dict[str, Any]:
    """Quantity and price where they make exactly the amount of the line, else one of the whole:
    Tryton rounds halves to the even cent, and has no more decimals of a price."""
    net = Money.exact(line["net"], currency).amount
    quantity, price = abs(line.get("quantity", Decimal(0))), line.get("unit_price", Decimal(0))
    quantity, price = quantity.copy_sign(net), abs(price)
    short = all(_places(one) <= PLACES_MAX for one in (quantity, price))
    if not short or quantity * price != net or not quantity:
        quantity, price = Decimal(1).copy_sign(net), abs(net)
    return {"quantity": Number(quantity), "unit_price": price}


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else PLACES_MAX + 1


def _address(party: Raw) -> int:
    found = [one for one in party.get("addresses") or () if isinstance(one, Mapping)]
    if not found:
        raise SkipRecord(
            f"Tryton's party {party.get('name')} has no address, and it takes no invoice without.",
            do="Give it one there.",
        )
    return int(found[0]["id"])
