"""A closed period does not move, whatever is told later; what is late lands in the open month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import delete, func, select
from tests.cycle.msp import NOON, Msp
from tests.cycle.told import booking, client, contract, cost_rate, fixed, hourly, prepaid

from tallystick.books.checklist import Item
from tallystick.books.closing import in_open_period
from tallystick.books.entries import RECEIVABLE, Entry, Posting
from tallystick.cash.settling.settle import settle
from tallystick.cycle.close import CloseReport, close, reopen
from tallystick.cycle.issue import issue
from tallystick.cycle.recognise import recognise
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import Period, month, parse_period
from tallystick.records import BankTransaction
from tallystick.store.billing.schema import invoice
from tallystick.store.books import journal, periods
from tallystick.store.books.schema import entry, period_event, posting
from tallystick.store.books.sealed import broken
from tallystick.store.cash import undelivered
from tallystick.store.facts import inbound
from tallystick.store.facts.schema import FACTS
from tallystick.store.profit.keeping import Keeper
from tallystick.store.profit.rebuilding import ensure, rebuild
from tallystick.store.profit.schema import profit_cell
from tallystick.views import books
from tallystick.views.profit import profit

Q3 = parse_period("2026-Q3")
OCTOBER = month(2026, 10)
END = date(2026, 10, 1)
NOVEMBER = datetime(2026, 11, 5, 9, tzinfo=UTC)


def closing(
    msp: Msp, period: Period = Q3, why: str | None = None, posts: bool = False
) -> CloseReport:
    now = msp.clock
    return close(msp.database, msp.terms, period, "cleo", why, now.date(), lambda: now, posts)


def found(report: CloseReport) -> dict[str, int]:
    return {one.code: one.count for one in report.items if one.count}


def bill(msp: Msp, period: Period, on: date) -> list[str]:
    """Propose, approve and issue on a day; recognise what is due by then."""
    msp.propose(period)
    msp.approve(period, why="told to")
    report = issue(msp.database, msp.terms, period, on, msp.now, lambda _: None, lambda *told: None)
    recognise(msp.database, msp.terms, period, on, msp.now)
    return [number for number, _ in report.issued]


@pytest.fixture
def quarter(msp: Msp) -> Msp:
    """July to September: a fee, a fee in advance, a block of hours, work by the hour, and who did
    it; billed at the end of each month."""
    msp.tell(client(), contract(), prepaid(rollover_periods=1, work_types=["remote"]), hourly())
    msp.tell(fixed(), fixed("L5", price="90.00", timing="advance", cycle="quarter"))
    msp.tell(client("K2"), contract("C2", "K2", currency="CHF"), fixed("L6", "C2", price="55.55"))
    msp.tell(cost_rate("R1"), cost_rate("R2", technician="T2"))
    for number in (7, 8, 9):
        msp.tell(
            booking(f"{number}a", day=date(2026, number, 10), seconds=9000, work_type="remote"),
            booking(f"{number}b", day=date(2026, number, 20)),
        )
        span = month(2026, number)
        bill(msp, span, span.last_day)
    ensure(msp.database, msp.cells)
    return msp


def test_what_is_settled_is_closed_without_a_word(quarter: Msp) -> None:
    report = closing(quarter)
    assert (report.closed, found(report)) == (True, {"unposted": 6})
    [row] = quarter.rows(period_event)
    assert (row.kind, row.period_start, row.period_end, row.by) == ("closed", *Q3, "cleo")
    with quarter.database.read() as connection:
        assert periods.open_from(connection) == END
        assert broken(connection, "periods") == broken(connection, "journal") == []


def open_quarantine(msp: Msp) -> None:
    msp.set_aside("booking", "77")


def open_proposal(msp: Msp) -> None:
    msp.tell(booking("more", day=date(2026, 9, 29)))
    msp.propose()


def something_unbilled(msp: Msp) -> None:
    msp.tell(booking("more", day=date(2026, 9, 29)))


def money_nobody_placed(msp: Msp) -> None:
    pay(msp, "t1", "11.00", "for something")
    settle_cash(msp)


def money_nobody_looked_at(msp: Msp) -> None:
    pay(msp, "t1", "11.00", "for something")


def money_nobody_can_value(msp: Msp) -> None:
    first = msp.rows(invoice)[0]
    euros = Money(first.gross_minor, first.currency).amount
    pay(msp, "t1", str(euros), first.number, currency="CHF", paid_in=first.currency)
    settle_cash(msp)


def work_nobody_has(msp: Msp) -> None:
    msp.tell(client("K3"), booking("lost", "K3", day=date(2026, 9, 3)))


def work_for_a_client_nobody_knows(msp: Msp) -> None:
    msp.tell(booking("stray", "K9", contract=None, day=date(2026, 9, 3)))


def work_without_a_cost(msp: Msp) -> None:
    msp.tell(booking("free", day=date(2026, 8, 9), technician="T9", billable="never"))


def an_unreadable_line(msp: Msp) -> None:
    msp.tell(fixed(price="many"))


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (open_quarantine, "quarantine"),
        (open_proposal, "proposals"),
        (something_unbilled, "unbilled"),
        (money_nobody_placed, "suspense"),
        (money_nobody_looked_at, "unsettled"),
        (money_nobody_can_value, "exchange_rates"),
        (work_nobody_has, "unrouted"),
        (work_for_a_client_nobody_knows, "strays"),
        (work_without_a_cost, "cost_rates"),
        (an_unreadable_line, "unpriced"),
    ],
)
def test_what_is_open_keeps_it_open_until_somebody_accepts_it(
    quarter: Msp, happens: Callable[[Msp], None], code: str
) -> None:
    happens(quarter)
    report = closing(quarter)
    assert not report.closed
    assert {one.code for one in report.holding} >= {code}
    assert quarter.rows(period_event) == []
    assert not closing(quarter, why="  ").closed
    assert closing(quarter, why="the auditor waits").closed
    [row] = quarter.rows(period_event)
    assert row.reason == "the auditor waits"
    assert {one["code"] for one in row.checklist if one["count"]} >= {code}


def test_invoices_must_be_posted_where_there_is_accounting(quarter: Msp) -> None:
    report = closing(quarter, posts=True)
    assert not report.closed
    [item] = report.holding
    assert item == Item(
        "unposted",
        "hold",
        "invoices not posted to accounting",
        6,
        "`tallystick bill post`.",
        tuple(f"INV-2026-{n:04}" for n in range(1, 6)),
    )


@pytest.mark.parametrize(
    ("period", "says"),
    [
        ("2026-09-01..2026-09-29", "cuts a month"),
        ("2026-10", "is not over"),
        ("2026-09", "is closed already"),
        ("2026-Q3", "is closed already"),
    ],
)
def test_a_period_that_cannot_be_closed(quarter: Msp, period: str, says: str) -> None:
    closing(quarter)
    with pytest.raises(Stop, match=says):
        closing(quarter, parse_period(period))


def test_months_are_closed_in_their_order(quarter: Msp) -> None:
    assert closing(quarter, month(2026, 7)).closed
    with pytest.raises(Stop, match=r"Close 2026-08\.\.2026-09"):
        closing(quarter, month(2026, 9))
    assert closing(quarter, parse_period("2026-08..2026-09")).closed


def test_an_invoice_dated_into_a_closed_period_is_refused(quarter: Msp) -> None:
    closing(quarter)
    quarter.tell(booking("late", day=date(2026, 9, 29)))
    quarter.propose()
    quarter.approve(why="told to")
    before = quarter.rows(entry)
    with pytest.raises(Stop, match="books are closed before 2026-10-01"):
        bill(quarter, month(2026, 9), date(2026, 9, 30))
    assert quarter.rows(entry) == before
    assert len(bill(quarter, month(2026, 9), END)) == 1


def test_a_late_booking_is_reported_in_the_open_month_and_says_where_it_belongs(
    quarter: Msp,
) -> None:
    closing(quarter)
    quarter.tell(booking("late", day=date(2026, 8, 29)))
    bill(quarter, month(2026, 9), date(2026, 10, 7))
    last = quarter.rows(entry)[-1]
    assert (last.booked_on, last.belongs_on) == (date(2026, 10, 7), None)
    assert last.narration.endswith("(belongs to 2026-08, which is closed)")
    legs = [row for row in quarter.rows(posting) if row.entry == last.id and row.service_month]
    assert {(row.service_month, row.reported_in) for row in legs} == {(date(2026, 8, 1), END)}


def test_money_dated_into_a_closed_period_is_booked_on_the_first_open_day(quarter: Msp) -> None:
    closing(quarter)
    pay(quarter, "t1", "5.00", "late", on=date(2026, 9, 28))
    settle_cash(quarter)
    last = quarter.rows(entry)[-1]
    assert (last.booked_on, last.belongs_on) == (END, date(2026, 9, 28))
    assert "belongs to 2026-09" in last.narration
    with quarter.database.read() as connection:
        [(part, _, _)] = undelivered.to_deliver(connection, "ledger")
    assert part.booked_on == END, "accounting is told the same day"


def pay(
    msp: Msp,
    ref: str,
    amount: str,
    why: str,
    on: date = date(2026, 9, 30),
    currency: str = "EUR",
    paid_in: str | None = None,
) -> None:
    """Money into an account in `currency`; as much was paid in `paid_in`."""
    one = BankTransaction(
        id=ref,
        account="DE89",
        booked_on=on,
        amount=Decimal(amount),
        currency=currency,
        paid_amount=Decimal(amount) if paid_in else None,
        paid_currency=paid_in,
        remittance=why,
    )
    with msp.database.write() as connection:
        inbound.store_records(connection, "psa", "bank_transaction", [one], NOON)


def settle_cash(msp: Msp) -> None:
    settle(msp.database, ["psa"], msp.clock.date(), msp.now, lambda _: None)


def reports(msp: Msp) -> dict[str, object]:
    """Everything that is reported of the third quarter."""
    ends = [month(2026, number).last_day for number in (6, 7, 8, 9)]
    with msp.database.read() as connection:
        revenue = connection.execute(
            select(
                posting.c.reported_in,
                posting.c.contract,
                posting.c.account,
                func.sum(posting.c.amount_minor),
            )
            .where(posting.c.reported_in < END)
            .group_by(posting.c.reported_in, posting.c.contract, posting.c.account)
            .order_by(posting.c.reported_in, posting.c.contract, posting.c.account)
        ).all()
    return {
        "trial balance": [books.trial_balance(msp.database, day) for day in ends],
        "ageing": [books.ageing(msp.database, day) for day in ends],
        "deferred": [books.deferred(msp.database, month(2026, n)) for n in (7, 8, 9)],
        "revenue": revenue,
        "profit": [profit(msp.database, msp.cells, month(2026, n), "contract") for n in (7, 8, 9)],
        "profit by client": profit(msp.database, msp.cells, Q3, "client"),
    }


def whole(msp: Msp) -> list[tuple[object, ...]]:
    """Profit of everything, as it is reported."""
    found = profit(msp.database, msp.cells, Period(date(2026, 1, 1), date(2027, 1, 1)), "year")
    return [
        (row.revenue, row.seconds, row.labour, row.overhead, row.direct_cost) for row in found.rows
    ]


CHANGES: list[Callable[[Msp, Random, int], None]] = [
    lambda msp, random, n: msp.tell(booking(f"late{n}", day=some_day(random), seconds=1800 * n)),
    lambda msp, random, n: msp.tell(
        booking(f"late{n}", day=some_day(random), work_type="remote", seconds=3600)
    ),
    lambda msp, random, n: msp.tell(fixed(price=f"{random.randint(50, 150)}.00")),
    lambda msp, random, n: msp.tell(
        fixed("L5", price=f"{random.randint(50, 150)}.00", timing="advance", cycle="quarter")
    ),
    lambda msp, random, n: gone(msp, f"{random.randint(7, 9)}{random.choice('ab')}"),
    lambda msp, random, n: msp.tell(contract(ends_on=some_day(random))),
    lambda msp, random, n: msp.tell(contract("C2", "K2", currency="CHF", ends_on=END)),
    lambda msp, random, n: msp.tell(cost_rate("R1", hourly=f"{random.randint(30, 60)}.00")),
    lambda msp, random, n: pay(msp, f"t{n}", "119.00", "INV-2026-0001", some_day(random)),
]


def gone(msp: Msp, ref: str) -> None:
    """A booking that is deleted at its source."""
    table = FACTS["booking"]
    keep = Keeper(msp.cells)
    with msp.database.write() as connection, keep(connection, "psa", "booking", [ref]):
        connection.execute(delete(table).where(table.c.id == ref))


def some_day(random: Random) -> date:
    return date(2026, 7, 1) + timedelta(days=random.randrange(92))


@pytest.mark.parametrize("seed", range(4))
def test_nothing_told_later_moves_a_closed_quarter(quarter: Msp, seed: int) -> None:
    """Late bookings, other prices and cost rates, deletes, terminations and payments."""
    assert closing(quarter).closed
    before = reports(quarter)
    random = Random(seed)
    for n in range(1, 13):
        random.choice(CHANGES)(quarter, random, n)
        bill(quarter, month(2026, 9), date(2026, 10, 10 + n))
        settle_cash(quarter)
        assert reports(quarter) == before
    quarter.clock = NOVEMBER
    bill(quarter, OCTOBER, date(2026, 11, 2))
    rebuild(quarter.database, quarter.cells)
    assert reports(quarter) == before
    assert whole(quarter) == as_they_are(quarter), "nothing is lost, and nothing told twice"
    _and_the_next_month_too(quarter)
    with quarter.database.read() as connection:
        assert broken(connection, "journal") == []
    quarter.must_hold()
    assert books.ageing(quarter.database, date(2026, 12, 31)).ties
    assert books.deferred(quarter.database, OCTOBER).ties


def as_they_are(msp: Msp) -> list[tuple[object, ...]]:
    """The same from the stamps and the journal, whatever is closed."""
    names = ("revenue_minor", "seconds", "labour_minor", "overhead_minor", "direct_minor")
    with msp.database.read() as connection:
        rows = connection.execute(
            select(profit_cell.c.currency, *(func.sum(profit_cell.c[name]) for name in names))
            .group_by(profit_cell.c.currency)
            .order_by(profit_cell.c.currency)
        ).all()
    found = {
        currency: (Money(int(first), currency), int(seconds), *(Money(int(m), currency) for m in m))
        for currency, first, seconds, *m in rows
    }
    order = [row[0].currency for row in whole(msp)]  # type: ignore[attr-defined]  # it is money
    return [found[currency] for currency in order]


def _and_the_next_month_too(msp: Msp) -> None:
    """October holds what came late; once it is closed, that stays there."""
    assert closing(msp, OCTOBER, why="to see").closed
    before = profit(msp.database, msp.cells, OCTOBER, "contract")
    msp.tell(booking("very late", day=date(2026, 7, 3), seconds=36000))
    assert profit(msp.database, msp.cells, OCTOBER, "contract") == before
    assert whole(msp) == as_they_are(msp)


def test_effort_that_comes_late_is_told_in_the_open_month(quarter: Msp) -> None:
    closing(quarter)
    before = profit(quarter.database, quarter.cells, month(2026, 8), "contract")
    quarter.tell(booking("late", day=date(2026, 8, 12), seconds=7200))
    assert profit(quarter.database, quarter.cells, month(2026, 8), "contract") == before
    [row] = profit(quarter.database, quarter.cells, OCTOBER, "contract").rows
    assert (row.ref, row.seconds, row.labour) == ("psa:C1", 7200, Money(8000, "EUR"))
    reopen(quarter.database, Q3, "anna", "a mistake", quarter.now)
    reopen(quarter.database, Q3, "bernd", "a mistake", quarter.now)
    assert profit(quarter.database, quarter.cells, OCTOBER, "contract").rows == []
    after = profit(quarter.database, quarter.cells, month(2026, 8), "contract")
    assert sum(r.seconds for r in after.rows) == sum(r.seconds for r in before.rows) + 7200


def test_reopening_needs_two_people(quarter: Msp) -> None:
    closing(quarter)

    def ask(by: str, period: Period = Q3, hours: int = 0, reason: str = "a mistake") -> str:
        return reopen(quarter.database, period, by, reason, lambda: NOON + timedelta(hours=hours))

    with pytest.raises(Stop, match="needs a reason"):
        ask("anna", reason=" ")
    with pytest.raises(Stop, match="cannot be reopened: the books are closed before 2026-10-01"):
        ask("anna", month(2026, 8))
    assert ask("anna") == "reopening"
    with pytest.raises(Stop, match="anna has asked to reopen"):
        ask("anna", hours=23)
    assert ask("bernd", hours=25) == "reopening", "what anna asked for is too long ago"
    assert ask("anna", hours=26) == "reopened"
    with quarter.database.read() as connection:
        assert periods.open_from(connection) == Q3.start
        assert broken(connection, "periods") == []
    kinds = [(row.kind, row.by) for row in quarter.rows(period_event)]
    assert kinds == [
        ("closed", "cleo"),
        ("reopening", "anna"),
        ("reopening", "bernd"),
        ("reopened", "anna"),
    ]
    quarter.tell(booking("late", day=date(2026, 8, 29)))
    bill(quarter, month(2026, 9), date(2026, 9, 30))
    assert "belongs to" not in quarter.rows(entry)[-1].narration
    assert closing(quarter).closed


def test_a_tampered_log_of_periods_is_found(quarter: Msp) -> None:
    closing(quarter)
    with quarter.database.write() as connection:
        connection.exec_driver_sql("UPDATE period_event SET reason = 'nothing to see'")
    with quarter.database.read() as connection:
        assert [fault.id for fault in broken(connection, "periods")] == [1]


def test_a_closing_is_an_anchor_of_the_journal(quarter: Msp) -> None:
    """Whoever rewrites the journal behind a closing is found without any file."""
    closing(quarter)
    with quarter.database.write() as connection:
        last = connection.execute(select(func.max(entry.c.id))).scalar_one()
        connection.exec_driver_sql(f"DELETE FROM posting WHERE entry = {last}")
        connection.exec_driver_sql(f"DELETE FROM entry WHERE id = {last}")
        kept = connection.execute(select(entry.c.hash).where(entry.c.id == last - 1)).scalar_one()
        connection.exec_driver_sql(
            f"UPDATE chain_head SET length = {last - 1}, hash = '{kept}' WHERE chain = 'journal'"
        )
        other = Money(1, "EUR")
        legs = (Posting(RECEIVABLE, other), Posting("Income:Fixed", -other))
        journal.record(connection, [Entry("anew", END, "", legs)], NOON)
    with quarter.database.read() as connection:
        assert [fault.id for fault in broken(connection, "journal")] == [last]


def test_an_open_period_is_left_alone() -> None:
    one = Money(1, "EUR")
    legs = (Posting(RECEIVABLE, one), Posting("Income:Fixed", -one, service_month=date(2026, 9, 1)))
    told = Entry("x", date(2026, 9, 30), "X", legs)
    reported = replace(legs[1], reported_in=date(2026, 9, 1))
    assert in_open_period(told, None) == replace(told, postings=(legs[0], reported))
    assert in_open_period(told, date(2026, 9, 1)) == in_open_period(told, None)
    moved = in_open_period(told, END)
    assert (moved.booked_on, moved.belongs_on) == (END, told.booked_on)
    assert moved.postings[1].service_month == date(2026, 9, 1)
    assert moved.postings[1].reported_in == END
