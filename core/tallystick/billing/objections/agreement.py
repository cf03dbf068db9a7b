"""What the contracts themselves say: an order that is used up, an end that comes near."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tallystick.billing.facts import contract_end
from tallystick.billing.invoice.proposal import Objection
from tallystick.billing.objections.case import Case
from tallystick.money import Money
from tallystick.records import Contract

LOW_PERCENT = 20
ENDING = timedelta(days=60)


def order(case: Case) -> Iterator[Objection]:
    """What the purchase order allows, less what was invoiced on it, less this proposal."""
    for contract in case.contracts:
        if contract.po_amount is not None:
            yield from _order(case, contract, Money.rounded(contract.po_amount, contract.currency))


def _order(case: Case, contract: Contract, allowed: Money) -> Iterator[Objection]:
    invoiced = case.on_order.get(contract.id, Money.zero(allowed.currency))
    now = case.net_of(contract.id)
    left = allowed - invoiced - now
    name = f"Order {contract.po_number}" if contract.po_number else "The order"
    figures = f"{allowed} net, {invoiced} invoiced before, {now} now"
    if left.minor < 0 and now.minor > 0:
        yield Objection(
            "order_exhausted",
            "hold",
            f"{name} of {contract.name} is exceeded by {-left} ({figures}).",
            "Have the client raise it and correct the contract, or approve it with the reason.",
        )
    elif left.minor * 100 < allowed.minor * LOW_PERCENT:
        yield Objection(
            "order_low",
            "note",
            f"{name} of {contract.name} has {left} left ({figures}).",
            "Ask the client for a new order in time.",
        )


def ending(case: Case) -> Iterator[Objection]:
    """A contract that ends within 60 days of the period."""
    until = case.proposal.period.end
    for contract in case.contracts:
        end = contract_end(contract)
        if until <= end <= until + ENDING:
            yield Objection(
                "contract_ending",
                "note",
                f"{contract.name} ends on {end - timedelta(days=1)}.",
                "Renew it, or check what is left to bill and to give back.",
            )
