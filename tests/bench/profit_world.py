"""A year of bookings to keep profit of, and the least that could do the same by hand in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tallystick.billing.facts import Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.routing import asked_of
from tallystick.period import Period
from tallystick.records import Booking, Client, Contract, ContractLine, CostRate
from tallystick.store import inbound
from tallystick.store.cell_terms import CellTerms
from tallystick.store.cells import keep_from_now
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import ready
from tallystick.store.streams import chunks

NOW = datetime(2026, 10, 1, tzinfo=UTC)
KINDS = ("client", "contract", "contract_line", "booking", "cost_rate", "ticket", "cost", "usage")
TERMS = CellTerms(dict.fromkeys(KINDS, "psa"), SHIPPED)
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
PER_CONTRACT, TECHNICIANS = 200, 50
BOOKINGS = """
WITH RECURSIVE one(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM one WHERE n < :rows - 1)
INSERT INTO booking (connection, id, version, client, technician, work_date, seconds, billable,
    note, content_hash, stored_at)
SELECT 'psa', n, 0, 'C' || (n % :contracts), 'T' || (n % 50),
    date('2026-01-01', (n * 7 % 365) || ' days'), 900 * (n % 5 + 1), 'billable', '', '',
    '2026-10-01 00:00:00.000000'
FROM one
"""
STAMPS = """
INSERT INTO effort (booking, client, contract, asked, month, work_date, technician, bookings,
    seconds, currency, labour_minor, overhead_minor, uncosted_seconds, unexchanged_seconds,
    unpaid_seconds, unapproved_seconds)
SELECT b.connection || ':' || b.id, b.connection || ':' || b.client, k.connection || ':' || k.id,
    {asked}, substr(b.work_date, 1, 8) || '01', b.work_date, b.connection || ':' || b.technician, 1,
    b.seconds, k.currency, (2 * b.seconds * (
        SELECT CAST(round(r.hourly * 100) AS INTEGER) FROM cost_rate r
        WHERE r.connection = b.connection AND r.technician = b.technician
        AND r.valid_from <= b.work_date ORDER BY r.valid_from DESC, r.id DESC LIMIT 1
    ) + 3600) / 7200, 0, 0, 0, CASE b.billable WHEN 'billable' THEN 0 ELSE b.seconds END,
    CASE b.approved WHEN 0 THEN b.seconds ELSE 0 END
FROM booking b JOIN contract k ON k.connection = b.connection AND k.client = b.client
ORDER BY b.client
"""
"""The stamps, where each client has one contract, and costs are in its currency."""
SUMS = """sum(labour_minor), sum(overhead_minor), sum(bookings), sum(seconds),
    sum(uncosted_seconds), sum(unexchanged_seconds), sum(unpaid_seconds), sum(unapproved_seconds)"""
CELLS = f"""
INSERT INTO profit_cell (contract, client, month, currency, revenue_minor, direct_minor,
    labour_minor, overhead_minor, bookings, seconds, uncosted_seconds, unexchanged_seconds,
    unpaid_seconds, unapproved_seconds, unexchanged_costs)
SELECT contract, client, month, currency, 0, 0, {SUMS}, 0
FROM effort GROUP BY contract, client, month, currency
"""
REPORT = f"""
SELECT contract, client, currency, sum(revenue_minor), sum(direct_minor), {SUMS}
FROM profit_cell WHERE month >= ? AND month < ? GROUP BY contract, client, currency
"""


def world(folder: Path, rows: int) -> Database:
    """`rows` bookings of a year under one contract for every 200 of them."""
    database = open_database("sqlite:///profit.db", folder)
    ready(database)
    contracts = contracts_of(rows)
    with database.write() as connection:
        store = inbound.store_records
        for some in chunks((f"C{number}" for number in range(contracts)), 5000):
            store(connection, "psa", "client", [Client(id=r, name=r) for r in some], NOW)
            store(connection, "psa", "contract", list(map(_contract, some)), NOW)
            store(connection, "psa", "contract_line", list(map(_line, some)), NOW)
        rates = [_rate(number) for number in range(TECHNICIANS)]
        store(connection, "psa", "cost_rate", rates, NOW)
        connection.exec_driver_sql(BOOKINGS, {"rows": rows, "contracts": contracts})
    return database


def contracts_of(rows: int) -> int:
    return max(rows // PER_CONTRACT, 1)


def by_hand(folder: Path) -> sqlite3.Connection:
    """The same database, opened as Tallystick opens it."""
    database = sqlite3.connect(folder / "profit.db", isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -64000"):
        database.execute(f"PRAGMA {pragma}")
    return database


def stamped_by_hand(folder: Path, rows: int) -> Callable[[], None]:
    """Every stamp and cell from the facts, in SQL alone."""
    world(folder, rows).close()
    return lambda: _stamp(by_hand(folder), "''")


def _stamp(database: sqlite3.Connection, asked: str) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.execute(STAMPS.format(asked=asked))
    database.execute(CELLS)
    database.execute("COMMIT")
    database.close()


def kept_world(folder: Path, rows: int) -> Database:
    """A world whose stamps and cells are kept; made by hand, which is sooner done."""
    database = world(folder, rows)
    hand = by_hand(folder)
    hand.create_function("asked", 2, _asked)
    _stamp(hand, "asked(b.client, b.work_date)")
    with database.write() as connection:
        keep_from_now(connection, TERMS.hash)
    return database


def _asked(client: str, day: str) -> str:
    work = Work("", date.fromisoformat(day), 0, client=f"psa:{client}")
    return inbound.digest(asked_of(work, None))


def _contract(ref: str) -> Contract:
    return Contract(id=f"K{ref}", client=ref, name=ref, currency="EUR", starts_on=YEAR.start)


def _line(ref: str) -> ContractLine:
    terms = {"unit_price": "100", "work_types": ["*"]}
    return ContractLine(
        id=f"L{ref}", contract=f"K{ref}", description="Fee", model="fixed", terms=terms
    )


def _rate(number: int) -> CostRate:
    return CostRate(
        id=f"R{number}",
        technician=f"T{number}",
        valid_from=YEAR.start,
        hourly=Decimal(30 + number),
        currency="EUR",
    )


def booking(number: int, contracts: int, seconds: int = 900) -> Booking:
    return Booking(
        id=str(number),
        client=f"C{number % contracts}",
        technician=f"T{number % TECHNICIANS}",
        work_date=YEAR.start + timedelta(days=number * 7 % 365),
        seconds=seconds * (number % 5 + 1),
    )
