"""Billed in advance: deferred at issue, revenue day by day, and back by difference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import structs

from tallystick.period import month
from tallystick.store.billing.proposals import body_of
from tallystick.store.billing.schema import proposal

from .msp import JULY, Msp
from .told import booking, client, contract, fixed

INCOME, DEFERRED = "Income:Fixed", "Liabilities:Deferred"
YEAR = {"cycle": "year", "align": "contract", "timing": "advance"}


def run(msp: Msp, *numbers: int) -> None:
    for number in numbers:
        msp.bill(month(2026, number))
        msp.recognise(month(2026, number))


def revenue(msp: Msp, *numbers: int) -> list[str]:
    """Revenue of each month, as text."""
    return [str(-msp.balance(INCOME, service_month=date(2026, number, 1))) for number in numbers]


def test_a_year_is_billed_at_once_and_earned_by_the_day(msp: Msp) -> None:
    msp.tell(client(), contract(), fixed(price="3650.00", **YEAR))
    run(msp, 7)
    assert revenue(msp, 7, 8) == ["310.00", "0"]
    assert msp.balance(DEFERRED) == -3340
    run(msp, 8, 9)
    assert revenue(msp, 7, 8, 9, 10) == ["310.00", "310.00", "300.00", "0"]
    msp.must_hold()


def test_what_an_ended_contract_paid_ahead_comes_back(msp: Msp) -> None:
    msp.tell(client(), contract(), fixed(price="3650.00", **YEAR))
    run(msp, 7)
    msp.tell(contract(cancelled_on=date(2026, 8, 1), notice_days=31))
    assert msp.recognise(month(2026, 8)) == 1
    assert revenue(msp, 7, 8, 9) == ["310.00", "310.00", "0"]
    assert msp.balance(DEFERRED) == -3030
    run(msp, 8, 9)
    assert revenue(msp, 7, 8, 9) == ["310.00", "310.00", "0"]
    assert msp.balance(DEFERRED) == 0
    msp.must_hold()


def test_an_upgrade_within_the_year_moves_no_earlier_month(msp: Msp) -> None:
    msp.tell(client(), contract(), fixed(price="3650.00", **YEAR))
    run(msp, 7)
    step = {"since": "2026-08-11", "unit_price": "7300.00"}
    msp.tell(fixed(price="3650.00", steps=[step], **YEAR))
    assert msp.recognise(month(2026, 8)) == 1
    assert revenue(msp, 7, 8) == ["310.00", "100.00"], "what is beyond is not invoiced yet"
    run(msp, 8, 9)
    assert revenue(msp, 7, 8, 9) == ["310.00", "520.00", "600.00"]
    msp.must_hold()


def test_a_pause_told_late_comes_back(msp: Msp) -> None:
    msp.tell(client(), contract(), fixed(price="310.00", timing="advance", work_types=["*"]))
    run(msp, 7, 8)
    assert msp.balance(DEFERRED) == 0
    msp.tell(contract(terms={"pauses": [{"since": "2026-08-11", "until": "2026-09-01"}]}))
    msp.tell(booking("1", day=date(2026, 8, 12)))
    run(msp, 8)
    assert revenue(msp, 7, 8) == ["310.00", "100.00"]
    assert msp.balance(DEFERRED) == 0
    [held] = msp.propose(month(2026, 8)).held
    assert "line psa:L1 is paused on 2026-08-12" in " ".join(held.reason)
    msp.must_hold()


def test_a_contract_whose_index_is_not_published_is_held_and_no_other(msp: Msp) -> None:
    uplift = {"since": "2026-07-15", "index": "cpi", "base": "2026-01"}
    msp.tell(client(), contract(), fixed())
    msp.tell(contract("C2"), fixed("L2", "C2", uplift=uplift), booking("1", day=JULY.start))
    msp.tell(structs.replace(booking("2", day=JULY.start), contract="C2"))
    report = msp.propose(JULY)
    assert [one.booking for one in report.held] == ["psa:1", "psa:2"]
    assert "contract psa:C2 cannot be priced" in " ".join(report.held[1].reason)
    [draft] = map(body_of, msp.rows(proposal))
    assert draft.net.amount == Decimal("100.00")
    [hold] = draft.holds
    assert hold.what.startswith("The index cpi has no value for 2026-01.")
