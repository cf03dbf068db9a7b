"""What is given up of what was billed ahead comes off what is still deferred, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tests.cycle.msp import Msp
from tests.cycle.told import client, contract, fixed, prepaid

from tallystick.billing.charges import Earning
from tallystick.books.recognition import GivenUp, less_given_up
from tallystick.cycle.write_down import write_down
from tallystick.money import Money
from tallystick.period import Period, month, parse_period
from tallystick.views import books

YEAR = [month(2026, number) for number in range(1, 13)]
FEE = ("C", "L", "fee:2026-01-01")


def earnings(minors: Iterable[int]) -> list[Earning]:
    return [
        Earning(*FEE, span, Money(minor, "EUR"), "Income:Fixed", "")
        for span, minor in zip(YEAR, minors, strict=False)
    ]


def down(minor: int, span: Period) -> GivenUp:
    return GivenUp("C", "L", "write_down:1:1:1", Money(minor, "EUR"), span, frozenset({FEE[2]}))


def by_month(found: Sequence[Earning]) -> list[int]:
    return [
        sum(one.amount.minor for one in found if one.month.start == span.start) for span in YEAR
    ]


def after(minor: int, *downs: GivenUp) -> list[int]:
    plain = earnings([minor // 12] * 12)
    return by_month(less_given_up(plain, {FEE: Money(minor, "EUR")}, downs))


def test_what_is_deferred_is_given_up_first() -> None:
    july = YEAR[6]
    assert after(12000, down(6000, july)) == [1000] * 6 + [0] * 6
    assert after(12000, down(3000, july)) == [1000] * 6 + [500] * 6
    assert after(12000, down(7500, july)) == [1000] * 6 + [-1500] + [0] * 5
    assert after(12000, down(3000, july), down(3000, july)) == [1000] * 6 + [0] * 6
    assert after(12000, down(3000, july), down(1500, YEAR[9])) == [1000] * 6 + [500] * 3 + [0] * 3
    assert after(12000, down(12000, YEAR[0])) == [0] * 12


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=12),
    st.integers(0, 300),
    st.lists(st.tuples(st.integers(1, 900), st.integers(0, 11)), max_size=3),
    st.integers(0, 12),
)
def test_no_cent_stays_deferred_and_no_month_changes_with_the_horizon(
    minors: list[int], unused: int, asked: list[tuple[int, int]], horizon: int
) -> None:
    """`unused` of a package is earned after all that is known, in the last month."""
    whole = [*minors[:11], *([0] * (11 - len(minors[:11]))), unused]
    billed = sum(whole)
    downs = [down(minor, YEAR[at]) for minor, at in sorted(asked, key=lambda one: one[1])]
    prices = {FEE: Money(billed, "EUR")}
    found = by_month(less_given_up(earnings(whole), prices, downs))
    given_up = sum(minor for minor, _ in asked)
    assert sum(found) == billed - given_up
    early = by_month(less_given_up(earnings(whole[:horizon]), prices, downs))
    assert early[:horizon] == found[:horizon], "an earlier horizon says the same of its months"
    if downs:
        first = min(at for _, at in asked)
        assert found[:first] == whole[:first], "what is past stays"
    if len(downs) == 1:
        _exact(whole, billed, downs[0], found)


def _exact(whole: list[int], billed: int, one: GivenUp, found: list[int]) -> None:
    """Each month to the cent against fractions."""
    at = YEAR.index(one.month)
    left = billed - sum(whole[:at])
    first = min(one.amount.minor, left)
    off = Fraction(0)
    so_far = 0
    for index in range(at, 12):
        off += Fraction(first * whole[index], left) if left else 0
        so_far += whole[index] - found[index]
        assert abs(so_far - (one.amount.minor - first) - off) <= Fraction(1, 2)


def test_a_fee_given_up_in_the_books(msp: Msp) -> None:
    """1,200.00 for a year in advance from July, 300.00 given up in October (today)."""
    msp.tell(client(), contract())
    msp.tell(fixed(price="1200.00", timing="advance", cycle="year", align="contract"))
    [number] = msp.bill(month(2026, 7))
    write_down(msp.database, msp.terms, number, Decimal("300.00"), 1, "slow", "anna", msp.now)
    msp.approve(month(2026, 7), why="told to")
    msp.issue(month(2026, 7))
    assert msp.balance("Liabilities:Deferred") == -900
    assert msp.balance("Income:WriteDown") == 0
    msp.recognise(parse_period("2026-07..2027-06"))
    assert msp.balance("Liabilities:Deferred") == 0
    assert -msp.balance("Income:Fixed") == 900
    july, october = date(2026, 7, 1), date(2026, 10, 1)
    assert -msp.balance("Income:Fixed", service_month=july) == Decimal("101.92")
    assert Decimal(66) < -msp.balance("Income:Fixed", service_month=october) < Decimal(70)
    found = books.deferred(msp.database, parse_period("2026-10"))
    [row] = found.rows
    assert (row.billed, row.credited) == (Money(120000, "EUR"), Money(30000, "EUR"))
    assert found.ties and row.closing == Money(0, "EUR")
    msp.must_hold()


def test_a_package_given_up_before_it_is_used(msp: Msp) -> None:
    msp.tell(client(), contract(ends_on=date(2026, 8, 1)), prepaid())
    [number] = msp.bill(month(2026, 7))
    write_down(msp.database, msp.terms, number, Decimal("200.00"), 1, "slow", "anna", msp.now)
    msp.approve(month(2026, 7), why="told to")
    msp.issue(month(2026, 7))
    msp.recognise(month(2026, 7))
    assert msp.balance("Liabilities:Deferred") == 200, "July is told, October is not over"
    msp.recognise(month(2026, 10))
    assert msp.balance("Liabilities:Deferred") == 0
    assert msp.balance("Income:Prepaid") == -600
