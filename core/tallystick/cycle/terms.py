"""The terms every step of the cycle works under: plain values made from the config once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from tallystick.billing.charges import ChargeModel
from tallystick.billing.price_book import PriceBook
from tallystick.billing.proposal import Objection, Proposal
from tallystick.billing.tax import TaxRate


@dataclass(frozen=True, slots=True)
class BillingTerms:
    """How this MSP bills. `homes` names the connection each record kind is at home in;
    `standing_limit` is the gross, in major units of the proposal's currency, up to which a
    proposal without holds needs no person; None means always a person. Service that starts
    before `bill_from` was billed elsewhere. Documents are in `language` where the client has none
    of their own."""

    homes: Mapping[str, str]
    zone: ZoneInfo
    models: Mapping[str, ChargeModel]
    book: PriceBook
    taxes: Sequence[TaxRate]
    tax_category: str
    bill_from: date
    payment_terms_days: int
    number_format: str
    standing_limit: Decimal | None
    seller: Mapping[str, str]
    review: Callable[[Proposal], list[Objection]]
    language: str = "en"
