"""The invoice document: what an issued invoice or credit note says, before it is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tallystick.billing.tax import TaxLine
from tallystick.money import Money, total
from tallystick.period import Period


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer as printed; `country` as it should be read, a code or a name."""

    name: str
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    vat_id: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line; `unit_price` in major units, `corrects` the invoices a correction goes back to."""

    text: str
    service: Period
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: Money
    corrects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice or credit note in one currency.

    Amounts have the sign they have in the books: those of a credit note are negative.
    `payment_note` says how to pay and may have several lines.
    """

    number: str
    kind: Literal["invoice", "credit_note"]
    issued_on: date
    due_on: date
    seller: Party
    buyer: Party
    currency: str
    lines: tuple[DocumentLine, ...]
    taxes: tuple[TaxLine, ...]
    payment_note: str = ""

    @property
    def net(self) -> Money:
        return total((line.net for line in self.lines), self.currency)

    @property
    def tax(self) -> Money:
        return total((tax.amount for tax in self.taxes), self.currency)

    @property
    def gross(self) -> Money:
        return self.net + self.tax
