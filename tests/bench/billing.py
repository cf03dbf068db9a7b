"""Billing: bookings of a month to stored proposals, beside what SQL and a plain loop take for it.

Every contract has ten bookings and one line of time and materials; a proposal is stored with its
lines and with the reason of every charge. The floors read the same facts and store a proposal per
contract and a text per booking, without coverage, cascade, difference, tax table or objections.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.billing.tax.rates import TaxRate
from tallystick.cycle.propose import propose
from tallystick.cycle.side_by_side import Open
from tallystick.cycle.terms import BillingTerms
from tallystick.period import month
from tallystick.records import Booking, Client, Contract, ContractLine
from tallystick.store.database import Database, open_database
from tallystick.store.facts import inbound
from tallystick.store.migrate import ready

NOW = datetime(2026, 10, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
PER_CONTRACT = 10
HOURLY = Decimal("95.00")
QUARTER_S = 900
TERMS = BillingTerms(
    homes=dict.fromkeys(("client", "contract", "contract_line", "booking"), "psa"),
    zone=ZONE,
    models=SHIPPED,
    book=PriceBook(
        {"standard": RateCard("standard", "EUR", (Rate(HOURLY),), QUARTER_S, QUARTER_S)}, zone=ZONE
    ),
    taxes=[TaxRate("standard", Decimal(19))],
    tax_category="standard",
    bill_from=date.min,
    payment_terms_days=14,
    number_format="{number}",
    seller={},
    review=lambda _: [],
)


def billing(folder: Path, rows: int) -> Callable[[], None]:
    """The engine: price `rows` bookings of a tenth as many contracts in as many processes as there
    are processors, store proposals."""
    return _proposing(folder, rows, partial(opened, folder))


def billing_alone(folder: Path, rows: int) -> Callable[[], None]:
    """The same in one process."""
    return _proposing(folder, rows, None)


def _proposing(folder: Path, rows: int, opens: Open | None) -> Callable[[], None]:
    database = with_facts(folder, rows)

    def work() -> None:
        given = ("bench", lambda: NOW, lambda _: None)
        report = propose(database, TERMS, month(2026, 9), *given, opens=opens)
        assert report.proposed == rows // PER_CONTRACT

    return work


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Database, BillingTerms]]:
    database = open_database("sqlite:///bench.db", folder)
    yield database, TERMS
    database.close()


def billing_sql(folder: Path, rows: int) -> Callable[[], None]:
    """The same sums by set-based SQL: one statement for the lines with a text, one for the sums."""
    with_facts(folder, rows)

    def work() -> None:
        database = _floor(folder)
        database.execute("BEGIN IMMEDIATE")
        database.execute(LINES_BY_SQL)
        database.execute(
            """INSERT INTO floor_proposal SELECT contract, client, sum(minor),
               (sum(minor) * 19 + 50) / 100 FROM floor_line GROUP BY contract, client"""
        )
        database.execute("COMMIT")

    return work


def billing_loop(folder: Path, rows: int) -> Callable[[], None]:
    """The same by a plain loop with Decimal, in one transaction."""
    with_facts(folder, rows)

    def work() -> None:
        database, reading = _floor(folder), sqlite3.connect(folder / "bench.db")
        bookings = reading.execute(
            """SELECT c.id, b.client, b.id, b.work_type, b.seconds FROM booking b
               JOIN contract c ON c.connection = b.connection AND c.client = b.client
               ORDER BY c.id, b.work_date, b.id"""
        )
        database.execute("BEGIN IMMEDIATE")
        for (contract, client), own in groupby(bookings, key=itemgetter(0, 1)):
            lines = list(_lines(own))
            net = sum(line[3] for line in lines)
            tax = int((Decimal(net) * 19 / 100).quantize(Decimal(1), ROUND_HALF_UP))
            database.executemany("INSERT INTO floor_line VALUES (?, ?, ?, ?, ?)", lines)
            row = (contract, client, net, tax)
            database.execute("INSERT INTO floor_proposal VALUES (?, ?, ?, ?)", row)
        database.execute("COMMIT")

    return work


LINES_BY_SQL = """
INSERT INTO floor_line
SELECT contract, client, booking, (counted * 9500 + 1800) / 3600,
  'line L' || client || ' (Support) takes ' || work_type || ', ' || seconds || ' s worked counts '
  || counted || ' s (minimum 0:15, then each started 0:15), rate card standard: 95.00/h'
FROM (SELECT c.id AS contract, b.client, b.id AS booking, b.work_type, b.seconds,
             (max(b.seconds, 900) + 899) / 900 * 900 AS counted
      FROM booking b JOIN contract c ON c.connection = b.connection AND c.client = b.client)
"""


def _lines(
    own: Iterator[tuple[str, str, str, str, int]],
) -> Iterator[tuple[str, str, str, int, str]]:
    for contract, client, booking, work_type, seconds in own:
        counted = -(-max(seconds, QUARTER_S) // QUARTER_S) * QUARTER_S
        exact = HOURLY * 100 * counted / 3600
        why = (
            f"line L{client} (Support) takes {work_type}, {seconds} s worked counts "
            f"{counted} s (minimum 0:15, then each started 0:15), rate card standard: 95.00/h"
        )
        yield contract, client, booking, int(exact.quantize(Decimal(1), ROUND_HALF_UP)), why


def _floor(folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(folder / "bench.db", isolation_level=None)
    database.execute(
        """CREATE TABLE floor_line
           (contract TEXT, client TEXT, booking TEXT, minor INTEGER, why TEXT)"""
    )
    database.execute(
        """CREATE TABLE floor_proposal
           (contract TEXT PRIMARY KEY, client TEXT, net INTEGER, tax INTEGER)"""
    )
    return database


def with_facts(folder: Path, rows: int) -> Database:
    database = open_database("sqlite:///bench.db", folder)
    ready(database)
    clients = rows // PER_CONTRACT
    with database.write() as connection:
        for start in range(0, clients, 1000):
            refs = [f"C{i}" for i in range(start, min(start + 1000, clients))]
            bookings = [_booking(int(r[1:]), i) for r in refs for i in range(PER_CONTRACT)]
            for kind, records in (
                ("client", [Client(id=r, name=r) for r in refs]),
                ("contract", [_contract(r) for r in refs]),
                ("contract_line", [_line(r) for r in refs]),
                ("booking", bookings),
            ):
                inbound.store_records(connection, "psa", kind, records, NOW)
    return database


def _contract(client: str) -> Contract:
    day = date(2026, 9, 1)
    return Contract(id=f"K{client}", client=client, name=client, currency="EUR", starts_on=day)


def _line(client: str) -> ContractLine:
    return ContractLine(
        id=f"L{client}",
        contract=f"K{client}",
        description="Support",
        model="time_and_materials",
        terms={"rate_card": "standard"},
    )


def _booking(client: int, ordinal: int) -> Booking:
    return Booking(
        id=f"{client}-{ordinal}",
        client=f"C{client}",
        work_type="remote",
        work_date=date(2026, 9, ordinal % 30 + 1),
        seconds=QUARTER_S * (ordinal % 7 + 1),
    )
