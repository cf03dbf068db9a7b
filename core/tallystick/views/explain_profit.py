"""Explain profit: from a contract's figure to the postings, bookings and costs it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, select

from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.insight.allowances import AllowanceUnit, decimal
from tallystick.insight.profit import Figures, ProfitRow, RowKey, rows, worst_first
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.books.schema import entry, posting
from tallystick.store.database import Database
from tallystick.store.facts.by_client import client_of_contract
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.rebuilding import ensure
from tallystick.store.profit.schema import direct_cost, effort, profit_cell
from tallystick.views.profit import whole_months
from tallystick.views.profit_allowances import allowances_of
from tallystick.views.profit_names import names_of


@dataclass(frozen=True, slots=True)
class Earned:
    """One posting of recognised revenue."""

    source: str
    narration: str
    booked_on: date
    month: date
    line: str | None
    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Spent:
    """One booking: `explain booking` goes on from its reference."""

    booking: str
    work_date: date
    month: date
    technician: str | None
    work_type: str | None
    seconds: int
    labour: Money
    overhead: Money
    problem: str


@dataclass(frozen=True, slots=True)
class Bought:
    """The share of one month in a direct cost."""

    source: str
    kind: str
    month: date
    amount: Money


@dataclass(frozen=True, slots=True)
class AllowanceUsed:
    """What was used of one line's allowance or balance, to four places."""

    line: str
    description: str
    unit: AllowanceUnit
    used: Decimal
    available: Decimal


@dataclass(frozen=True, slots=True)
class ProfitStory:
    """A contract's figures in one currency each, and all they are made of."""

    contract: str
    period: Period
    figures: list[ProfitRow]
    earned: list[Earned]
    spent: list[Spent]
    bought: list[Bought]
    allowances: list[AllowanceUsed]


def explain_profit(
    database: Database, terms: CellTerms, billing: BillingTerms, ref: str, period: Period
) -> ProfitStory:
    """The story of contract `ref` (`A-1001-S`, or `psa:A-1001-S`) over whole months; raises `Stop`
    where it has neither revenue nor cost."""
    whole_months(period)
    ensure(database, terms)
    home = terms.home("contract")
    full = ref if ref.startswith(f"{home}:") else f"{home}:{ref}"
    with database.read() as connection:
        sums: dict[RowKey, Figures] = {}
        for row in connection.execute(_within(profit_cell, full, period)):
            key = RowKey(full, row.currency)
            before = sums.get(key)
            sums[key] = before.plus(_figures(row)) if before else _figures(row)
        if not sums:
            raise Stop(
                f"Contract {full} has neither revenue nor cost in {period}.",
                do="`tallystick profit` lists the contracts that have.",
            )
        return ProfitStory(
            full,
            period,
            rows(worst_first(sums), names_of(connection, "contract", [full])),
            _earned(connection, full, period),
            _spent(connection, full, period),
            _bought(connection, full, period),
            list(_allowances(connection, billing, full, period)),
        )


def _figures(row: Any) -> Figures:
    return Figures._make(getattr(row, name) for name in Figures._fields)


def _within(table: Any, contract: str, period: Period) -> Select[Any]:
    month = table.c.month
    return select(table).where(
        table.c.contract == contract, month >= period.start, month < period.end
    )


def _earned(connection: Connection, contract: str, period: Period) -> list[Earned]:
    statement = (
        select(posting, entry.c.source, entry.c.narration, entry.c.booked_on)
        .join(entry, entry.c.id == posting.c.entry)
        .where(posting.c.contract == contract, posting.c.account.startswith("Income:"))
        .where(posting.c.reported_in >= period.start, posting.c.reported_in < period.end)
        .order_by(posting.c.reported_in, posting.c.entry, posting.c.position)
    )
    return [
        Earned(
            row.source,
            row.narration,
            row.booked_on,
            row.reported_in,
            row.line,
            row.account,
            Money(-row.amount_minor, row.currency),
        )
        for row in connection.execute(statement)
    ]


def _spent(connection: Connection, contract: str, period: Period) -> list[Spent]:
    order = (effort.c.work_date, effort.c.booking)
    return [
        Spent(
            row.booking,
            row.work_date,
            row.month,
            row.technician,
            row.work_type,
            row.seconds,
            Money(row.labour_minor, row.currency),
            Money(row.overhead_minor, row.currency),
            "without a cost rate"
            if row.uncosted_seconds
            else "without an exchange rate"
            if row.unexchanged_seconds
            else "",
        )
        for row in connection.execute(_within(effort, contract, period).order_by(*order))
    ]


def _bought(connection: Connection, contract: str, period: Period) -> list[Bought]:
    order = (direct_cost.c.month, direct_cost.c.source)
    return [
        Bought(row.source, row.kind, row.month, Money(row.direct_minor, row.currency))
        for row in connection.execute(_within(direct_cost, contract, period).order_by(*order))
    ]


def _allowances(
    connection: Connection, terms: BillingTerms, contract: str, period: Period
) -> Iterator[AllowanceUsed]:
    try:
        client = client_of_contract(connection, *contract.split(":", 1))
    except LookupError:  # it was taken away, and its months are still told
        return
    if client is None:
        return
    own = [
        one
        for agreed, one in allowances_of(connection, terms, client, period)
        if agreed.id == contract
    ]
    names = names_of(connection, "line", [one.line for one in own])
    for line, unit, of in own:
        yield AllowanceUsed(
            line, names.get(line, line), unit, decimal(of.used), decimal(of.available)
        )
