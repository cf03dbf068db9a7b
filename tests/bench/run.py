"""`make bench`: what the line costs beside the least that could do the same, in one run.

Each figure is a process of its own, so that its peak memory is its own; every figure is taken
at a tenth of the size too, to show how cost grows.

    python tests/bench/run.py              all figures
    python tests/bench/run.py NAME SIZE    one figure: prints seconds and peak memory
"""

from __future__ import annotations

import csv
import hashlib
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from pdfs import documents
from rich.console import Console
from rich.table import Table

from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.billing.tax.rates import TaxRate
from tallystick.connector import Context
from tallystick.cycle.propose import propose
from tallystick.cycle.terms import BillingTerms
from tallystick.mapping import MappingFile, load_mapping
from tallystick.period import month
from tallystick.plugins import Plugins
from tallystick.records import Booking, Client, Contract, ContractLine
from tallystick.store import inbound
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import ready
from tallystick.sync.pull import Feed, pull

NOW = datetime(2026, 10, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
SIZE = 200_000
PER_CONTRACT = 10
MAPPING = """
[booking]
id = "Id"
client = "Client"
technician = "Technician"
work_type = { at = "Type", values = { Remote = "remote", Onsite = "onsite" } }
seconds = { at = "Hours", as = "hours" }
work_date = { at = "Day", as = "date" }
note = "Note"
"""


def write_bookings(folder: Path, rows: int) -> None:
    chance = random.Random(7)
    with (folder / "bookings.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Id", "Client", "Technician", "Type", "Hours", "Day", "Note"])
        for i in range(rows):
            day = date(2026, 9, chance.randint(1, 30))
            kind = chance.choice(["Remote", "Onsite"])
            hours = chance.randint(1, 32) / 4
            writer.writerow(
                [i, f"C{i // PER_CONTRACT}", f"T{i % 50}", kind, hours, day, "looked into it"]
            )


def sync_floor(folder: Path, rows: int) -> Callable[[], None]:
    """Read the CSV, hash each row, upsert by key in one transaction per 2,000: plain sqlite3."""
    write_bookings(folder, rows)

    def work() -> None:
        database = sqlite3.connect(folder / "floor.db", isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(
            """CREATE TABLE booking (id TEXT PRIMARY KEY, client TEXT, technician TEXT, type TEXT,
               seconds INTEGER, day TEXT, note TEXT, hash TEXT)"""
        )
        with (folder / "bookings.csv").open(newline="") as file:
            reader = csv.reader(file)
            next(reader)
            batch = []
            for row in reader:
                row[4] = str(int(float(row[4]) * 3600))
                batch.append((*row, hashlib.blake2b("\0".join(row).encode()).hexdigest()))
                if len(batch) == 2000:
                    _upsert(database, batch)
                    batch = []
            _upsert(database, batch)

    return work


def _upsert(database: sqlite3.Connection, batch: list[tuple[str, ...]]) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.executemany(
        """INSERT INTO booking VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE
           SET hash = excluded.hash WHERE hash <> excluded.hash""",
        batch,
    )
    database.execute("COMMIT")


def first_sync(folder: Path, rows: int) -> Callable[[], None]:
    """The `files` connector through mapping, border, hash and store."""
    write_bookings(folder, rows)
    database = _database(folder)
    return lambda: _pull(folder, database)


def second_sync(folder: Path, rows: int) -> Callable[[], None]:
    """The same again, nothing changed."""
    first_sync(folder, rows)()
    database = _database(folder)
    return lambda: _pull(folder, database)


def _pull(folder: Path, database: Database) -> None:
    connector = Plugins().connector("files")
    settings = connector.settings(folder=".", files={"booking": "bookings.csv"})
    session = connector.open(settings, Context("psa", folder, lambda: NOW))
    reader = load_mapping([MappingFile("psa.toml", MAPPING)])["booking"]
    feed = Feed("psa", "booking", session, reader, "mapping")
    pull(feed, database, ZONE, lambda: NOW, lambda _: None)


def billing(folder: Path, rows: int) -> Callable[[], None]:
    """Price `rows` bookings of a tenth as many contracts, store the proposals and explanations."""
    database = _database(folder)
    clients = rows // PER_CONTRACT
    with database.write() as connection:
        for start in range(0, clients, 5000):
            refs = [f"C{i}" for i in range(start, min(start + 5000, clients))]
            store = inbound.store_records
            store(connection, "psa", "client", [Client(id=r, name=r) for r in refs], NOW)
            store(connection, "psa", "contract", [_contract(r) for r in refs], NOW)
            store(connection, "psa", "contract_line", [_line(r) for r in refs], NOW)
            bookings = [_booking(int(r[1:]), i) for r in refs for i in range(PER_CONTRACT)]
            for at in range(0, len(bookings), 10_000):
                store(connection, "psa", "booking", bookings[at : at + 10_000], NOW)
    kinds = ("client", "contract", "contract_line", "booking")
    terms = BillingTerms(
        homes=dict.fromkeys(kinds, "psa"),
        zone=ZONE,
        models=SHIPPED,
        book=PriceBook(
            {"standard": RateCard("standard", "EUR", (Rate(Decimal(95)),), 900, 900)}, zone=ZONE
        ),
        taxes=[TaxRate("standard", Decimal(19))],
        tax_category="standard",
        bill_from=date.min,
        payment_terms_days=14,
        number_format="{number}",
        seller={},
        review=lambda _: [],
    )
    period = month(2026, 9)
    return lambda: _no_result(
        propose(database, terms, period, "bench", lambda: NOW, lambda _: None)
    )


def _no_result(_: object) -> None:
    return None


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
        seconds=900 * (ordinal % 7 + 1),
    )


def _database(folder: Path) -> Database:
    database = open_database("sqlite:///bench.db", folder)
    ready(database)
    return database


FIGURES: dict[str, Callable[[Path, int], Callable[[], None]]] = {
    "sync_floor": sync_floor,
    "first_sync": first_sync,
    "second_sync": second_sync,
    "billing": billing,
    "documents": documents,
}
FLOOR_OF = {"first_sync": "sync_floor"}
SHARE = {"documents": 400}
"""Figures taken at a part of the size: a page takes longer than a row."""


def one(name: str, size: int) -> None:
    """Prepare, measure, print seconds and peak megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        work = FIGURES[name](Path(folder), size)
        started = perf_counter()
        work()
        seconds = perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{seconds:.6f} {peak}")


def measure(name: str, size: int) -> tuple[float, int]:
    command = [sys.executable, __file__, name, str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()
    return float(seconds), int(peak)


def main() -> None:
    table = Table(title="Cost per row beside its floor, at full size and at a tenth")
    for column in ("figure", "rows", "seconds", "rows/s", "us/row", "x floor", "peak MB"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for size in (SIZE // 10, SIZE):
        sizes = {name: size // SHARE.get(name, 1) for name in FIGURES}
        found = {name: measure(name, sizes[name]) for name in FIGURES}
        for name, (seconds, peak) in found.items():
            floor = found[FLOOR_OF[name]][0] if name in FLOOR_OF else None
            table.add_row(
                name.replace("_", " "),
                f"{sizes[name]:,}",
                f"{seconds:.2f}",
                f"{sizes[name] / seconds:,.0f}",
                f"{seconds / sizes[name] * 1e6:.1f}",
                f"{seconds / floor:.1f}" if floor else "",
                str(peak),
            )
    Console(width=100).print(table)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one(sys.argv[1], int(sys.argv[2]))
    else:
        main()
