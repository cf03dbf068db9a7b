"""One client priced: the proposals it should get, and what keeps work out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tallystick.billing.assemble import Assembled, ClientFacts, assemble
from tallystick.billing.charges import Charge, Earning, Placement
from tallystick.billing.difference import Billed, difference
from tallystick.billing.pricing import Pricing, price
from tallystick.billing.proposal import Objection, Proposal, compose
from tallystick.billing.review import review
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import TallystickError
from tallystick.period import Period


@dataclass(frozen=True, slots=True)
class PricedClient:
    """Everything pricing says about one client up to a date."""

    facts: ClientFacts
    assembled: Assembled
    pricings: dict[str, Pricing]

    @property
    def charges(self) -> list[Charge]:
        return [charge for pricing in self.pricings.values() for charge in pricing.charges]

    @property
    def placements(self) -> list[Placement]:
        routed = [one for pricing in self.pricings.values() for one in pricing.placements]
        return [*routed, *self.assembled.unrouted]

    @property
    def earnings(self) -> list[Earning]:
        return [one for pricing in self.pricings.values() for one in pricing.earnings]


def price_client(facts: ClientFacts, terms: BillingTerms, until: date) -> PricedClient:
    """Price every contract of the client from its start to before `until`."""
    assembled = assemble(facts, terms.models)
    pricings = {
        one.contract.id: price(one, until, terms.models, terms.book) for one in assembled.contracts
    }
    return PricedClient(facts, assembled, pricings)


def proposals(
    priced: PricedClient,
    billed: Sequence[Billed],
    terms: BillingTerms,
    period: Period,
    quarantined: int,
) -> list[Proposal]:
    """What is left to bill, one proposal per currency, each with its objections.

    A contract that cannot be read is left as it was billed: its charges are neither added
    nor taken back, and the proposal is held. Raises `SkipRecord` when a tax rate is missing, and
    when a contract that cannot be read is all there is.
    """
    unreadable = priced.assembled.unreadable
    since = terms.bill_from
    comparable = [
        one for one in billed if one.contract not in unreadable and one.service.start >= since
    ]
    ours = [one for one in priced.charges if one.service.start >= since]
    dues = difference(ours, comparable, period.end)
    if unreadable and not dues:
        raise next(iter(unreadable.values()))
    by_currency: dict[str, list[int]] = {}
    for index, due in enumerate(dues):
        by_currency.setdefault(due.charge.amount.currency, []).append(index)
    held = [one for one in priced.placements if one.bucket == "held"]
    uncounted = priced.assembled.uncounted
    objections = [_unreadable(error) for error in unreadable.values()]
    client = priced.facts.client
    category = client.tax_category or terms.tax_category
    result = []
    for currency, indices in sorted(by_currency.items()):
        own = [dues[index] for index in indices]
        draft = compose(client.id, currency, period, own, category, terms.taxes)
        found = [*review(draft, held, uncounted, quarantined), *terms.review(draft), *objections]
        result.append(draft.reviewed(found))
    return result


def _unreadable(error: TallystickError) -> Objection:
    return Objection("unreadable_contract", "hold", str(error), error.do)
