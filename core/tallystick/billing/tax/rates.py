"""Tax by category: a dated table of rates, and the one that applies to a client on a day.

Of the rates of a category those in force on the day and meant for the client's place are asked:
one for the region before one for the country before one for anywhere, of equals the latest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct, field

from tallystick.errors import SkipRecord
from tallystick.money import Money

TaxCode = Literal["S", "Z", "E", "AE", "K", "G", "O"]
"""VAT category codes of EN 16931 (UNTDID 5305): standard, zero, exempt, reverse charge, supply
within the EU, export, outside the scope of tax."""

Rounding = Literal["document", "line"]

EXEMPTIONS: dict[TaxCode, str] = {
    "AE": "Reverse charge",
    "K": "Intra-Community supply",
    "G": "Export outside the EU",
    "O": "Not subject to tax",
}
"""Why no tax is charged, where the table does not say it better; `E` has no reason of its own."""


@dataclass(frozen=True, slots=True)
class TaxRate:
    """`percent` of the net amount, from `valid_from` until the next rate of its kind.

    `country` (ISO 3166) and `region` limit it to clients there. `included`: prices of the
    category contain the tax. `needs_vat_id`: only for clients whose VAT id is known.
    """

    category: str
    percent: Decimal
    valid_from: date = date.min
    country: str | None = None
    region: str | None = None
    code: TaxCode = "S"
    exemption: str = ""
    included: bool = False
    needs_vat_id: bool = False


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one category and percentage on a document: `amount` of `net`.

    `code` says what kind of category it is, `exemption` why no tax is charged where none is.
    """

    category: str
    percent: Decimal
    net: Money
    amount: Money
    code: TaxCode = "S"
    exemption: str = ""


Known = dict[tuple[str, date | Decimal, str | None, str | None], TaxRate | None]
"""The rate of a category on a day, or of a percentage, in a country and region."""


class Taxing(Struct, frozen=True):
    """How one client is taxed: the table, the category of what names none, and who they are.

    `known` is what the table answered before; all clients taxed by one table may share it.
    """

    rates: Sequence[TaxRate]
    category: str = "standard"
    country: str | None = None
    region: str | None = None
    vat_id: str | None = None
    rounding: Rounding = "document"
    known: Known = field(default_factory=dict)

    def rate(self, category: str, on: date) -> TaxRate | None:
        """The rate of `category` for what was supplied on `on`, None when the table has none."""
        key = (category, on, self.country, self.region)
        if key not in self.known:
            in_force = (one for one in self._here(category) if one.valid_from <= on)
            self.known[key] = _first(in_force)
        return self.known[key]

    def kind(self, category: str, percent: Decimal) -> TaxRate:
        """The rate that `percent` of `category` was charged at: its code and reason."""
        key = (category, percent, self.country, self.region)
        found = self.known.get(key)
        if found is None:
            charged = _first(one for one in self._here(category) if one.percent == percent)
            found = charged or TaxRate(category, percent, code="S" if percent else "Z")
            self.known[key] = found
        return found

    def places(self, category: str) -> bool:
        """Whether the rates of `category` depend on where the client is."""
        return any(one.country for one in self.rates if one.category == category)

    def _here(self, category: str) -> list[TaxRate]:
        place = {None, self.country and self.country.upper()}
        return [
            one
            for one in self.rates
            if one.category == category
            and one.country in place
            and one.region in {None, self.region}
        ]


def _first(rates: Iterable[TaxRate]) -> TaxRate | None:
    return max(
        rates,
        key=lambda one: (one.region is not None, one.country is not None, one.valid_from),
        default=None,
    )


def no_rate(category: str, on: date) -> SkipRecord:
    return SkipRecord(
        f"Tax category {category!r} has no rate on {on}.",
        do="Add a [[tax]] table for it to tallystick.toml, or correct the category.",
    )
