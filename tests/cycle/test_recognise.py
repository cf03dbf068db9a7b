"""Recognise: deferred money becomes revenue of the month it is earned in, by difference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tallystick.billing.charges import Earning
from tallystick.books.entries import Entry, Posting
from tallystick.books.recognition import as_invoiced
from tallystick.money import Money
from tallystick.period import month, parse_period
from tallystick.store.books import journal
from tallystick.store.books.schema import entry, posting

from .msp import AUGUST, JULY, NOON, TODAY, Msp
from .told import booking, client, contract, fixed, prepaid

HOUR = 3600
INCOME, DEFERRED = "Income:Prepaid", "Liabilities:Deferred"


@pytest.fixture
def block(msp: Msp) -> Msp:
    """Ten hours a month for 800.00, of which the rest lives one month longer."""
    msp.tell(client(), contract(), prepaid(rollover_periods=1))
    return msp


def revenue(msp: Msp, *numbers: int) -> list[str]:
    """Prepaid revenue of each month, as text."""
    return [str(-msp.balance(INCOME, service_month=date(2026, number, 1))) for number in numbers]


def bill(msp: Msp, *numbers: int) -> None:
    for number in numbers:
        msp.bill(month(2026, number))
        msp.recognise(month(2026, number))


def test_each_month_earns_what_was_drawn_and_what_expired(block: Msp) -> None:
    """July's package: 3 h in July, 4 h in August, and 3 h expire; August's is barely touched."""
    block.tell(booking("1", day=date(2026, 7, 10), seconds=3 * HOUR))
    block.tell(booking("2", day=date(2026, 8, 10), seconds=4 * HOUR))
    bill(block, 7)
    assert revenue(block, 7, 8) == ["240.00", "0"]
    assert block.balance(DEFERRED) == -560
    bill(block, 8)
    assert revenue(block, 7, 8, 9) == ["240.00", "560.00", "0"]
    assert block.balance(DEFERRED) == -800
    block.must_hold()


def test_doing_it_again_does_nothing(block: Msp) -> None:
    block.tell(booking("1", day=date(2026, 7, 10)))
    bill(block, 7, 8)
    before = block.rows(posting)
    assert [block.recognise(period) for period in (JULY, AUGUST, JULY)] == [0, 0, 0]
    assert block.rows(posting) == before


def test_all_of_a_purchase_is_earned_in_the_end(block: Msp) -> None:
    """Thirds of a price that three does not divide, to the last cent."""
    block.tell(prepaid(price="100.00", quantity="3", rollover_periods=3))
    block.tell(contract(ends_on=date(2026, 8, 1)))
    for number, ref in ((1, "a"), (2, "b"), (3, "c")):
        block.tell(booking(ref, day=date(2026, 7, number)))
    bill(block, 7)
    assert revenue(block, 7) == ["100.00"]
    assert block.balance(DEFERRED) == 0


def test_a_late_booking_moves_revenue_between_months_not_in_sum(block: Msp) -> None:
    block.tell(booking("1", day=date(2026, 8, 10), seconds=4 * HOUR))
    bill(block, 7, 8)
    assert revenue(block, 7, 8) == ["0", "800.00"]
    block.tell(booking("late", day=date(2026, 7, 10), seconds=2 * HOUR))
    assert block.recognise(AUGUST) == 2
    assert revenue(block, 7, 8) == ["160.00", "640.00"]
    sources = [row.source for row in block.rows(entry) if row.source.startswith("recognise:")]
    assert sources == [
        "recognise:psa:C1:psa:L4:2026-08:1",
        "recognise:psa:C1:psa:L4:2026-07:1",
        "recognise:psa:C1:psa:L4:2026-08:2",
    ]
    block.must_hold()


def test_what_was_not_invoiced_is_not_earned(block: Msp) -> None:
    block.tell(booking("1", day=date(2026, 7, 10)))
    assert block.recognise(JULY) == 0
    block.propose(JULY)
    assert block.recognise(JULY) == 0
    bill(block, 7)
    assert revenue(block, 7) == ["80.00"]


@pytest.mark.parametrize(("price", "before"), [("1000.00", "800.00"), ("400.00", "400.00")])
def test_a_new_price_is_earned_once_it_is_invoiced(block: Msp, price: str, before: str) -> None:
    """Until then never more than the client was asked for, and never more than is due to us."""
    block.tell(prepaid(rollover_periods=0), booking("1", day=date(2026, 7, 10)))
    bill(block, 7)
    assert (revenue(block, 7), block.balance(DEFERRED)) == (["800.00"], Decimal(0))
    block.tell(prepaid(price=price, rollover_periods=0))
    assert block.recognise(JULY) == (price == before)
    assert revenue(block, 7) == [before]
    block.bill(JULY)
    assert block.recognise(JULY) == (price != before)
    assert (revenue(block, 7), block.balance(DEFERRED)) == ([price], Decimal(0))
    block.must_hold()


@pytest.mark.parametrize("again", ["2026-07", "2026-07-31", "2026-08-15", "2026-06..2026-08"])
def test_an_old_or_cut_period_takes_nothing_back(block: Msp, again: str) -> None:
    block.tell(*(booking(str(n), day=date(2026, n, 20)) for n in (7, 8, 9)))
    bill(block, 7, 8, 9)
    before = block.rows(posting)
    assert block.recognise(parse_period(again)) == 0
    assert block.rows(posting) == before


def test_a_month_is_told_when_it_is_over(block: Msp) -> None:
    block.tell(booking("1", day=date(2026, 7, 10)))
    block.bill(JULY)
    assert block.recognise(parse_period("2026-07-01..2026-07-30")) == 0
    assert block.recognise(parse_period("2026-07-01..2026-07-31")) == 1


@pytest.mark.parametrize("broken", ["unreadable line", "strange currency"])
def test_what_cannot_be_priced_stays_as_it_was_and_stops_nobody(block: Msp, broken: str) -> None:
    block.tell(client("K2"), contract("C2", "K2"), prepaid("L9", "C2"))
    block.tell(booking("1", day=date(2026, 7, 10)), booking("2", "K2", day=date(2026, 7, 10)))
    bill(block, 7)
    before = block.balance(INCOME, client="psa:K1")
    if broken == "unreadable line":
        block.tell(prepaid(price="many"))
    else:
        block.tell(contract("C3", currency="XAU"), fixed("L8", "C3"))
    block.tell(booking("late", day=date(2026, 7, 11)), booking("late2", "K2", day=JULY.start))
    bill(block, 8)
    assert block.balance(INCOME, client="psa:K1") == before
    assert block.balance(INCOME, client="psa:K2") == -1600
    block.must_hold()


def test_months_tie_to_draws_by_an_independent_count(block: Msp) -> None:
    """Hours of each day from whichever package expires first, in fractions of cents."""
    price, hours, card_s = Fraction(80000), 10 * HOUR, 900
    bookings = [(7, 3, 5000), (7, 20, 21000), (8, 5, 17000), (8, 31, 9000), (9, 1, 30000)]
    for n, day, seconds in bookings:
        block.tell(booking(f"{n}-{day:02}", day=date(2026, n, day), seconds=seconds))
    bill(block, 7, 8, 9, 10)
    left = dict.fromkeys((7, 8, 9, 10), hours)
    drawn: dict[tuple[int, int], int] = {}
    for n, _, seconds in bookings:
        open_s = -(-seconds // card_s) * card_s
        for package in (n - 1, n):
            taken = min(open_s, left.get(package, 0))
            if taken:
                left[package] -= taken
                open_s -= taken
                drawn[package, n] = drawn.get((package, n), 0) + taken
    for package in (7, 8, 9):
        drawn[package, package + 1] = drawn.get((package, package + 1), 0) + left[package]
    expected = {n: Fraction(0) for n in (7, 8, 9, 10)}
    for (_, n), seconds in drawn.items():
        expected[n] += price * seconds / hours
    found = dict(zip(expected, revenue(block, *expected), strict=True))
    for n, cents in expected.items():
        assert abs(Fraction(found[n]) * 100 - cents) < 2, "a cent of rounding for each package"
    assert sum(Decimal(one) for one in found.values()) == Decimal(2400)


def test_a_source_is_recorded_once(msp: Msp) -> None:
    amount = Money(100, "EUR")
    one = Entry("told once", TODAY, "", (Posting(DEFERRED, amount), Posting(INCOME, -amount)))
    for new in (1, 0):
        with msp.database.write() as connection:
            assert journal.record(connection, [one, one], NOON) == new
    assert len(msp.rows(entry)) == 1


months = st.integers(1, 9).map(lambda number: month(2026, number))


@given(
    parts=st.lists(st.tuples(months, st.integers(-50, 999)), min_size=1, max_size=8),
    billed=st.integers(-999, 99_999),
)
def test_any_split_of_a_price_shares_out_what_was_billed(
    parts: list[tuple[object, int]], billed: int
) -> None:
    total = sum(minor for _, minor in parts)
    assume(total)
    purchase = ("C", "L", "prepaid:2026-01-01")
    earnings = [
        Earning(*purchase, of, Money(minor, "EUR"), INCOME, "")  # type: ignore[arg-type]  # months
        for of, minor in parts
    ]
    prices = {purchase: Money(total, "EUR")}
    shared = list(as_invoiced(earnings, prices, {purchase: Money(billed, "EUR")}))
    factor = min(Fraction(billed, total), Fraction(1))
    assert sum(one.amount.minor for one in shared) == total * factor
    whole = sorted(earnings, key=lambda one: one.month)
    assert list(as_invoiced(earnings, prices, prices)) == whole
    assert list(as_invoiced(earnings, prices, {})) == []
    so_far, exact = 0, Fraction(0)
    for one, own in zip(shared, whole, strict=True):
        so_far += one.amount.minor
        exact += own.amount.minor * factor
        assert abs(so_far - exact) <= Fraction(1, 2)
