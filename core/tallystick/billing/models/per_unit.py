"""Per unit: a price per asset in force on the last day of each cycle.

A device that comes on the 20th is counted for the whole month, one retired on the 20th
not at all: the count at period end decides, the price is prorated only where the line
itself covers a part of the cycle.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tallystick.billing.charges import ChargeModel, LineFacts, Priced
from tallystick.billing.schedule import RecurringTerms, bill_slice, slices, unit_of
from tallystick.billing.tiers import price_of
from tallystick.records import Asset


class PerUnitTerms(RecurringTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    asset_types: tuple[str, ...]


def counts(asset: Asset, types: tuple[str, ...], day: date) -> bool:
    """Whether `asset` is of one of `types` (`*` is any) and in force on `day`."""
    return ("*" in types or asset.type in types) and (
        (asset.active_from or date.min) <= day < (asset.retired_on or date.max)
    )


def price(line: LineFacts) -> Iterator[Priced]:
    terms: PerUnitTerms = line.terms
    for one in slices(line):
        day = one.part.last_day
        counted = [asset for asset in line.facts.assets if counts(asset, terms.asset_types, day)]
        quantity = Decimal(len(counted))
        priced = price_of(Fraction(quantity), one.unit_price, terms.tiers)
        names = ", ".join(sorted(asset.name for asset in counted)) or "none"
        yield from bill_slice(
            line,
            one,
            kind="units",
            quantity=quantity,
            unit="device",
            unit_price=priced.unit_price(Fraction(quantity)),
            amount=one.share * priced.amount,
            reason=(
                f"{quantity} of type {', '.join(terms.asset_types)} on {day}: {names}",
                *(f"{why} per {unit_of(terms)}" for why in priced.reason),
            ),
            account="Income:PerUnit",
        )


MODEL = ChargeModel("per_unit", PerUnitTerms, "covered", price)
