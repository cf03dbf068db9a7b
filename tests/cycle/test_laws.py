"""Any sequence of facts and steps: the books balance, every number is there, nothing is billed
twice, and once everything is issued what was billed is what an independent count comes to."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tallystick.cycle.post import post_entries, post_invoices
from tallystick.cycle.write_down import void, write_down
from tallystick.errors import Stop
from tallystick.period import Period, month
from tallystick.store.billing.detail_schema import invoice_included
from tallystick.store.billing.schema import charge, invoice, invoice_line
from tallystick.store.billing.schema import write_down as write_downs
from tallystick.store.books.schema import entry
from tallystick.store.database import open_database

from .msp import AUGUST, JULY, SEPTEMBER, TERMS, Msp
from .test_post import Ledger
from .told import booking, client, contract, fixed, hourly, prepaid

OCTOBER = month(2026, 10)
MONTHS = (JULY, AUGUST, SEPTEMBER)
HOURS = 5
periods = st.sampled_from(MONTHS)
clients = st.sampled_from(["K1", "K2"])
days = st.integers(0, 91).map(lambda n: JULY.start + timedelta(days=n))
seconds = st.sampled_from([0, 1, 900, 3600, 5000, 4 * 3600])
cents = st.integers(0, 30_000)


@dataclass(frozen=True)
class Work:
    """A booking as the test knows it."""

    of: str
    day: date
    seconds: int
    billable: bool

    @property
    def counted_s(self) -> int:
        """Each started quarter of an hour counts whole."""
        return -(-self.seconds // 900) * 900 if self.billable else 0


def at_rate(counted_s: int) -> int:
    """Cents for time at 95.00 an hour, half a cent up."""
    return int(Fraction(9500 * counted_s, 3600) + Fraction(1, 2))


class Cycle(RuleBasedStateMachine):
    """K1 pays a fee a month and every hour; K2 five hours a month in advance, and what is over."""

    def __init__(self, migrated: Path) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        shutil.copy(migrated, Path(self.folder.name) / "cycle.db")
        database = open_database("sqlite:///cycle.db", Path(self.folder.name))
        self.msp = Msp(database, replace(TERMS, detailed=True))
        self.ledger = Ledger()
        self.works: dict[str, Work] = {}
        self.prices = {"K1": 10_000, "K2": 45_000}
        self.msp.tell(client("K1"), contract("C1", "K1"), hourly("L2", "C1"))
        self.msp.tell(client("K2"), contract("C2", "K2"))
        self._tell_prices()

    def teardown(self) -> None:
        self.msp.database.close()
        self.folder.cleanup()

    @rule(of=clients, day=days, worked=seconds, billable=st.booleans())
    def book(self, of: str, day: date, worked: int, billable: bool) -> None:
        self._tell(f"b{len(self.works):03}", Work(of, day, worked, billable))

    @precondition(lambda self: self.works)
    @rule(data=st.data(), worked=seconds)
    def edit(self, data: st.DataObject, worked: int) -> None:
        ref = data.draw(st.sampled_from(sorted(self.works)))
        self._tell(ref, replace(self.works[ref], seconds=worked))

    @precondition(lambda self: self.works)
    @rule(data=st.data(), day=days, of=clients)
    def move(self, data: st.DataObject, day: date, of: str) -> None:
        ref = data.draw(st.sampled_from(sorted(self.works)))
        self._tell(ref, replace(self.works[ref], day=day, of=of))

    @rule(of=clients, price=cents)
    def reprice(self, of: str, price: int) -> None:
        self.prices[of] = price
        self._tell_prices()

    @rule(po_number=st.sampled_from([None, "4711", "4712"]))
    def reorder(self, po_number: str | None) -> None:
        """K1's contract moves to another invoice, and what was billed is corrected there."""
        self.msp.tell(contract("C1", "K1", po_number=po_number))

    @precondition(lambda self: self._creditable())
    @rule(data=st.data(), by=st.sampled_from(["anna", "bernd"]))
    def give_up(self, data: st.DataObject, by: str) -> None:
        number, left = data.draw(st.sampled_from(self._creditable()))
        minor = data.draw(st.integers(1, left))
        write_down(
            self.msp.database,
            self.msp.terms,
            number,
            Decimal(minor).scaleb(-2),
            None,
            "agreed",
            by,
            self.msp.now,
        )

    @precondition(lambda self: self.msp.rows(write_downs))
    @rule(of=clients)
    def drop(self, of: str) -> None:
        with suppress(Stop):
            void(self.msp.database, f"psa:{of}", None, "agreed otherwise", "carla")

    @rule(period=periods)
    def propose(self, period: Period) -> None:
        report = self.msp.propose(period)
        assert not report.failed

    @rule(period=periods, by=st.sampled_from(["anna", "bernd"]))
    def approve(self, period: Period, by: str) -> None:
        report = self.msp.approve(period, by)
        assert not any(one.prepared_by == by for one in report.approved)

    @rule(period=periods)
    def issue(self, period: Period) -> None:
        self.msp.issue(period)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.msp.clock += timedelta(hours=hours)

    @rule(period=periods)
    def recognise(self, period: Period) -> None:
        self.msp.recognise(period)
        assert self.msp.recognise(period) == 0

    @rule()
    def post(self) -> None:
        for step in (post_invoices, post_entries):
            report = step(self.msp.database, "books", self.ledger, self.msp.now, lambda _: None)
            assert report.problems == []
        kept = {("invoice", row.number) for row in self.msp.rows(invoice)}
        kept |= {("entry", row.source) for row in self.msp.rows(entry) if "recog" in row.source}
        assert {key for key in self.ledger.booked if key[0] != "customer"} == kept
        assert len(self.ledger.pushes) == len(set(self.ledger.pushes))

    @rule(period=periods)
    def bill_everything(self, period: Period) -> None:
        self.msp.bill(period)
        later = [one for one in MONTHS if one.start > period.start]
        if all(not self._billed_for(one) for one in later):
            assert self._billed() == {of: self._expected(of, period) for of in self.prices}
        for one in self.msp.propose(period).proposed:
            assert one.group.startswith("write-down "), "held, and what it says has changed"
        assert self.msp.propose(period).proposed == []

    @rule()
    def close_the_quarter(self) -> None:
        """September is billed and earned, and October, when all is issued, is over: nothing is
        deferred, every month has its own, and what was given up of it is off October; a line that
        earns nothing any more has no account, then it stands among the write-downs."""
        self.msp.bill(SEPTEMBER)
        self.msp.recognise(OCTOBER)
        assert self._billed() == {of: self._expected(of, SEPTEMBER) for of in self.prices}
        assert self.msp.balance("Liabilities:Deferred") == 0
        earned = dict.fromkeys(MONTHS, -self.prices["K2"])
        earned[OCTOBER] = self._given_up(deferred=True) - self._without_account()
        for one, minor in earned.items():
            assert self.msp.balance("Income:Prepaid", service_month=one.start) * 100 == minor

    @invariant()
    def the_books_hold(self) -> None:
        self.msp.must_hold()
        others = self.msp.balance("Income:WriteDown") * 100 - self._without_account()
        assert others == self._given_up(deferred=False)
        told: dict[tuple[str, str], int] = {}
        for row in self.msp.rows(invoice_included):
            key = (row.line, row.booking)
            told[key] = told.get(key, 0) + row.seconds
        assert min(told.values(), default=0) >= 0, "no annex takes back more than was told"

    def _tell(self, ref: str, work: Work) -> None:
        self.works[ref] = work
        billable = "billable" if work.billable else "no_charge"
        self.msp.tell(booking(ref, work.of, work.day, seconds=work.seconds, billable=billable))

    def _tell_prices(self) -> None:
        fee, package = (f"{self.prices[of] / 100:.2f}" for of in ("K1", "K2"))
        self.msp.tell(fixed("L1", "C1", fee), prepaid("L4", "C2", package, quantity=str(HOURS)))

    def _creditable(self) -> list[tuple[str, int]]:
        """Invoices with what is left of their positive lines in cents."""
        left = {
            row.number: sum(
                line.net_minor
                for line in self.msp.rows(invoice_line)
                if line.invoice == row.number and line.net_minor > 0
            )
            for row in self.msp.rows(invoice)
            if row.kind == "invoice"
        }
        for row in self.msp.rows(write_downs):
            left[row.invoice] -= 0 if row.dropped else row.amount_minor
        return sorted((number, minor) for number, minor in left.items() if minor > 0)

    def _given_up(self, *, deferred: bool) -> int:
        """Cents credited by write-downs of what was billed ahead, or of the rest; nothing else may
        change their sum."""
        credited = [row for row in self.msp.rows(charge) if row.basis.startswith("write_down:")]
        issued = {row.group for row in self.msp.rows(invoice)}
        asked = sum(
            row.amount_minor
            for row in self.msp.rows(write_downs)
            if f"write-down {row.invoice}:{row.ordinal}" in issued
        )
        assert -sum(row.amount_minor for row in credited) == asked
        return sum(-int(row.amount_minor) for row in credited if row.deferred == deferred)

    def _without_account(self) -> int:
        """Cents given up of a line that earned nothing; no work, so no other write-down, is of
        October."""
        return int(self.msp.balance("Income:WriteDown", service_month=OCTOBER.start) * 100)

    def _billed(self) -> dict[str, int]:
        """Cents billed for work and contracts, write-downs apart."""
        sums = dict.fromkeys(self.prices, 0)
        of = {row.number: row.client.removeprefix("psa:") for row in self.msp.rows(invoice)}
        for row in self.msp.rows(charge):
            if not row.basis.startswith("write_down:"):
                sums[of[row.invoice]] += row.amount_minor
        return sums

    def _billed_for(self, month: Period) -> bool:
        return any(
            month.covers(row.service_start)
            for row in self.msp.rows(charge)
            if not row.basis.startswith("write_down:")
        )

    def _expected(self, of: str, until: Period) -> int:
        """Cents owed by the end of `until`."""
        months = [one for one in MONTHS if one.start <= until.start]
        owed = self.prices[of] * len(months)
        for one in months:
            left_s = HOURS * 3600 if of == "K2" else 0
            mine = {
                ref: work
                for ref, work in self.works.items()
                if work.of == of and one.covers(work.day)
            }
            for ref in sorted(mine, key=lambda ref: (mine[ref].day, ref)):
                drawn = min(left_s, mine[ref].counted_s)
                left_s -= drawn
                owed += at_rate(mine[ref].counted_s - drawn)
        return owed


def test_what_is_given_up_of_a_line_that_earns_nothing_stands_among_the_write_downs(
    migrated: Path,
) -> None:
    cycle = Cycle(migrated)
    cycle.close_the_quarter()
    number = next(number for number, minor in cycle._creditable() if minor == 3 * 45_000)
    given_up = (Decimal("19.86"), None, "agreed", "anna", cycle.msp.now)
    write_down(cycle.msp.database, cycle.msp.terms, number, *given_up)
    cycle.reprice("K2", 0)
    cycle.close_the_quarter()
    cycle.the_books_hold()
    assert cycle._without_account() == 1986
    cycle.teardown()


def test_any_sequence_of_facts_and_steps(migrated: Path) -> None:
    class Here(Cycle):
        def __init__(self) -> None:
            super().__init__(migrated)

    run_state_machine_as_test(Here, settings=settings(max_examples=20, stateful_step_count=25))
