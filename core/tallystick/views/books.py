"""Reports of the books: trial balance, ageing, deferred revenue, each with what it must tie to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from tallystick.books import ageing as by_age
from tallystick.books import roll_forward as rolled
from tallystick.books.accounts import Chart
from tallystick.books.ageing import AgeingRow
from tallystick.books.entries import DEFERRED, RECEIVABLE
from tallystick.books.plain_text import Format, export
from tallystick.books.roll_forward import RollForward
from tallystick.money import Money, total
from tallystick.period import Period
from tallystick.store.books import journal, ledger_reports
from tallystick.store.database import Database

LAST = date.max


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on an account; debit positive."""

    account: str
    balance: Money


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account with a balance at the end of the day `on`, None for all there is. The sums
    per currency are zero, or the books are not balanced."""

    on: date | None
    balances: list[Balance]
    sums: dict[str, Money]


@dataclass(frozen=True, slots=True)
class Ageing:
    """What clients owe at the end of the day `on`; `booked` is what the journal has receivable."""

    on: date
    rows: list[AgeingRow]
    totals: list[AgeingRow]
    booked: dict[str, Money]

    @property
    def ties(self) -> bool:
        return _alike({row.total.currency: row.total for row in self.totals}, self.booked)


@dataclass(frozen=True, slots=True)
class DeferredRevenue:
    """The roll-forward; `booked` is what the journal has deferred at the end, `invoiced` what
    invoices billed ahead less what was recognised."""

    period: Period
    rows: list[RollForward]
    totals: list[RollForward]
    booked: dict[str, Money]
    invoiced: dict[str, Money]

    @property
    def ties(self) -> bool:
        closing = {row.closing.currency: row.closing for row in self.totals}
        return _alike(closing, self.booked) and _alike(closing, self.invoiced)


def trial_balance(database: Database, on: date | None) -> TrialBalance:
    with database.read() as connection:
        rows = journal.trial_balance(connection, _after(on))
    found = [Balance(row.account, Money(int(row.balance_minor), row.currency)) for row in rows]
    currencies = sorted({one.balance.currency for one in found})
    sums = {
        currency: total((o.balance for o in found if o.balance.currency == currency), currency)
        for currency in currencies
    }
    return TrialBalance(on, [one for one in found if one.balance], sums)


def ageing(database: Database, on: date) -> Ageing:
    with database.read() as connection:
        rows = by_age.ageing(ledger_reports.open_invoices(connection, _after(on) or LAST), on)
        booked = _booked(connection, RECEIVABLE, _after(on))
    return Ageing(on, rows, by_age.totals(rows), booked)


def deferred(database: Database, period: Period) -> DeferredRevenue:
    with database.read() as connection:
        rows = rolled.roll_forward(ledger_reports.deferred_moves(connection, period))
        booked = _booked(connection, DEFERRED, period.end)
        invoiced = ledger_reports.deferred_by_invoices(connection, period.end)
    owed = {currency: -amount for currency, amount in booked.items()}
    return DeferredRevenue(period, rows, rolled.totals(rows), owed, invoiced)


def exported(database: Database, into: Format, chart: Chart, on: date | None) -> Iterator[str]:
    """The journal up to the end of the day `on` as text, piece by piece."""
    with database.read() as connection:
        yield from export(ledger_reports.entries(connection, _after(on)), into, chart)


def _after(on: date | None) -> date | None:
    return None if on is None else on + timedelta(days=1)


def _booked(connection: Connection, account: str, until: date | None) -> dict[str, Money]:
    return {
        row.currency: Money(int(row.balance_minor), row.currency)
        for row in journal.trial_balance(connection, until, account)
    }


def _alike(ours: Mapping[str, Money], theirs: Mapping[str, Money]) -> bool:
    """Whether two sets of sums agree in every currency; nothing is zero."""
    named: Iterable[str] = ours.keys() | theirs.keys()
    zero = Money.zero
    return all(ours.get(one, zero(one)) == theirs.get(one, zero(one)) for one in named)
