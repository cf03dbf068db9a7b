"""All contracts of a client through the real functions: assemble, price, settle, compose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tests.billing.contract_oracle import PLACES
from tests.billing.strategies import book

from tallystick.billing.assemble import ClientFacts, assemble
from tallystick.billing.charges import Charge, Placement
from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.grouping import by_invoice
from tallystick.billing.invoice.proposal import Proposal, compose
from tallystick.billing.models import SHIPPED
from tallystick.billing.pricing import Pricing, price
from tallystick.billing.tax.rates import Taxing
from tallystick.billing.tax.taxation import settled
from tallystick.period import Period

BOOKS = {currency: book(currency) for currency in PLACES}


@dataclass(frozen=True)
class Priced:
    charges: list[Charge]
    pricings: list[Pricing]
    unrouted: Sequence[Placement]


def priced(facts: ClientFacts, taxing: Taxing, until: date) -> Priced:
    assembled = assemble(facts, SHIPPED)
    assert not assembled.unreadable
    pricings = [
        price(one, until, SHIPPED, BOOKS[one.contract.currency]) for one in assembled.contracts
    ]
    charges = [settled(one, taxing) for pricing in pricings for one in pricing.charges]
    return Priced(charges, pricings, assembled.unrouted)


def proposals(
    dues: Sequence[Due], facts: ClientFacts, taxing: Taxing, until: date
) -> list[Proposal]:
    contracts = {one.id: one for one, _ in facts.contracts}
    period = Period(until - timedelta(days=28), until)
    return [
        compose("K", currency, period, own, taxing, group=group)
        for (currency, group), own in by_invoice(dues, contracts).items()
    ]
