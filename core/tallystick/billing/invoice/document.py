"""The invoice document: what an issued invoice or credit note says, before it is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tallystick.billing.tax.rates import TaxLine
from tallystick.money import Money, total
from tallystick.period import Period


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer as printed; `country` as it should be read, a code or a name.

    `electronic_address` is where e-invoices go, scheme and id (`9930:DE123456789`);
    `registration` a number in a company register, `tax_number` one that is no VAT id.
    """

    name: str
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    vat_id: str | None = None
    email: str | None = None
    phone: str | None = None
    contact: str | None = None
    tax_number: str | None = None
    registration: str | None = None
    electronic_address: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line; `unit_price` in major units, `corrects` the invoices a correction goes back to.

    `tax_category` and `tax_percent` are those of one of the document's tax lines; the percentage
    is open where a plugin decided the tax.
    """

    text: str
    service: Period
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: Money
    corrects: tuple[str, ...] = ()
    tax_category: str = ""
    tax_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """How the document is paid: to this account, or from `debited_iban` under `mandate`.

    The creditor identifier is the seller's in the SEPA direct debit scheme.
    """

    iban: str | None = None
    bic: str | None = None
    holder: str | None = None
    mandate: str | None = None
    creditor_id: str | None = None
    debited_iban: str | None = None


@dataclass(frozen=True, slots=True)
class Annexed:
    """A row of the detail annex: one booking, incident or asset behind a line of the document.

    `line` is the line's position, from 1. An asset has its type or none as `ref`, `days` where it
    counts for a part of the line's service, and no day and no amount of its own.
    """

    line: int
    on: date | None
    ref: str
    what: str
    quantity: Decimal
    unit: str
    amount: Money | None
    kind: Literal["booking", "incident", "asset"] = "booking"
    days: Period | None = None


@dataclass(frozen=True, slots=True)
class IncludedWork:
    """Work that the fee of one contract line, described as `text`, includes: `tickets` are those it
    was done on. The rows are behind no line of the document and have no amount; what was told of
    before and is no longer included has a negative quantity."""

    text: str
    tickets: int
    rows: tuple[Annexed, ...]


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice or credit note in one currency.

    Amounts have the sign they have in the books: those of a credit note are negative.
    `payment_note` says how to pay and may have several lines. `language` is a locale such as
    `de-DE`; `corrects` are the invoices a credit note goes back to, with their dates.
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
    language: str = "en"
    po_number: str = ""
    buyer_reference: str = ""
    payment: Payment = Payment()
    corrects: tuple[tuple[str, date], ...] = ()
    annex: tuple[Annexed, ...] = ()
    included: tuple[IncludedWork, ...] = ()

    @property
    def net(self) -> Money:
        return total((line.net for line in self.lines), self.currency)

    @property
    def tax(self) -> Money:
        return total((tax.amount for tax in self.taxes), self.currency)

    @property
    def gross(self) -> Money:
        return self.net + self.tax
