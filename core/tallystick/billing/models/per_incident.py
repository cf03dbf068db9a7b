"""Per incident: a price per ticket closed in the period, by type and priority.

A ticket that missed its service level is charged in full and credited beside it by the
line's `sla_credit_percent`, so the gross price and the credit both stay visible.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from tallystick.billing.charges import ChargeModel, LineFacts, LineTerms, Priced
from tallystick.billing.facts import Incident
from tallystick.money import Money
from tallystick.period import Period


class PerIncidentTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    unit_price: Decimal
    priorities: tuple[str, ...] = ("*",)
    ticket_types: tuple[str, ...] = ("*",)
    sla_credit_percent: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        LineTerms.__post_init__(self)
        if not 0 <= self.sla_credit_percent <= 100:
            raise ValueError("sla_credit_percent must be between 0 and 100")

    def match(self, incident: Incident) -> bool:
        return ("*" in self.priorities or incident.priority in self.priorities) and (
            "*" in self.ticket_types or incident.type in self.ticket_types
        )


def price(line: LineFacts) -> Iterator[Priced]:
    terms: PerIncidentTerms = line.terms
    for incident in sorted(line.facts.incidents, key=lambda one: (one.closed_on, one.ref)):
        if not (line.span.covers(incident.closed_on) and terms.match(incident)):
            continue
        day = Period(incident.closed_on, incident.closed_on + timedelta(days=1))
        fee = Money.rounded(terms.unit_price, line.currency)
        facts = f"ticket {incident.ref} closed {incident.closed_on}, priority {incident.priority}"
        yield line.charge(
            basis=f"ticket:{incident.ref}",
            service=day,
            group=line.line.description,
            quantity=Decimal(1),
            unit="incident",
            unit_price=terms.unit_price,
            amount=fee,
            reason=(facts, f"1 x {terms.unit_price}"),
            account="Income:Incident",
        )
        if incident.sla_met is False and terms.sla_credit_percent:
            credit = terms.unit_price * terms.sla_credit_percent / 100
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
