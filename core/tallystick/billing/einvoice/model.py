"""An invoice in the terms of EN 16931: what both syntaxes write.

Every amount has the sign the document type asks for, every text is one that XML can carry,
and every optional text is empty where there is nothing to say. Amounts are in major units of
the document's currency; the standard allows them two decimals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tallystick.billing.einvoice.profiles import Profile
from tallystick.billing.tax.rates import TaxCode


@dataclass(frozen=True, slots=True)
class ETaxId:
    """BT-31/BT-48 where `vat`, otherwise the seller's national tax number BT-32."""

    number: str
    vat: bool


@dataclass(frozen=True, slots=True)
class EParty:
    """Seller BG-4 or buyer BG-7; `address` is scheme and id of BT-34/BT-49."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    registration: str
    tax_ids: tuple[ETaxId, ...]
    address: tuple[str, str] | None
    contact: str
    phone: str
    email: str

    def has_vat_id(self) -> bool:
        return any(one.vat for one in self.tax_ids)


@dataclass(frozen=True, slots=True)
class ELine:
    """Invoice line BG-25: `quantity` BT-129 has the sign of `net` BT-131, `price` BT-146 none."""

    id: str
    name: str
    note: str
    quantity: Decimal
    unit: str
    price: Decimal
    net: Decimal
    code: TaxCode
    percent: Decimal
    start: date
    last: date


@dataclass(frozen=True, slots=True)
class EBreakdown:
    """VAT breakdown BG-23: one for each code and percentage."""

    code: TaxCode
    percent: Decimal
    net: Decimal
    tax: Decimal
    reason_code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EPayment:
    """Payment instructions BG-16; `means` is BT-81 by UNTDID 4461."""

    means: Literal["1", "30", "58", "59"]
    iban: str = ""
    bic: str = ""
    holder: str = ""
    mandate: str = ""
    creditor_id: str = ""
    debited_iban: str = ""


@dataclass(frozen=True, slots=True)
class EInvoice:
    """Invoice (BT-3 380) or credit note (381); `terms` is BT-20, `preceding` BG-3."""

    profile: Profile
    number: str
    credit_note: bool
    issued_on: date
    due_on: date | None
    terms: str
    currency: str
    buyer_reference: str
    order: str
    preceding: tuple[tuple[str, date | None], ...]
    seller: EParty
    buyer: EParty
    deliver_to: EParty | None
    payment: EPayment | None
    start: date
    last: date
    lines: tuple[ELine, ...]
    breakdown: tuple[EBreakdown, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal

    @property
    def type_code(self) -> str:
        return "381" if self.credit_note else "380"
