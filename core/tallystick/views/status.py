"""Status: what is here, what waits for somebody, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from tallystick.money import Money
from tallystick.store.billing.schema import invoice, proposal
from tallystick.store.books import control
from tallystick.store.cash import settlements
from tallystick.store.database import Database
from tallystick.store.facts.schema import FACTS, cursor, link, quarantine


@dataclass(frozen=True, slots=True)
class Stock:
    """How many records of a kind a connection delivered, and how many are quarantined."""

    connection: str
    kind: str
    records: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class InvoiceStock:
    state: str
    currency: str
    count: int
    gross: Money
    settled: Money


@dataclass(frozen=True, slots=True)
class Status:
    """`unlinked` are copies no home record was found for, as `kind connection:id`; `suspense`
    counts the movements whose money is not placed yet."""

    stocks: tuple[Stock, ...]
    unlinked: tuple[str, ...]
    open_proposals: int
    invoices: tuple[InvoiceStock, ...]
    suspense: int
    next_steps: tuple[str, ...]


def status(database: Database, homes: Mapping[str, str]) -> Status:
    """Counts over the whole store; reads only."""
    with database.read() as connection:
        stocks = tuple(_stocks(connection))
        alone = tuple(f"client {ref}" for ref in unlinked(connection, homes))
        waiting = connection.execute(
            select(func.count()).where(proposal.c.state.in_(("proposed", "approved")))
        ).scalar_one()
        stock = tuple(_invoices(connection))
        suspense = len(settlements.suspended(connection))
        held = control.payments_held(connection)
    steps = _next_steps(stocks, alone, waiting, stock, suspense)
    if held is not None:
        steps.insert(0, f"All payments are held by {held.by}: {held.reason} (`tallystick hold`).")
    return Status(stocks, alone, waiting, stock, suspense, tuple(steps))


def _stocks(connection: Connection) -> list[Stock]:
    kinds = {
        (row.connection, row.kind)
        for table in (cursor, quarantine)
        for row in connection.execute(select(table.c.connection, table.c.kind).distinct())
    }
    counts: dict[tuple[str, str], int] = {}
    for kind, table in FACTS.items():
        rows = connection.execute(
            select(table.c.connection, func.count()).group_by(table.c.connection)
        )
        counts |= {(row[0], kind): row[1] for row in rows}
    set_aside = {
        (row[0], row[1]): row[2]
        for row in connection.execute(
            select(quarantine.c.connection, quarantine.c.kind, func.count())
            .where(quarantine.c.state == "open")
            .group_by(quarantine.c.connection, quarantine.c.kind)
        )
    }
    return [
        Stock(source, kind, counts.get((source, kind), 0), set_aside.get((source, kind), 0))
        for source, kind in sorted(kinds | counts.keys())
    ]


def unlinked(connection: Connection, homes: Mapping[str, str]) -> list[str]:
    """Clients of connections that only have copies, without a link home, as `connection:id`."""
    table = FACTS["client"]
    rows = connection.execute(
        select(table.c.connection, table.c.id)
        .join(
            link,
            (link.c.kind == "client")
            & (link.c.connection == table.c.connection)
            & (link.c.id == table.c.id),
            isouter=True,
        )
        .where(link.c.id.is_(None), table.c.connection != homes.get("client", ""))
        .order_by(table.c.connection, table.c.id)
    )
    return [f"{row.connection}:{row.id}" for row in rows]


def _invoices(connection: Connection) -> list[InvoiceStock]:
    rows = connection.execute(
        select(
            invoice.c.state,
            invoice.c.currency,
            func.count().label("how_many"),
            func.sum(invoice.c.gross_minor).label("gross"),
            func.sum(invoice.c.settled_minor).label("settled"),
        )
        .group_by(invoice.c.state, invoice.c.currency)
        .order_by(invoice.c.state, invoice.c.currency)
    )
    return [
        InvoiceStock(
            row.state,
            row.currency,
            row.how_many,
            Money(int(row.gross), row.currency),
            Money(int(row.settled), row.currency),
        )
        for row in rows
    ]


def _next_steps(
    stocks: tuple[Stock, ...],
    unlinked: tuple[str, ...],
    waiting: int,
    invoices: tuple[InvoiceStock, ...],
    suspense: int,
) -> list[str]:
    steps = []
    states = {one.state for one in invoices}
    if not stocks:
        steps.append("Nothing is synced yet: `tallystick sync`.")
    if any(stock.quarantined for stock in stocks):
        steps.append("Records are quarantined: `tallystick quarantine` says why and what to do.")
    if unlinked:
        steps.append("Clients are unlinked: `tallystick links` shows what they could be.")
    if waiting:
        steps.append("Proposals wait: `tallystick bill review PERIOD`, then approve and issue.")
    if "issued" in states:
        steps.append("Invoices are issued but not posted: `tallystick bill post`.")
    if states & {"posted", "reopened", "part_paid"}:
        steps.append("Invoices are open: `tallystick cash settle`, then `tallystick cash collect`.")
    if suspense:
        steps.append("Money is in suspense: `tallystick cash` shows who paid what.")
    return steps
