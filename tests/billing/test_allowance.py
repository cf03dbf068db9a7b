"""Allowances by themselves: what a cycle and a day of one have used, and what goes back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tallystick.billing.allowance import Allowance
from tallystick.billing.charges import Covers
from tallystick.billing.facts import Facts, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import price
from tallystick.period import Period
from tallystick.records import Contract, ContractLine

SPAN = Period(date(2026, 7, 10), date(2026, 9, 1))
FIRST, SECOND, AUGUST = date(2026, 7, 13), date(2026, 7, 31), date(2026, 8, 1)


def of(hours: str | None, cycle: str = "month") -> Allowance | None:
    allowed = None if hours is None else Decimal(hours)
    return Allowance.of("L", Covers(allowance_hours=allowed, allowance_cycle=cycle), SPAN)  # type: ignore[arg-type]  # cycle is one of its words


def test_a_line_has_one_where_it_says_how_many_hours_also_none() -> None:
    assert of(None) is None
    found = of("1.5")
    assert found is not None and (found.line, found.allowed_s, found.span) == ("L", 5400, SPAN)
    nothing = of("0")
    assert nothing is not None and nothing.take(FIRST, 60) == 0


def test_a_cycle_gives_what_it_has_left_and_the_next_one_begins_anew() -> None:
    found = of("2")
    assert found is not None
    assert [found.take(FIRST, 3000), found.take(FIRST, 600)] == [3000, 600]
    assert [found.take(SECOND, 7200), found.take(AUGUST, 7200)] == [3600, 7200]
    assert (found.so_far_s(FIRST), found.so_far_s(AUGUST)) == (7200, 7200)
    assert dict(found.used_on) == {FIRST: 3600, SECOND: 3600, AUGUST: 7200}


def test_what_another_line_took_goes_back_to_its_cycle_and_its_day() -> None:
    found = of("2", "quarter")
    assert found is not None
    found.take(FIRST, 3600)
    found.take(AUGUST, 3600)
    found.give_back(AUGUST, 600)
    assert (found.so_far_s(FIRST), found.used_on[AUGUST], found.used_on[FIRST]) == (
        6600,
        3000,
        3600,
    )
    assert found.take(SECOND, 3600) == 600


def test_what_a_contract_used_of_its_allowances_is_told_with_its_price() -> None:
    contract = Contract(id="C", client="K", name="C", currency="EUR", starts_on=SPAN.start)
    terms = {"unit_price": "100", "work_types": ["*"], "covers": {"allowance_hours": "2"}}
    lines = tuple(
        ContractLine(id=ref, contract="C", description=ref, model="fixed", terms=own)
        for ref, own in (("L", terms), ("M", {"unit_price": "100"}))
    )
    facts = Facts(contract, lines, (Work("1", FIRST, 3600),))
    [used] = price(facts, SPAN.end, SHIPPED, PriceBook()).allowances
    assert (used.line, used.allowed_s, dict(used.used_on)) == ("L", 7200, {FIRST: 3600})
