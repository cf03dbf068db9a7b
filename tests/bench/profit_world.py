"""A year of bookings to keep profit of, and the least that could do the same by hand in SQL.

A world is made once for each size and lies in the folder of the bench; no figure minds what another
left there. `TALLYSTICK_BENCH_POSTGRES` names a PostgreSQL server to put it on instead.
"""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import make_url, text

from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.cycle.terms import BillingTerms
from tallystick.period import Period
from tallystick.records import Booking, Client, Contract, ContractLine, CostRate
from tallystick.store.database import CACHE_KIB, Database, open_database
from tallystick.store.facts import inbound
from tallystick.store.migrate import upgrade
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.cells import keep_from_now
from tallystick.store.profit.rebuilding import rebuild
from tallystick.store.streams import chunks

NOW = datetime(2026, 10, 1, tzinfo=UTC)
KINDS = ("client", "contract", "contract_line", "booking", "cost_rate", "ticket", "cost", "usage")
TERMS = CellTerms(dict.fromkeys(KINDS, "psa"), SHIPPED)
BILLING = BillingTerms(
    homes=TERMS.homes,
    zone=ZoneInfo("Europe/Berlin"),
    models=SHIPPED,
    book=PriceBook(),
    taxes=[],
    tax_category="standard",
    bill_from=date.min,
    payment_terms_days=14,
    number_format="{number}",
    seller={},
    review=lambda _: [],
)
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
PER_CONTRACT, TECHNICIANS = 200, 50
POSTGRES = os.environ.get("TALLYSTICK_BENCH_POSTGRES", "")
UP_TO = {
    "sqlite": """WITH RECURSIVE one(n) AS
        (SELECT 0 UNION ALL SELECT n + 1 FROM one WHERE n < {many} - 1) """,
    "postgresql": "WITH one(n) AS (SELECT generate_series(0, {many} - 1)) ",
}
DAY = {
    "sqlite": "date('2026-01-01', (n * 7 % 365) || ' days')",
    "postgresql": "DATE '2026-01-01' + (n * 7 % 365)",
}
MONTH = {
    "sqlite": "date('2026-01-01', (n % 12) || ' months')",
    "postgresql": "(DATE '2026-01-01' + (n % 12) * INTERVAL '1 month')::date",
}
MONTH_OF = {
    "sqlite": "substr(b.work_date, 1, 8) || '01'",
    "postgresql": "date_trunc('month', b.work_date)::date",
}
BOOKINGS = """
INSERT INTO booking (connection, id, version, client, technician, work_date, seconds, billable,
    note, content_hash, stored_at)
SELECT 'psa', CAST(n AS TEXT), 0, 'C' || CAST(n % {contracts} AS TEXT),
    'T' || CAST(n * 7 % 50 AS TEXT), {day}, 900 * (n % 5 + 1), 'billable', '', '', '2026-10-01'
FROM one
"""
ENTRIES = """
INSERT INTO entry (id, source, booked_on, narration, recorded_at, hash)
SELECT n + 1, 'fee:' || CAST(n AS TEXT), {month}, 'Fee', '2026-10-01', '' FROM one
"""
FEES = """
INSERT INTO posting (entry, position, account, amount_minor, currency, client, contract, line,
    service_month, reported_in)
SELECT n + 1, 1, 'Income:Fixed', -10000, 'EUR', 'psa:C' || CAST(n / 12 AS TEXT),
    'psa:KC' || CAST(n / 12 AS TEXT), 'psa:LC' || CAST(n / 12 AS TEXT), {month}, {month} FROM one
"""
STAMPS = """
INSERT INTO effort (booking, client, contract, month, work_date, technician, billable, bookings,
    seconds, currency, labour_minor, overhead_minor, uncosted_seconds, unexchanged_seconds,
    unpaid_seconds, unapproved_seconds)
SELECT b.connection || ':' || b.id, b.connection || ':' || b.client, k.connection || ':' || k.id,
    {month_of}, b.work_date, b.connection || ':' || b.technician, b.billable, 1,
    b.seconds, k.currency, (2 * b.seconds * (
        SELECT CAST(round(CAST(r.hourly AS NUMERIC) * 100) AS BIGINT) FROM cost_rate r
        WHERE r.connection = b.connection AND r.technician = b.technician
        AND r.valid_from <= b.work_date ORDER BY r.valid_from DESC, r.id DESC LIMIT 1
    ) + 3600) / 7200, 0, 0, 0, CASE b.billable WHEN 'billable' THEN 0 ELSE b.seconds END,
    CASE WHEN NOT b.approved THEN b.seconds ELSE 0 END
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
SELECT contract, client, month, currency, sum(revenue_minor), 0, {SUMS}, 0 FROM (
    SELECT contract, client, month, currency, 0 AS revenue_minor, labour_minor, overhead_minor,
        bookings, seconds, uncosted_seconds, unexchanged_seconds, unpaid_seconds, unapproved_seconds
    FROM effort UNION ALL
    SELECT contract, client, reported_in, currency, -amount_minor, 0, 0, 0, 0, 0, 0, 0, 0
    FROM posting WHERE account LIKE 'Income:%'
) AS parts GROUP BY contract, client, month, currency
"""


