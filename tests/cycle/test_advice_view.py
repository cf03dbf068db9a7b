"""Price advice over the store: cost and revenue by month are what was told and billed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from msgspec.structs import replace

from tallystick.books.exchange import ExchangeRate
from tallystick.books.overhead import Overhead
from tallystick.errors import Stop
from tallystick.insight.history import Cause, History
from tallystick.insight.prices import AdviceTerms
from tallystick.money import Money, total
from tallystick.period import Period, add_months
from tallystick.records import Contact, Cost, Usage
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.views.advice import advice, back_tested, contract_advice
from tallystick.views.histories import histories

from .msp import Msp
from .told import asset, booking, client, contract, cost_rate, devices, fixed, hourly, ticket

START, YEARS = date(2024, 1, 1), 2
FIRST = [add_months(START, at, 1) for at in range(12 * YEARS)]
OVER = date(2026, 1, 1)
ALL = Period(START, OVER)
TODAY = date(2026, 1, 20)
CONTRACTS = 40
WANTED = AdviceTerms()


def found(
    msp: Msp, *exchange: ExchangeRate, today: date = TODAY, overheads: tuple[Overhead, ...] = ()
) -> list[History]:
    cells = CellTerms(msp.terms.homes, msp.terms.models, exchange, overheads)
    return histories(msp.database, msp.terms, today, cells)


def one(msp: Msp, today: date = TODAY) -> History:
    [history] = found(msp, today=today)
    return history


def eur(amount: str) -> Money:
    return Money.exact(amount, "EUR")


def begun(msp: Msp) -> Msp:
    """One client from 2024 with a fee, hourly work, a device and an hour on each first."""
    msp.tell(
        client(),
        contract(starts_on=START),
        fixed(),
        hourly(),
        cost_rate("R1", valid_from=START),
        Contact(id="P1", client="K1", name="Ada", active_from=date(2024, 3, 1)),
        *(booking(f"B{at}", day=day) for at, day in enumerate(FIRST)),
    )
    msp.tell(asset("A1", active_from=START), source="rmm")
    msp.link("S1", "K1")
    return msp


def test_a_month_is_what_was_worked_earned_and_served(msp: Msp) -> None:
    begun(msp)
    msp.tell(
        ticket("7", type="printer"),
        booking("X", day=date(2024, 5, 9), seconds=1800, ticket="7", work_type="on-site"),
        Usage(
            id="U1",
            client="K1",
            contract="C1",
            meter="backup",
            quantity=Decimal(3),
            used_on=date(2024, 5, 31),
            cost=Decimal("7.50"),
            currency="EUR",
        ),
    )
    msp.bill(ALL)
    history = one(msp)
    assert [month.first for month in history.months] == FIRST
    april, may = history.months[3:5]
    assert (april.cost, april.fees) == (eur("40.00"), eur("100.00"))
    assert (may.cost, may.fees) == (eur("67.50"), eur("100.00"))
    assert total((month.variable for month in history.months), "EUR") == eur("2327.50")
    assert (may.seconds, may.devices, may.users, may.device_days) == (5400, 1, 1, 151)
    assert may.causes == {
        Cause("ticket type", "printer"): eur("20.00"),
        Cause("work type", "on-site"): eur("20.00"),
        Cause("usage", "backup"): eur("7.50"),
    }
    assert [month.users for month in history.months[:3]] == [0, 0, 1]
    assert (history.scope_from, history.ends_on) == (START, None)


def test_only_whole_months_whose_work_is_known_count(msp: Msp) -> None:
    begun(msp)
    assert one(msp, date(2024, 7, 31)).months[-1].first == date(2024, 6, 1)
    assert one(msp, date(2027, 7, 1)).months[-1].first == date(2025, 12, 1)
    msp.tell(contract(starts_on=date(2024, 2, 2)))
    assert one(msp).months[0].first == date(2024, 3, 1)


def test_hours_without_a_cost_and_foreign_costs_are_told(msp: Msp) -> None:
    begun(msp)
    msp.tell(booking("X", day=date(2024, 5, 9), technician="T9"))
    missing = [month.missing for month in one(msp).months[3:6]]
    assert missing == [(), ("1.0 h without a cost rate",), ()]
    msp.tell(cost_rate("R1", "40.00", currency="CHF", valid_from=START))
    assert one(msp).months[0].missing == ("1.0 h without an exchange rate",)
    [exchanged] = found(msp, ExchangeRate("CHF", "EUR", Decimal("1.25")))
    assert exchanged.months[0].cost == eur("50.00")


def test_what_no_month_holds_is_noted(msp: Msp) -> None:
    begun(msp)
    bought = Usage(
        id="U1",
        client="K1",
        contract="C1",
        meter="backup",
        quantity=Decimal(3),
        used_on=date(2024, 5, 31),
        cost=Decimal("7.50"),
        currency="USD",
    )
    msp.tell(bought, booking("X", day=date(2023, 12, 31), seconds=600))
    msp.tell(booking("Y", day=date(2024, 2, 1), seconds=5400, contract="C0"))
    msp.bill(ALL)
    history = one(msp)
    assert history.months[4].missing == ("usage of backup without an exchange rate USD/EUR",)
    assert history.notes == ("1.5 h of the client's work fall under no contract",)
    msp.tell(contract(starts_on=START, currency="CHF"))
    assert one(msp).notes[1:] == ("revenue in EUR is left out, the contract is in CHF",)


def test_another_price_is_no_other_scope_but_another_model_is(msp: Msp) -> None:
    begun(msp)
    june = date(2025, 6, 1)
    msp.tell(replace(fixed(), ends_on=june), replace(fixed("L9", price="150.00"), starts_on=june))
    assert one(msp).scope_from == START
    msp.tell(replace(devices(), starts_on=june))
    assert one(msp).scope_from == june


def test_overhead_and_direct_cost_are_in_the_cost(msp: Msp) -> None:
    begun(msp)
    [bare] = found(msp)
    [loaded] = found(msp, overheads=(Overhead(percent=Decimal(50)),))
    assert [month.cost for month in loaded.months] == [
        Money(month.cost.minor * 3 // 2, "EUR") for month in bare.months
    ]
    spread = {"starts_on": date(2024, 3, 16), "ends_on": date(2024, 4, 16)}
    msp.tell(
        Cost(id="1", contract="C1", kind="licence", amount=Decimal(31), currency="EUR", **spread),
        Cost(id="2", contract="C1", amount=Decimal(5), currency="EUR", spent_on=date(2024, 4, 1)),
        Cost(id="3", contract="C1", amount=Decimal(7), currency="CHF", spent_on=date(2024, 5, 1)),
        Cost(id="4", amount=Decimal(9), currency="EUR", spent_on=date(2024, 4, 1)),
    )
    [direct] = found(msp)
    more = {
        now.first: now.cost - was.cost for now, was in zip(direct.months, bare.months, strict=True)
    }
    assert {day: str(one.amount) for day, one in more.items() if one} == {
        date(2024, 3, 1): "16.00",
        date(2024, 4, 1): "20.00",
    }
    [may] = [month for month in direct.months if month.first == date(2024, 5, 1)]
    assert may.missing == ("cost without an exchange rate CHF/EUR",)


def test_contracts_not_in_force_have_no_advice(msp: Msp) -> None:
    begun(msp)
    msp.tell(contract(starts_on=START, ends_on=TODAY))
    assert found(msp) == []
    msp.tell(contract(starts_on=START, ends_on=TODAY + timedelta(days=1)))
    assert one(msp).ends_on == TODAY + timedelta(days=1)


def test_an_unknown_contract_is_told_what_there_is(msp: Msp) -> None:
    begun(msp)
    told = contract_advice(msp.database, msp.terms, WANTED, TODAY, msp.cells, "psa:C1")
    assert told == contract_advice(msp.database, msp.terms, WANTED, TODAY, msp.cells, "C1")
    with pytest.raises(Stop, match=r"No contract 'C7' is in force") as stopped:
        contract_advice(msp.database, msp.terms, WANTED, TODAY, msp.cells, "C7")
    assert "such as C1" in stopped.value.do


def portfolio(msp: Msp) -> dict[str, list[int]]:
    """Forty contracts over two years, each its own fee; gamma months of 1 to 4 bookings. What
    each month cost in cents, by contract."""
    random = Random(40)
    costs: dict[str, list[int]] = {}
    msp.tell(cost_rate("R1", "36.00", valid_from=START))
    for number in range(CONTRACTS):
        ref = f"C{number:02}"
        costs[f"psa:{ref}"] = []
        msp.tell(
            client(f"K{number}"),
            contract(ref, f"K{number}", starts_on=START),
            replace(
                fixed(f"L{number}", ref, price=f"{600 + 25 * number}.00"),
                terms={"unit_price": f"{600 + 25 * number}.00", "work_types": ["*"]},
            ),
        )
        for at, first in enumerate(FIRST):
            count = random.randint(1, 4)
            seconds = [round(random.gammavariate(2, 1000)) * 10 for _ in range(count)]
            msp.tell(
                *(
                    booking(f"{ref}-{at}-{n}", f"K{number}", first + timedelta(3 * n), seconds=s)
                    for n, s in enumerate(seconds)
                )
            )
            costs[f"psa:{ref}"].append(sum(seconds))
    return costs


@pytest.fixture
def forty(fresh: Callable[[], Msp]) -> tuple[Msp, dict[str, list[int]]]:
    msp = fresh()
    costs = portfolio(msp)
    msp.bill(ALL)
    return msp, costs


def test_forty_contracts_over_two_years(forty: tuple[Msp, dict[str, list[int]]]) -> None:
    """An hour costs 36.00, so a second costs a cent."""
    msp, costs = forty
    view = advice(msp.database, msp.terms, WANTED, TODAY, msp.cells)
    assert len(view.contracts) == CONTRACTS
    stakes = []
    for of in view.contracts:
        assert of.advice is not None, of.why_not
        own = costs[of.contract]
        assert [cost.minor for cost in of.advice.costs] == own
        fee = 600 + 25 * int(of.contract.removeprefix("psa:C"))
        assert of.advice.today == Money(100 * fee, "EUR")
        assert abs(of.advice.expected_cost.minor - sum(own) / len(own)) <= 1
        stakes.append(of.advice.at_stake.minor)
    assert stakes == sorted(stakes, reverse=True)
    first = advice(msp.database, msp.terms, WANTED, TODAY, msp.cells, shown=7)
    assert (first.contracts, first.more) == (view.contracts[:7], CONTRACTS - 7)
    verdicts = {of.advice.verdict for of in view.contracts if of.advice}
    assert verdicts >= {"leave", "lower risk"}
    tested = back_tested(msp.database, msp.terms, WANTED, TODAY, msp.cells)
    assert (tested.contracts, tested.tries) == (CONTRACTS, 16 * CONTRACTS)
    assert tested.advice and tested.rule_of_thumb and tested.give_or_take
    assert abs(tested.advice.met_percent - 80) <= 2 * tested.give_or_take
    assert tested.advice.regret_percent * 2 < tested.rule_of_thumb.regret_percent
