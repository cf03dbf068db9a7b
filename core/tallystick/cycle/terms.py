"""The terms every step of the cycle works under: plain values made from the config once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tallystick.billing.charges import ChargeModel
from tallystick.billing.invoice.proposal import Decide, Objection, Proposal, leave_it
from tallystick.billing.price_book import PriceBook
from tallystick.billing.tax.rates import Known, Rounding, Taxing, TaxRate
from tallystick.records import Client

if TYPE_CHECKING:
    from tallystick.billing.einvoice import Profile


@dataclass(frozen=True, slots=True)
class Policy:
    """What may go out without a person, in major units of each proposal's currency.

    `standing_limit` is the gross of one proposal, None: always a person. `run_limit` is the gross
    of all the policy approves for one period and currency, None: any. `sole_operator` says that
    there is no second person: whoever prepared it may approve it a day later.
    """

    standing_limit: Decimal | None = None
    run_limit: Decimal | None = None
    deviation_percent: Decimal = Decimal(50)
    first_run_hold: bool = True
    credit_notes: bool = False
    sole_operator: bool = False


@dataclass(frozen=True, slots=True)
class BillingTerms:
    """How this MSP bills. `homes` names the connection each record kind is at home in. Service
    that starts before `bill_from` was billed elsewhere. Documents are in `language` where the
    client has none of their own, and are written as e-invoices of each profile of `einvoices`;
    `detailed` says that an annex is written."""

    homes: Mapping[str, str]
    zone: ZoneInfo
    models: Mapping[str, ChargeModel]
    book: PriceBook
    taxes: Sequence[TaxRate]
    tax_category: str
    bill_from: date
    payment_terms_days: int
    number_format: str
    seller: Mapping[str, str]
    review: Callable[[Proposal], list[Objection]]
    language: str = "en"
    policy: Policy = Policy()
    tax_rounding: Rounding = "document"
    tax: Decide = leave_it
    einvoices: Sequence[Profile] = ()
    detailed: bool = False
    known_rates: Known = field(default_factory=dict, init=False, repr=False, compare=False)

    def taxing(self, client: Client) -> Taxing:
        """How this client is taxed."""
        return Taxing(
            self.taxes,
            category=client.tax_category or self.tax_category,
            country=client.country,
            region=client.region,
            vat_id=client.vat_id,
            rounding=self.tax_rounding,
            known=self.known_rates,
        )
