"""Every amount recomputed another way: day by day and second by second, in exact fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.facts import Facts, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.pricing import price
from tallystick.records import ContractLine

from .prepaid_oracle import Line, Pool
from .quantity_oracle import cost, cost_of_counted, cost_of_used, price_of_incident
from .schedule_oracle import paid, rounded, within
from .split_oracle import split_amounts
from .strategies import FINAL, OVER, book, drawing, facts

PLACES = {"JPY": 0, "EUR": 2, "KWD": 3}
QUARTER = "quarter"


def in_force(of: Facts, line: ContractLine, day: date) -> bool:
    bounds = ((of.contract.starts_on, of.contract.ends_on), (line.starts_on, line.ends_on))
    return all((a is None or a <= day) and (b is None or day < b) for a, b in bounds)


def calendar(unit: str) -> list[list[date]]:
    """The days of 2026 and 2027 by month, quarter or year."""
    grouped = defaultdict(list)
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(2 * 365)):
        number = {"month": day.month, "quarter": (day.month - 1) // 3, "year": 0}[unit]
        grouped[day.year, number].append(day)
    return list(grouped.values())


CALENDAR = {unit: calendar(unit) for unit in ("month", "quarter", "year")}


def cycles(of: Facts, line: ContractLine) -> Iterator[tuple[list[date], list[date]]]:
    """(days in force, all days) of each calendar cycle, however far it reaches."""
    for whole in CALENDAR[line.terms["cycle"]]:
        part = [day for day in whole if in_force(of, line, day)]
        if part:
            yield part, whole


def weight_360(day: date) -> int:
    tomorrow = day + timedelta(days=1)
    return 30 - (day.day - 1) if tomorrow.day == 1 else 1


def share(convention: str, part: list[date], whole: list[date]) -> Fraction:
    return {
        "full": Fraction(1),
        "none": Fraction(part == whole),
        "actual_days": Fraction(len(part), len(whole)),
        "thirty_day_month": Fraction(sum(map(weight_360, part)), sum(map(weight_360, whole))),
    }[convention]


def recurring(of: Facts, line: ContractLine, until: date) -> Iterator[Fraction]:
    terms = line.terms
    for one in paid(of, line, until, PLACES[of.contract.currency], in_force):
        then = {**terms, "unit_price": one.unit_price}
        if line.model == "per_unit":
            price = cost_of_counted(of, then, one.days)
        else:
            price = cost(one.quantity, then)
        yield one.share * price


def hourly(work: Work, card: str) -> Fraction | None:
    if card == "exact":
        return Fraction("77.77") if work.work_type == "remote" else None
    if work.role == "senior":
        return Fraction("120.50")
    return Fraction("99.99") if work.work_date >= date(2026, 4, 1) else Fraction(95)


def counted(work: Work, card: str) -> int:
    if card != QUARTER or not work.seconds:
        return work.seconds
    quarters = 2 if work.seconds < 1200 else -(-work.seconds // 900)
    return quarters * 900


PREPAID = ("prepaid", "retainer")


def wanting(of: Facts, work: Work, *models: str) -> list[ContractLine]:
    """The lines of these models that take a booking, by id."""
    ordered = sorted(of.lines, key=lambda one: one.id)
    return [line for line in ordered if line.model in models and takes(of, line, work)]


def pool(of: Facts, until: date, places: int) -> Pool:
    """Every booking through the prepaid lines; `passed` is what lines that bill are left with."""
    lines = {
        line.id: prepaid_line(of, line, places)
        for line in sorted(of.lines, key=lambda one: one.id)
        if line.model in PREPAID and next(cycles(of, line), None)
    }
    result = Pool(list(lines.values()), until)
    for work in sorted(of.works, key=lambda one: (one.work_date, one.ref)):
        plausible = work.billable == "billable" and 0 <= work.seconds <= 86400
        if work.work_date >= until or not plausible:
            continue
        if wanting(of, work, "fixed", "per_unit", "per_incident", "usage"):
            continue
        drawing = [lines[line.id] for line in wanting(of, work, *PREPAID)]
        if drawing:
            result.draw(work, drawing)
        else:
            result.passed[work.ref] = work.seconds
    result.bands()
    return result


def prepaid_line(of: Facts, line: ContractLine, places: int) -> Line:
    card = line.terms["rate_card"]
    return Line(
        line,
        list(cycles(of, line)),
        counted=lambda work: counted(work, card),
        hourly=lambda work: None if card == "lost" else hourly(work, card),
        minor=10**places,
    )


def takes(of: Facts, line: ContractLine, work: Work) -> bool:
    wanted = line.terms["work_types"]
    spans = (of.contract.terms.get("pauses", []), line.terms.get("pauses", []))
    if any(within(work.work_date, one) for one in spans):
        return False
    return ("*" in wanted or work.work_type in wanted) and in_force(of, line, work.work_date)


def by_hour(of: Facts, line: ContractLine, until: date) -> Iterator[Fraction]:
    card = line.terms["rate_card"]
    passed = pool(of, until, 2).passed
    own = [
        rest(work, passed[work.ref])
        for work in sorted(of.works, key=lambda one: (one.work_date, one.ref))
        if work.ref in passed and wanting(of, work, "time_and_materials")[:1] == [line]
    ]
    if card == "split":
        yield from split_amounts(own)
        return
    for work in own:
        rate = None if card == "lost" else hourly(work, card)
        if rate is not None:
            yield rate * counted(work, card) / 3600


def rest(work: Work, seconds: int) -> Work:
    """The last `seconds` of a booking."""
    begun = work.started_at and work.started_at + timedelta(seconds=work.seconds - seconds)
    return replace(work, seconds=seconds, started_at=begun)


def by_incident(of: Facts, line: ContractLine, until: date) -> Iterator[Fraction]:
    seen: dict[tuple[int, int], int] = defaultdict(int)
    for one in sorted(of.incidents, key=lambda one: (one.closed_on, one.ref)):
        fee = price_of_incident(one, line.terms)
        if one.closed_on >= until or not in_force(of, line, one.closed_on) or fee is None:
            continue
        by_quarter = line.terms.get("cycle") == "quarter"
        month = one.closed_on.month
        cycle = (one.closed_on.year, (month - 1) // 3 if by_quarter else month)
        seen[cycle] += 1
        if seen[cycle] > line.terms.get("included", 0):
            yield fee
            if one.sla_met is False:
                yield -fee * Fraction(line.terms["sla_credit_percent"]) / 100


def by_usage(of: Facts, line: ContractLine, until: date) -> Iterator[Fraction]:
    by_days = replace(line, terms={**line.terms, "proration": "actual_days"})
    for one in paid(of, by_days, until, PLACES[of.contract.currency], in_force):
        yield cost_of_used(of, {**line.terms, "unit_price": one.unit_price}, one.days)


def one_off(of: Facts, line: ContractLine, until: date) -> Iterator[Fraction]:
    terms = line.terms
    whole = Fraction(terms.get("unit_price", 0)) * Fraction(terms.get("quantity", 1))
    for one in terms.get("milestones", [{**terms, "amount": whole}]):
        closed = [on for ref, on in of.completed.items() if one.get("ticket") in (ref, ref[4:])]
        for day in [one["on"]] if "on" in one else closed:
            if day < until and in_force(of, line, day):
                yield Fraction(one["amount"])


ORACLE = {
    "one_off": one_off,
    "fixed": recurring,
    "per_unit": recurring,
    "usage": by_usage,
    "per_incident": by_incident,
    "time_and_materials": by_hour,
}


@pytest.mark.parametrize("currency", PLACES)
@given(data=st.data(), until=st.dates(date(2026, 2, 1), FINAL))
def test_every_line_comes_to_what_the_oracle_says(
    currency: str, data: st.DataObject, until: date
) -> None:
    of = data.draw(facts(currency))
    charged: dict[str, list[int]] = defaultdict(list)
    for charge in price(of, until, SHIPPED, book(currency)).charges:
        assert charge.amount.currency == currency
        charged[charge.line].append(charge.amount.minor)
    for line in of.lines:
        if line.model in OVER or line.model in PREPAID:
            continue
        amounts = [rounded(one, PLACES[currency]) for one in ORACLE[line.model](of, line, until)]
        mine = sorted(one for one in charged[line.id] if one)
        assert mine == sorted(one for one in amounts if one), line


@pytest.mark.parametrize("currency", PLACES)
@given(data=st.data(), until=st.dates(date(2026, 2, 1), FINAL))
def test_every_balance_is_drawn_as_the_oracle_draws_it(
    currency: str, data: st.DataObject, until: date
) -> None:
    of = data.draw(drawing(currency))
    pricing = price(of, until, SHIPPED, book(currency))
    expected = pool(of, until, PLACES[currency])
    charged: dict[str, list[int]] = defaultdict(list)
    for charge in pricing.charges:
        charged[charge.line].append(charge.amount.minor)
    for line in of.lines:
        if line.model in PREPAID:
            theirs = sorted(one for one in expected.charges[line.id] if one)
            assert sorted(one for one in charged[line.id] if one) == theirs, line
    scale = {"hours": 3600, "tokens": 1, "money": 10 ** PLACES[currency]}
    for one in pricing.balances:
        (theirs,) = (
            package
            for package in expected.packages
            if (package.line, package.basis) == (one.line, one.basis)
        )
        units = scale[one.unit]
        assert (theirs.bought, theirs.left) == (
            one.bought * units,
            (one.left + one.expired) * units,
        )
        # an open-ended line is in force for ever, and the oracle's calendar ends with 2027
        assert theirs.last == min(one.valid.last_day, date(2027, 12, 31))
    assert len(pricing.balances) == len(expected.packages)
