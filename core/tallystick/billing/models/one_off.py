"""One-off: an amount on a date or on a ticket's completion, alone or in milestones.

    milestones   design 3,000.00 on 2026-07-01    go-live 7,000.00 once ticket 812 is closed
                 |-- due 2 July                   |-- due the day after it is closed

Revenue of the day: what was agreed is delivered at that point.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from msgspec import Struct

from tallystick.billing.charges import ChargeModel, LineFacts, LineTerms, Priced, plausible
from tallystick.billing.facts import Facts
from tallystick.period import one_day


class Milestone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`amount`, in major units of the contract's currency, on a date or once a ticket is closed."""

    name: str
    amount: Decimal
    on: date | None = None
    ticket: str | None = None

    def __post_init__(self) -> None:
        if not plausible(self.amount):
            raise ValueError(f"amount {self.amount} is not a plausible figure")
        _one_reason(f"milestone {self.name!r}", self.on, self.ticket)


class OneOffTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    unit_price: Decimal | None = None
    quantity: Decimal = Decimal(1)
    on: date | None = None
    ticket: str | None = None
    milestones: tuple[Milestone, ...] = ()

    def __post_init__(self) -> None:
        LineTerms.__post_init__(self)
        if (self.unit_price is None) == (not self.milestones):
            raise ValueError("it needs either unit_price or milestones")
        if not self.milestones:
            _one_reason("unit_price", self.on, self.ticket)
        elif self.on or self.ticket:
            raise ValueError("each milestone has its own date or ticket, the line has none")
        names = [one.name for one in self.milestones]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"there are two milestones {twice[0]!r}")


def _one_reason(what: str, on: date | None, ticket: str | None) -> None:
    if (on is None) == (ticket is None):
        raise ValueError(f"{what} needs a date (on) or a ticket, and not both")


def price(line: LineFacts) -> Iterator[Priced]:
    terms: OneOffTerms = line.terms
    if terms.unit_price is not None:
        yield from _charge(
            line, "one_off", "", terms.quantity, terms.unit_price, terms.on, terms.ticket
        )
    for one in terms.milestones:
        basis, name = f"milestone:{one.name}", f": {one.name}"
        yield from _charge(line, basis, name, Decimal(1), one.amount, one.on, one.ticket)


def _charge(
    line: LineFacts,
    basis: str,
    name: str,
    quantity: Decimal,
    unit_price: Decimal,
    on: date | None,
    ticket: str | None,
) -> Iterator[Priced]:
    """Nothing while the ticket is open or unknown, or where the day is outside the line's days."""
    day = on if ticket is None else completed(line.facts, ticket)
    if day is None or not line.span.covers(day):
        return
    yield line.charge(
        basis=basis,
        service=one_day(day),
        group=f"{line.line.description}{name}",
        quantity=quantity,
        unit="piece",
        unit_price=unit_price,
        amount=quantity * unit_price,
        reason=(
            f"agreed for {day}" if ticket is None else f"ticket {ticket} closed {day}",
            f"{quantity} x {unit_price}",
        ),
        account="Income:OneOff",
    )


def completed(facts: Facts, ticket: str) -> date | None:
    """The local date on which `ticket`, a ref or its plain external id, was closed."""
    if ticket in facts.completed:
        return facts.completed[ticket]
    known = {ref.partition(":")[2]: day for ref, day in sorted(facts.completed.items())}
    return known.get(ticket)


MODEL = ChargeModel("one_off", OneOffTerms, "covered", price)