class Hand(NamedTuple):
    """The world's database as a driver opens it, in a transaction of its own per statement list."""

    connection: Any
    dialect: str

    def ask(self, query: str, *values: object) -> list[Any]:
        """The rows of `query`, with `?` for each of the values."""
        told = [str(one) for one in values]
        marked = query if self.dialect == "sqlite" else query.replace("%", "%%").replace("?", "%s")
        found: list[Any] = self.connection.execute(marked, told).fetchall()
        return found

    def change(self, *statements: str) -> None:
        self.connection.execute("BEGIN IMMEDIATE" if self.dialect == "sqlite" else "BEGIN")
        for one in statements:
            self.connection.execute(one)
        self.connection.execute("COMMIT")


def contracts_of(rows: int) -> int:
    return max(rows // PER_CONTRACT, 1)


def _opened(folder: Path, rows: int) -> Database:
    return open_database(_url(rows) if POSTGRES else f"sqlite:///profit-{rows}.db", folder)


def _url(rows: int) -> str:
    url = make_url(POSTGRES).set(database=f"profit_{rows}")
    return url.render_as_string(hide_password=False)


def by_hand(folder: Path, rows: int) -> Hand:
    """The same database, opened by its driver as Tallystick opens it."""
    if POSTGRES:
        import psycopg

        url = make_url(_url(rows)).set(drivername="postgresql")
        plain = url.render_as_string(hide_password=False)
        return Hand(psycopg.connect(plain, autocommit=True), "postgresql")
    database = sqlite3.connect(folder / f"profit-{rows}.db", isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", f"cache_size = -{CACHE_KIB}"):
        database.execute(f"PRAGMA {pragma}")
    return Hand(database, "sqlite")


def stamps(dialect: str) -> tuple[str, str]:
    """Every stamp and cell from the facts, in SQL alone."""
    return STAMPS.format(month_of=MONTH_OF[dialect]), CELLS


def kept_world(folder: Path, rows: int) -> Database:
    """`rows` bookings of a year under one contract for every 200 of them, with a fee a month; its
    stamps and cells are kept. In SQLite they are made by hand, which is sooner done."""
    if _is_there(folder, rows):
        return _opened(folder, rows)
    database = _opened(folder, rows)
    upgrade(database)
    _tell(database, rows)
    if database.dialect == "postgresql":
        rebuild(database, TERMS)
        with database.write() as connection:
            connection.execute(text("ANALYZE"))
        return database
    hand = by_hand(folder, rows)
    hand.change(*stamps("sqlite"))
    hand.connection.close()
    with database.write() as connection:
        keep_from_now(connection, TERMS.hash)
    return database


def _is_there(folder: Path, rows: int) -> bool:
    """Whether the world was made before; on PostgreSQL its database is made now if not."""
    if not POSTGRES:
        return (folder / f"profit-{rows}.db").exists()
    import psycopg

    plain = make_url(POSTGRES).set(drivername="postgresql")
    url = plain.render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as server:
        name = f"profit_{rows}"
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not found:
            server.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type] # a name of our own
    return found is not None


def _tell(database: Database, rows: int) -> None:
    contracts, on = contracts_of(rows), database.dialect
    named = {"contracts": contracts, "day": DAY[on], "month": MONTH[on]}
    with database.write() as connection:
        store = inbound.store_records
        for some in chunks((f"C{number}" for number in range(contracts)), 5000):
            store(connection, "psa", "client", [Client(id=r, name=r) for r in some], NOW)
            store(connection, "psa", "contract", list(map(_contract, some)), NOW)
            store(connection, "psa", "contract_line", list(map(_line, some)), NOW)
        rates = [_rate(number) for number in range(TECHNICIANS)]
        store(connection, "psa", "cost_rate", rates, NOW)
        for insert, many in ((BOOKINGS, rows), (ENTRIES, 12 * contracts), (FEES, 12 * contracts)):
            before, _, select = insert.partition("SELECT")
            told = UP_TO[on].format(many=many) + before + "SELECT" + select
            connection.execute(text(told.format(**named).replace(":", r"\:")))


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
        technician=f"T{number * 7 % TECHNICIANS}",
        work_date=YEAR.start + timedelta(days=number * 7 % 365),
        seconds=seconds * (number % 5 + 1),
    )
