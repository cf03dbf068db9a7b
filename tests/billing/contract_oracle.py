"""What every line of a contract must come to, recomputed day by day and second by second in exact
fractions; nothing here asks the code that prices.

To add a charge model, write what a line of it comes to and name it in `ORACLES`; a line over
other lines belongs into `over_oracle`, work that a line takes into `work_oracle`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from msgspec.structs import replace

from tallystick.billing.facts import Facts
from tallystick.records import ContractLine

from .over_oracle import OVER, named, over
from .package_oracle import Entry, on
from .quantity_oracle import cost, cost_of_counted, cost_of_used, price_of_incident
from .schedule_oracle import in_force, paid, rounded
from .split_oracle import split_amounts
from .work_oracle import PREPAID, Placed, by_booking, place

PLACES = {"JPY": 0, "EUR": 2, "KWD": 3}
Dated = Iterator[tuple[Fraction, date, date, date]]
"""Amounts in major units, with what `Entry` says of each."""


def entries(of: Facts, until: date) -> dict[str, list[Entry]]:
    """What each line comes to that is due before `until`, in minor units."""
    return entries_of(of, until, place(of, until, PLACES[of.contract.currency]))


def entries_of(of: Facts, until: date, placed: Placed) -> dict[str, list[Entry]]:
    places = PLACES[of.contract.currency]
    found: dict[str, list[Entry]] = {}
    for line in of.lines:
        if line.model in PREPAID:
            found[line.id] = placed.pool.charges[line.id]
        elif line.model == "time_and_materials":
            found[line.id] = list(by_hour(line, placed, places))
        elif line.model not in OVER:
            exact = ORACLES[line.model](of, line, until)
            found[line.id] = [
                Entry(rounded(amount, places), *days) for amount, *days in exact if days[0] < until
            ]
        own = line.terms.get("tax_category")
        found[line.id] = [one._replace(category=own) for one in found.get(line.id, [])]
    waiting = {line.id: line for line in of.lines if line.model in OVER}
    while waiting:
        ready = [one for one in waiting.values() if not named(of, one) & waiting.keys()]
        for line in ready:
            found[line.id] = list(over(of, line, found, until, places))
            del waiting[line.id]
    return found


def recurring(of: Facts, line: ContractLine, until: date) -> Dated:
    terms = line.terms
    for one in paid(of, line, until, PLACES[of.contract.currency]):
        then = {**terms, "unit_price": one.unit_price}
        if line.model == "per_unit":
            price = cost_of_counted(of, then, one.days)
        else:
            price = cost(one.quantity, then)
        yield one.share * price, one.due_on, one.days[0], one.days[-1]


def by_usage(of: Facts, line: ContractLine, until: date) -> Dated:
    by_days = replace(line, terms={**line.terms, "proration": "actual_days"})
    for one in paid(of, by_days, until, PLACES[of.contract.currency]):
        amount = cost_of_used(of, {**line.terms, "unit_price": one.unit_price}, one.days)
        yield amount, one.due_on, one.days[0], one.days[-1]


def by_incident(of: Facts, line: ContractLine, until: date) -> Dated:
    seen: dict[tuple[int, int], int] = defaultdict(int)
    for one in sorted(of.incidents, key=lambda one: (one.closed_on, one.ref)):
        day, fee = one.closed_on, price_of_incident(one, line.terms)
        if not in_force(of, line, day) or fee is None:
            continue
        by_quarter = line.terms.get("cycle") == "quarter"
        cycle = (day.year, (day.month - 1) // 3 if by_quarter else day.month)
        seen[cycle] += 1
        if seen[cycle] > line.terms.get("included", 0):
            yield fee, day, day, day
            if one.sla_met is False:
                yield -fee * Fraction(line.terms["sla_credit_percent"]) / 100, day, day, day


def one_off(of: Facts, line: ContractLine, until: date) -> Dated:
    terms = line.terms
    whole = Fraction(terms.get("unit_price", 0)) * Fraction(terms.get("quantity", 1))
    for one in terms.get("milestones", [{**terms, "amount": whole}]):
        closed = [at for ref, at in of.completed.items() if one.get("ticket") in (ref, ref[4:])]
        for day in [one["on"]] if "on" in one else closed:
            if in_force(of, line, day):
                yield Fraction(one["amount"]), day, day, day


def by_hour(line: ContractLine, placed: Placed, places: int) -> Iterator[Entry]:
    card, bookings = line.terms["rate_card"], placed.billed[line.id]
    if card == "split":
        for work, amount in split_amounts(bookings):
            yield on(work.work_date, rounded(amount, places))
        return
    for pieces in bookings:
        for amount in by_booking(pieces, card):
            yield on(pieces[0].work_date, rounded(amount, places))


ORACLES: Mapping[str, Callable[[Facts, ContractLine, date], Dated]] = {
    "one_off": one_off,
    "fixed": recurring,
    "per_unit": recurring,
    "usage": by_usage,
    "per_incident": by_incident,
}
