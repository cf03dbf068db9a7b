"""The words a document needs in its language; dates and figures are babel's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Braces are filled in; `units` has each unit of a charge as said of one and
    of several, `categories` the tax categories the documentation names."""

    invoice: str
    credit_note: str
    date: str
    due: str
    service: str
    po_number: str
    buyer_reference: str
    contact: str
    phone: str
    email: str
    vat_id: str
    tax_number: str
    registration: str
    description: str
    quantity: str
    unit_price: str
    tax: str
    net: str
    net_total: str
    tax_total: str
    amount_due: str
    credited: str
    corrects: str
    corrected: str
    of_date: str
    credit_note_says: str
    set_off: str
    currency: str
    no_tax: str
    transfer: str
    debit: str
    account_holder: str
    reference: str
    mandate: str
    creditor_id: str
    annex: str
    annex_date: str
    annex_ref: str
    annex_amount: str
    included: str
    on_holidays: str
    except_holidays: str
    page: str
    untaxed: Mapping[str, str]
    categories: Mapping[str, str]
    units: Mapping[str, tuple[str, str]]
