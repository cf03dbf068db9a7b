"""What is bought when: once, every cycle in advance, and when the balance falls below its mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tallystick.billing.charges import LineFacts
from tallystick.billing.facts import ends
from tallystick.billing.prepaid.terms import Expiry, PrepaidTerms
from tallystick.billing.schedule.slices import cycle_of, cycles
from tallystick.money import Money
from tallystick.period import Period, add_months, one_day


@dataclass(frozen=True, slots=True)
class Purchase:
    """`quantity` units for `price`, billed for the days `service`, usable while `valid`."""

    basis: str
    name: str
    service: Period
    valid: Period
    quantity: Decimal
    price: Money

    @property
    def usable(self) -> str:
        last = self.valid
        return "without end" if last.end == date.max else f"until {last.last_day}"


def purchases(line: LineFacts, terms: PrepaidTerms, kind: str = "prepaid") -> Iterator[Purchase]:
    """Every package bought before the horizon, by date; each is bought in full."""
    last = ends(line.line, line.facts.contract)
    price = Money.rounded(terms.unit_price, line.currency)
    if terms.bought == "once":
        day = line.span.start
        yield Purchase(
            basis=f"{kind}:once",
            name=f"the package of {day}",
            service=one_day(day),
            valid=Period(day, min(_expiry(terms.expires_after, day), last)),
            quantity=terms.quantity,
            price=price,
        )
        return
    for service, whole in cycles(line):
        start = service.start
        yield Purchase(
            basis=f"{kind}:{whole.start}",
            name=f"the package of {start}",
            service=service,
            valid=Period(start, min(_expires(line, terms, start), last)),
            quantity=terms.quantity,
            price=price,
        )


def topped_up(line: LineFacts, terms: PrepaidTerms, day: date, nth: int) -> Purchase:
    """The `nth` top-up of the line, bought on `day`, usable as long as a package bought then.

    Its basis counts: a booking that comes late brings a top-up forward, or adds one, and never
    takes back another.
    """
    if terms.top_up is None:
        raise AssertionError("only a line with a mark is topped up")
    expires = min(_expires(line, terms, day), ends(line.line, line.facts.contract))
    return Purchase(
        basis=f"topup:{nth}",
        name=f"top-up {nth} of {day}",
        service=one_day(day),
        valid=Period(day, expires),
        quantity=terms.top_up.quantity,
        price=Money.rounded(terms.top_up.unit_price, line.currency),
    )


def _expires(line: LineFacts, terms: PrepaidTerms, start: date) -> date:
    if terms.bought == "once" or terms.expires_after is not None:
        return _expiry(terms.expires_after, start)
    cycle = cycle_of(line)
    return cycle.boundary(cycle.index_of(start) + 1 + terms.rollover_periods)


def _expiry(after: Expiry | None, start: date) -> date:
    if after is None:
        return date.max
    if after.days is not None:
        return start + timedelta(days=after.days)
    return add_months(start, after.months or 0, start.day)
