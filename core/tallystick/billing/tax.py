"""Tax by category, from a dated table, rounded once per category and document.

Rounding per document category is the rule of EN 16931 (BR-CO-17): 15 % on 25.06 + 25.61
+ 25.63 is 11.45, where rounding each line would make it 11.44.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tallystick.errors import SkipRecord
from tallystick.money import Money, total


@dataclass(frozen=True, slots=True)
class TaxRate:
    category: str
    percent: Decimal
    valid_from: date = date.min


TaxCode = Literal["S", "Z", "E", "AE", "K", "G", "O"]
"""VAT category codes of EN 16931 (UNTDID 5305): standard, zero, exempt, reverse charge, supply
within the EU, export, outside the scope of tax."""


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one category on a document: `amount` = `net` x `percent`, half away from zero.

    `code` says what kind of category it is, `exemption` why no tax is charged where none is.
    """

    category: str
    percent: Decimal
    net: Money
    amount: Money
    code: TaxCode = "S"
    exemption: str = ""


def percent_of(category: str, on: date, table: Sequence[TaxRate]) -> Decimal:
    """The percentage in force; raises `SkipRecord` when the table has none."""
    known = [rate for rate in table if rate.category == category and rate.valid_from <= on]
    if not known:
        raise SkipRecord(
            f"Tax category {category!r} has no rate on {on}.",
            do="Add a [[tax]] table for it to tallystick.toml, or correct the category.",
        )
    return max(known, key=lambda rate: rate.valid_from).percent


def tax_lines(
    nets: Iterable[tuple[str, Money]], currency: str, on: date, table: Sequence[TaxRate]
) -> tuple[TaxLine, ...]:
    """One tax line per category, in the order of their names; empty for no amounts."""
    by_category: dict[str, list[Money]] = {}
    for category, net in nets:
        by_category.setdefault(category, []).append(net)
    lines = []
    for category in sorted(by_category):
        percent = percent_of(category, on, table)
        net = total(by_category[category], currency)
        tax = Money.rounded(Fraction(net.amount) * Fraction(percent) / 100, currency)
        lines.append(TaxLine(category, percent, net, tax))
    return tuple(lines)
