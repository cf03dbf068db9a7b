"""Deferred revenue of random contracts over 36 months: every month closes to the cent, and when
all is over nothing is left."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from tests.cycle.msp import NOON, Msp
from tests.cycle.told import booking, client, contract, fixed, prepaid

from tallystick.cycle.issue import issue
from tallystick.cycle.recognise import recognise
from tallystick.cycle.write_down import write_down
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import Period, add_months
from tallystick.records import ContractLine
from tallystick.store.billing.schema import charge, invoice, proposal
from tallystick.store.books.sealed import broken
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import upgrade
from tallystick.views import books

MONTHS = [Period(first, add_months(first, 1, 1)) for first in (date(2024, 1, 1),)]
while len(MONTHS) < 36:
    MONTHS.append(Period(MONTHS[-1].end, add_months(MONTHS[-1].end, 1, 1)))
AFTER_ALL = Period(MONTHS[-1].start, date(2031, 1, 1))
STARTS = date(2024, 1, 1)


class Years:
    """One client's contract, of which a line changes, ends or is given up now and then."""

    def __init__(self, database: Database, seed: int) -> None:
        self.random = Random(seed)
        self.msp = Msp(database)
        self.msp.tell(client(), contract(starts_on=STARTS + timedelta(self.random.randrange(40))))
        for ref in ("A", "B", "C", "D"):
            self.msp.tell(self.line(ref))

    def line(self, ref: str) -> ContractLine:
        price = f"{self.random.randint(100, 99_999) / 100:.2f}"
        if ref == "D":
            return prepaid(ref, price=price, rollover_periods=self.random.randrange(4))
        cycle = {"A": "month", "B": "quarter", "C": "year"}[ref]
        align = self.random.choice(["calendar", "contract"])
        return fixed(ref, price=price, timing="advance", cycle=cycle, align=align)

    def live(self, span: Period) -> None:
        """What happens in a month, then its run."""
        random = self.random
        for _ in range(random.randrange(2)):
            day = span.start + timedelta(days=random.randrange(-60, 28))
            ref = f"{span.start}-{random.randrange(99)}"
            self.msp.tell(booking(ref, day=day, seconds=random.randrange(900, 40_000)))
        if random.random() < 0.15:
            self.msp.tell(self.line(random.choice("ABCD")))
        if random.random() < 0.1:
            ends_on = span.start + timedelta(days=random.randrange(-20, 200))
            self.msp.tell(contract(starts_on=STARTS, ends_on=random.choice([ends_on, None])))
        self.bill(span, span.last_day)
        if random.random() < 0.3 and (numbers := self.deferring()):
            self.give_up(random.choice(numbers))

    def deferring(self) -> list[str]:
        numbers = {row.invoice for row in self.msp.rows(charge) if row.deferred}
        return [
            row.number
            for row in self.msp.rows(invoice)
            if row.number in numbers and row.kind == "invoice"
        ]

    def give_up(self, number: str) -> None:
        amount = Decimal(self.random.randint(1, 20_000)) / 100
        with suppress(Stop):  # less than that is left of it
            write_down(self.msp.database, self.msp.terms, number, amount, None, "x", "anna", noon)

    def bill(self, span: Period, on: date) -> None:
        self.msp.propose(span)
        rows = self.msp.rows(proposal)
        for period in {
            Period(row.period_start, row.period_end) for row in rows if row.state == "proposed"
        }:
            self.msp.approve(period, why="told to")
            given = (self.msp.database, self.msp.terms, period, on, noon)
            issue(*given, lambda _: None, lambda *told: None)
        recognise(self.msp.database, self.msp.terms, span, on, noon)


def noon() -> datetime:
    return NOON


@pytest.mark.parametrize("seed", range(2))
def test_three_years_close_to_the_cent_and_end_at_zero(tmp_path: Path, seed: int) -> None:
    database = open_database("sqlite:///years.db", tmp_path)
    upgrade(database)
    years = Years(database, seed)
    closing = Money(0, "EUR")
    moved = 0
    for span in MONTHS:
        years.live(span)
        found = books.deferred(database, span)
        assert found.ties
        for row in found.totals:
            assert row.opening == closing
            closing = row.closing
            moved += row.billed.minor
    assert moved > 0
    assert any(row.basis.startswith("write_down:") for row in years.msp.rows(charge))
    years.msp.tell(contract(starts_on=STARTS, ends_on=MONTHS[-1].end - timedelta(days=11)))
    years.bill(AFTER_ALL, MONTHS[-1].end)
    years.bill(AFTER_ALL, AFTER_ALL.end)
    last = books.deferred(database, Period(MONTHS[-1].end, date(2032, 1, 1)))
    assert last.ties
    assert [row.closing.minor for row in last.rows] == [0] * len(last.rows)
    with database.read() as connection:
        assert broken(connection, "journal") == []
    assert not any(one.minor for one in books.trial_balance(database, None).sums.values())
    database.close()
