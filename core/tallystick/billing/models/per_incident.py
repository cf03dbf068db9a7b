"""Per incident: a price per ticket closed in the period, by type and priority.

A ticket that missed its service level is charged in full and credited beside it by the
line's `sla_credit_percent`, so the gross price and the credit both stay visible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from typing import Annotated

from msgspec import Meta, Struct

from tallystick.billing.charges import ChargeModel, LineFacts, LineTerms, Priced, plausible
from tallystick.billing.facts import Incident
from tallystick.billing.quantities.counting import among
from tallystick.money import Money
from tallystick.period import CALENDAR, Cycle, Unit, one_day


class IncidentPrice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The price of tickets of certain types and priorities; what is not named does not matter."""

    types: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    unit_price: Decimal

    def __post_init__(self) -> None:
        if not plausible(self.unit_price):
            raise ValueError(f"unit_price {self.unit_price} is not a plausible figure")

    def match(self, kind: str | None, priority: str | None) -> bool:
        return among(self.types, kind) and among(self.priorities, priority)

    @property
    def named(self) -> int:
        """How much it names; the more, the more it is meant for a ticket it fits."""
        return sum(bool(one) and "*" not in one for one in (self.types, self.priorities))

    def __str__(self) -> str:
        parts = (("type", self.types), ("priority", self.priorities))
        return ", ".join(f"{what} {' or '.join(one)}" for what, one in parts if one) or "any"


class PerIncidentTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tickets count, what each costs, and how many of a calendar `cycle` are included."""

    unit_price: Decimal | None = None
    prices: tuple[IncidentPrice, ...] = ()
    priorities: tuple[str, ...] = ("*",)
    ticket_types: tuple[str, ...] = ("*",)
    included: Annotated[int, Meta(ge=0, le=100_000)] = 0
    cycle: Unit = "month"
    sla_credit_percent: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        LineTerms.__post_init__(self)
        if not 0 <= self.sla_credit_percent <= 100:
            raise ValueError("sla_credit_percent must be between 0 and 100")
        if self.unit_price is None and not self.prices:
            raise ValueError("there is no price: give unit_price or prices")
        _check_ties(self.prices)

    def price_of(self, incident: Incident) -> tuple[Decimal, str] | None:
        """What the ticket costs and why, None where the line does not count it."""
        if not (
            among(self.priorities, incident.priority) and among(self.ticket_types, incident.type)
        ):
            return None
        fitting = _best(self.prices, incident.type, incident.priority)
        if fitting:
            return fitting[0].unit_price, f"1 x {fitting[0].unit_price} for {fitting[0]}"
        return None if self.unit_price is None else (self.unit_price, f"1 x {self.unit_price}")


def _best(
    prices: Sequence[IncidentPrice], kind: str | None, priority: str | None
) -> list[IncidentPrice]:
    """The prices that fit such a ticket and name the most: one, unless there is a tie."""
    fitting = [one for one in prices if one.match(kind, priority)]
    most = max((one.named for one in fitting), default=0)
    return [one for one in fitting if one.named == most]


def _check_ties(prices: Sequence[IncidentPrice]) -> None:
    """Refuse prices of which two are meant alike for a ticket; raises `ValueError`.

    Tickets differ to them only by what some of them name, or by something none of them does.
    """
    types = {kind for one in prices for kind in one.types} - {"*"}
    priorities = {name for one in prices for name in one.priorities} - {"*"}
    for kind, priority in product((*sorted(types), None), (*sorted(priorities), None)):
        tied = _best(prices, kind, priority)
        if len(tied) > 1:
            raise ValueError(
                f"the prices for {tied[0]} and for {tied[1]} both fit a ticket of type "
                f"{kind or 'another'} and priority {priority or 'another'}: make one name more"
            )


def price(line: LineFacts) -> Iterator[Priced]:
    terms: PerIncidentTerms = line.terms
    cycle = Cycle(terms.cycle, 1, CALENDAR)
    so_far: Counter[int] = Counter()
    for incident in sorted(line.facts.incidents, key=lambda one: (one.closed_on, one.ref)):
        found = terms.price_of(incident) if line.span.covers(incident.closed_on) else None
        if found is None:
            continue
        unit_price, why = found
        index = cycle.index_of(incident.closed_on)
        so_far[index] += 1
        if so_far[index] <= terms.included:
            unit_price = Decimal(0)
            why = f"{so_far[index]} of {terms.included} included a {terms.cycle}"
        yield from _charges(line, incident, unit_price, why)


def _charges(
    line: LineFacts, incident: Incident, unit_price: Decimal, why: str
) -> Iterator[Priced]:
    terms: PerIncidentTerms = line.terms
    day = one_day(incident.closed_on)
    facts = f"ticket {incident.ref} closed {incident.closed_on}, priority {incident.priority}"
    yield line.charge(
        basis=f"ticket:{incident.ref}",
        service=day,
        group=line.line.description,
        quantity=Decimal(1),
        unit="incident",
        unit_price=unit_price,
        amount=Money.rounded(unit_price, line.currency),
        reason=(facts, why),
        account="Income:Incident",
    )
    credit = unit_price * terms.sla_credit_percent / 100
    if incident.sla_met is False and credit:
        yield line.charge(
            basis=f"sla:{incident.ref}",
            service=day,
            group=f"{line.line.description}: credit for missed service level",
            quantity=Decimal(1),
            unit="incident",
            unit_price=-credit,
            amount=-credit,
            reason=(facts, f"service level missed: {terms.sla_credit_percent} % back"),
            account="Income:Incident",
        )


MODEL = ChargeModel("per_incident", PerIncidentTerms, "covered", price)
