"""Random contracts that mix every charge model, with all that happens to them.

Dates fall mid-month; bookings outside the contract, negative and overlong ones are among
them, and lines that name a rate card nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st
from msgspec import structs

from tallystick.billing.facts import Facts, Work
from tallystick.billing.price_book import PriceBook
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.billing.tax.rates import Taxing, TaxRate
from tallystick.records import Contract, ContractLine

from .prepaid_terms import prepaid, retainer
from .quantity_strategies import (
    assets,
    incidents,
    licences,
    per_incident,
    per_unit,
    tiered_or_not,
    usage,
    usages,
    users,
)
from .schedule_strategies import INDEX, cycle, days, prices, scheduled, spans
from .split_oracle import BERLIN, INCREMENT_S, MINIMUM_S, SPLIT_RATES

QUARTER_RATES = (
    Rate(Decimal("95.00")),
    Rate(Decimal("99.99"), valid_from=date(2026, 4, 1)),
    Rate(Decimal("120.50"), role="senior"),
)
EXACT_RATES = (Rate(Decimal("77.77"), work_type="remote"),)


def book(currency: str) -> PriceBook:
    """One card that rounds up to quarters of an hour, one that prices remote work only, and one
    that asks for the hour and rounds per ticket."""
    quarter = RateCard("quarter", currency, QUARTER_RATES, minimum_s=1200, increment_s=900)
    exact = RateCard("exact", currency, EXACT_RATES)
    split = RateCard("split", currency, SPLIT_RATES, MINIMUM_S, INCREMENT_S, "ticket")
    cards = {"quarter": quarter, "exact": exact, "split": split}
    return PriceBook(cards, {"cpi": INDEX}, BERLIN)


TAXING = Taxing((TaxRate("standard", Decimal(19)), TaxRate("reduced", Decimal(7))))
WORK_TYPES = ("remote", "onsite", "project")
FINAL = date(2026, 9, 17)
T = TypeVar("T")

categories = st.sampled_from([None, None, "reduced"])
takes = st.sampled_from([[], ["*"], ["remote"], ["onsite", "project"]])
recurring = {
    "unit_price": prices,
    **scheduled,
    "work_types": takes,
    "tax_category": categories,
}
tickets = st.sampled_from(["t0", "t1", "psa:t2", "t9"])
of_lines = st.sampled_from([["*"], ["L0"], ["L1", "L2"]])
when = days.map(lambda day: {"on": day}) | tickets.map(lambda ref: {"ticket": ref})
card = st.sampled_from(["quarter", "exact", "lost"])
Models = dict[str, st.SearchStrategy[dict[str, object]]]

quantities = st.decimals("0.5", "9", places=1)
in_weeks = {"cycle": st.just("week"), "every": st.integers(1, 5), "anchor_day": st.none()}
TERMS: Models = {
    "fixed": tiered_or_not({**recurring, "quantity": quantities})
    | tiered_or_not({**recurring, "quantity": quantities, **in_weeks}),
    "per_unit": per_unit(recurring),
    "time_and_materials": st.fixed_dictionaries(
        {"rate_card": card | st.just("split"), "work_types": takes}
    ),
    "usage": usage(recurring),
    "per_incident": per_incident(takes),
    "prepaid": prepaid(prices, cycle, card | st.just("split"), takes),
    "retainer": retainer(prices, cycle, card | st.just("split"), takes),
    "one_off": st.fixed_dictionaries({"unit_price": prices, "quantity": st.integers(1, 3)}).flatmap(
        lambda terms: when.map(lambda due: {**terms, **due})
    )
    | st.lists(when, min_size=1, max_size=3).flatmap(
        lambda due: prices.map(
            lambda amount: {
                "milestones": [
                    {"name": f"M{i}", "amount": amount + i, **one} for i, one in enumerate(due)
                ]
            }
        )
    ),
}
over_cycles = {
    "of": of_lines,
    "cycle": cycle,
    "proration": st.sampled_from(["actual_days", "thirty_day_month", "none", "full"]),
    "tax_category": categories,
}
OVER: Models = {
    "discount": st.fixed_dictionaries(
        {"of": of_lines, "percent": st.decimals("0.1", "100", places=1)}
    )
    | st.fixed_dictionaries({**over_cycles, "amount": prices}),
    "percentage": st.fixed_dictionaries(
        {
            **over_cycles,
            "percent": st.decimals("0.1", "300", places=1),
            "minimum": st.none() | st.decimals("0", "50", places=2),
            "maximum": st.none() | st.decimals("50", "500", places=2),
        }
    ),
    "commitment": st.fixed_dictionaries(
        {
            **over_cycles,
            "minimum": st.decimals("0", "500", places=2),
            "cap": st.none() | st.decimals("500", "900", places=2),
        }
    ),
}
"""Lines over other lines."""


@st.composite
def lines(draw: st.DrawFn, ref: str, models: Models = TERMS) -> ContractLine:
    model = draw(st.sampled_from(sorted(models)))
    start = draw(st.none() | days)
    end = draw(st.none() | st.integers(1, 150))
    return ContractLine(
        id=ref,
        contract="C",
        description=f"{model} {ref}",
        model=model,
        terms=draw(models[model]),
        starts_on=start,
        ends_on=None if end is None else (start or date(2026, 2, 11)) + timedelta(days=end),
    )


@st.composite
def lines_over_lines(draw: st.DrawFn) -> tuple[ContractLine, ...]:
    """Up to two that stand on the others, and one that stands on those as well."""
    below = draw(some(lambda ref: lines(ref, OVER), "O", 2))
    above = draw(some(lambda ref: lines(ref, OVER), "P", 1))
    of = draw(st.sampled_from([["O0"], ["*", "O0", "O1"]]))
    return (*below, *(structs.replace(one, terms={**one.terms, "of": of}) for one in above))


@st.composite
def works(draw: st.DrawFn, ref: str) -> Work:
    day, second = draw(days), draw(st.none() | st.integers(0, 86_399))
    midnight = datetime.combine(day, time(), BERLIN)
    return Work(
        ref=ref,
        work_date=day,
        started_at=None if second is None else (midnight.astimezone(UTC) + timedelta(0, second)),
        ticket=draw(st.sampled_from([None, "T1", "T2"])),
        priority=draw(st.sampled_from([None, "P1"])),
        seconds=draw(st.sampled_from([-60, 0, 90_000]) | st.integers(1, 40_000)),
        work_type=draw(st.sampled_from([None, *WORK_TYPES])),
        role=draw(st.sampled_from([None, "senior"])),
        billable=draw(st.sampled_from(["billable", "billable", "billable", "never", "no_charge"])),
        invoice=draw(st.sampled_from([None, None, None, "PSA-9"])),
    )


completed = st.dictionaries(st.sampled_from(["psa:t0", "psa:t1", "psa:t2"]), days)


def some(one: Callable[[str], st.SearchStrategy[T]], prefix: str, most: int) -> st.SearchStrategy:
    """Up to `most` records with the references prefix0, prefix1 ... in that order."""
    counts = st.integers(0, most)
    return counts.flatmap(lambda n: st.tuples(*(one(f"{prefix}{i}") for i in range(n))))


@st.composite
def facts(draw: st.DrawFn, currency: str = "EUR") -> Facts:
    start = draw(st.dates(date(2026, 1, 1), date(2026, 5, 31)))
    length = draw(st.none() | st.integers(1, 200))
    contract = Contract(
        id="C",
        client="K",
        name="all models",
        currency=currency,
        starts_on=start,
        ends_on=None if length is None else start + timedelta(days=length),
        terms={"pauses": draw(spans())},
    )
    return Facts(
        contract,
        (*draw(some(lines, "L", 6)), *draw(lines_over_lines())),
        draw(some(works, "w", 20)),
        draw(some(incidents, "t", 6)),
        draw(some(assets, "a", 5)),
        draw(some(users, "u", 3)),
        draw(some(licences, "l", 3)),
        draw(some(lambda ref: usages(ref, contract.currency), "m", 6)),
        completed=draw(completed),
    )


@st.composite
def drawing(draw: st.DrawFn, currency: str = "EUR") -> Facts:
    """A contract of prepaid lines that nearly every one of many bookings draws on."""
    models = ["prepaid", "prepaid", "retainer", "time_and_materials"]
    work = st.builds(
        Work,
        ref=st.just(""),
        work_date=st.dates(date(2026, 1, 5), date(2026, 5, 20)),
        seconds=st.integers(1, 20_000) | st.sampled_from([600, 3600, 7200]),
        work_type=st.sampled_from(["remote", "onsite"]),
    )
    own = []
    for nth, model in enumerate(draw(st.lists(st.sampled_from(models), min_size=1, max_size=4))):
        terms = {**draw(TERMS[model]), "work_types": draw(st.sampled_from([["*"], ["onsite"]]))}
        start = draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 3, 1)))
        own.append(
            ContractLine(
                id=f"L{nth}",
                contract="C",
                description=model,
                model=model,
                terms=terms,
                starts_on=start,
            )
        )
    ends = draw(st.none() | st.dates(date(2026, 4, 1), date(2026, 6, 1)))
    contract = Contract(
        id="C",
        client="K",
        name="drawn",
        currency=currency,
        starts_on=date(2026, 1, 1),
        ends_on=ends,
    )
    worked = draw(st.lists(work, min_size=4, max_size=20))
    works = tuple(structs.replace(one, ref=f"w{nth:02}") for nth, one in enumerate(worked))
    return Facts(contract, tuple(own), works)


@st.composite
def changed(draw: st.DrawFn, of: Facts) -> Facts:
    """The same contract after a backdated or late start, new prices, lost and late records."""
    start = of.contract.starts_on + timedelta(days=draw(st.integers(-40, 40)))
    kept = [line for line in of.lines if draw(st.integers(0, 4))]
    retaxed = [
        structs.replace(line, terms={**line.terms, "tax_category": draw(categories)})
        if "tax_category" in line.terms and not draw(st.integers(0, 3))
        else line
        for line in kept
    ]
    repriced = [
        structs.replace(line, terms={**line.terms, "unit_price": draw(prices)})
        if "unit_price" in line.terms and draw(st.booleans())
        else line
        for line in retaxed
    ]
    moved = [
        structs.replace(work, work_date=draw(days)) if draw(st.booleans()) else work
        for work in of.works
        if draw(st.integers(0, 3))
    ]
    return Facts(
        structs.replace(
            of.contract,
            starts_on=start,
            ends_on=draw(st.none() | days),
            terms={"pauses": draw(spans())},
        ),
        tuple(repriced),
        (*moved, *draw(some(works, "late", 3))),
        tuple(one for one in of.incidents if draw(st.integers(0, 3))),
        draw(some(assets, "a", 5)),
        draw(some(users, "u", 3)),
        draw(some(licences, "l", 3)),
        draw(some(lambda ref: usages(ref, of.contract.currency), "m", 6)),
        completed=draw(completed),
    )
