"""The line over a real company's incident log: `make real`.

Runs the ordinary commands on the log in ../shared/data, prints what came out, and compares
it with figures computed from the raw CSV by `tieout.py`, which knows nothing of Tallystick.
The log comes in three orders: as it is, shuffled, and with every event twice.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from time import monotonic
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from agreement import write_agreements  # noqa: E402 - the example's own folder comes first
from tieout import Expected, Tie, expect  # noqa: E402 - likewise

LOG = HERE.parents[2] / "shared/data/servicenow_incidents/uci498_incident_event_log.zip"
MONTHS = [*(f"2016-{number:02}" for number in range(2, 13)), "2017-01", "2017-02"]
PEAK_MB = 300
Rows = list[str]


def main() -> None:
    build = HERE.parents[1] / "build" / "servicenow"
    shutil.rmtree(build, ignore_errors=True)
    folder = set_up(build / "as-it-is", lambda rows: rows)
    expected = expect(folder / "export" / "incident_event_log.csv")
    found = [*synced(folder, expected), *billed(folder, expected, MONTHS)]
    for name, order in (("shuffled", shuffled), ("doubled", doubled)):
        found += same_records(set_up(build / name, order), folder, name)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"peak memory of any command: {peak} MB")
    found.append(Tie(f"peak memory under {PEAK_MB} MB", True, peak < PEAK_MB))
    for tie in found:
        print(tie)
    sys.exit(0 if all(tie.holds for tie in found) else 1)


def set_up(folder: Path, order: Callable[[Rows], Rows]) -> Path:
    """A folder with the config, the log in the given order, and every client's agreement."""
    export = folder / "export"
    export.mkdir(parents=True)
    for name in ("tallystick.toml", "servicenow.toml"):
        shutil.copy(HERE / name, folder / name)
    with zipfile.ZipFile(LOG) as archive:
        [member] = [one for one in archive.namelist() if one.endswith(".csv")]
        header, *rows = archive.read(member).decode("utf-8-sig").splitlines()
    log = export / "incident_event_log.csv"
    log.write_text("\n".join([header, *order(rows)]) + "\n", encoding="utf-8")
    write_agreements(log, export)
    return folder


def shuffled(rows: Rows) -> Rows:
    return random.Random(498).sample(rows, len(rows))  # noqa: S311 - an order, not a secret


def doubled(rows: Rows) -> Rows:
    return [row for row in reversed(rows) for _ in range(2)]


def run(folder: Path, *words: str) -> Any:
    """One command of the installed program, its JSON answer; its own sentence if it fails."""
    command = [sys.executable, "-m", "tallystick.cli", *words, "--json"]
    environment = {**os.environ, "TALLYSTICK_CONFIG": str(folder / "tallystick.toml")}
    done = subprocess.run(  # noqa: S603 - our own command, our own words
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"tallystick {' '.join(words)} failed: {done.stderr}")
    return json.loads(done.stdout)


def synced(folder: Path, expected: Expected) -> list[Tie]:
    """The first sync and a second one, against the log."""
    started = monotonic()
    first = run(folder, "sync")
    seconds = monotonic() - started
    rows = sum(one["read"] for one in first["pulls"])
    print(f"sync: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} rows/s")
    [tickets] = [one for one in first["pulls"] if one["kind"] == "ticket"]
    status = run(folder, "status")
    stock = {one["kind"]: one["records"] for one in status["stocks"]}
    return [
        Tie("events read", expected.events, tickets["read"]),
        Tie("incidents stored once each", expected.incidents, stock["ticket"]),
        Tie("clients", expected.clients, stock["client"]),
        Tie("versions in state -100 set aside", expected.unknown_states, tickets["quarantined"]),
        Tie("rows written by a second sync", 0, run(folder, "sync")["written"]),
    ]


def billed(folder: Path, expected: Expected, periods: Sequence[str]) -> list[Tie]:
    """All `periods` billed and posted, against the log's own counts and prices."""
    started = monotonic()
    for period in periods:
        print(f"bill {period}: {run_period(folder, period)['issued']:,} invoices")
    print(f"{len(periods)} periods billed and posted in {monotonic() - started:.1f} s")
    repeated = run_period(folder, periods[-1])["changes"]
    profit = run(folder, "profit", f"{MONTHS[0]}..{MONTHS[-1]}", "--by", "client")
    return [
        Tie("incidents by priority", expected.by_priority, ask(folder, BY_PRIORITY)),
        Tie("share of incidents that met their SLA", expected.sla_share, sla_share(folder)),
        Tie("incidents without resolution time", expected.without_resolution, one(folder, OPEN)),
        Tie("incidents of no known client", expected.without_location, one(folder, HOMELESS)),
        Tie("cents billed per incident priority", expected.incident_revenue, ask(folder, REVENUE)),
        Tie("cents given back for missed SLA", expected.sla_credit, -one(folder, CREDIT)),
        Tie("cents of monthly fees", expected.fees, one(folder, FEES)),
        Tie("cents of revenue in the journal", expected.revenue, one(folder, JOURNAL)),
        Tie("cents of revenue in the profit table", expected.revenue, revenue(profit)),
        Tie("currencies out of balance", 0, one(folder, UNBALANCED)),
        Tie("changes of a repeated run", 0, repeated),
        Tie("invoices not posted", 0, one(folder, NOT_POSTED)),
        *judged(folder / "books"),
    ]


def judged(books: Path) -> list[Tie]:
    """What other programs say of the books, unchanged; hledger where it is installed."""
    bean_check = str(Path(sys.executable).with_name("bean-check"))
    commands = {"bean-check": [bean_check, str(books / "books.beancount")]}
    if hledger := shutil.which("hledger"):
        commands["hledger"] = [hledger, "-f", str(books / "books.journal"), "check"]
    return [Tie(f"{name} objects to", (0, ""), judge(words)) for name, words in commands.items()]


def judge(command: Sequence[str]) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a judge of ours, on our files
    return done.returncode, (done.stdout + done.stderr)[:500]


def run_period(folder: Path, period: str) -> Any:
    """The line for `period`, invoiced on the 28th of its last month."""
    return run(folder, "run", period, "--as", "real", "--on", f"{period[-7:]}-28")


BY_PRIORITY = "SELECT priority, count(*) FROM ticket GROUP BY priority"
SLA = "SELECT sla_met, count(*) FROM ticket GROUP BY sla_met"
OPEN = "SELECT count(*) FROM ticket WHERE resolved_at IS NULL"
HOMELESS = "SELECT count(*) FROM ticket WHERE client IS NULL"
REVENUE = """SELECT ticket.priority, sum(charge.amount_minor) FROM charge
    JOIN ticket ON charge.basis = 'ticket:servicenow:' || ticket.id GROUP BY ticket.priority"""
CREDIT = "SELECT sum(amount_minor) FROM charge WHERE basis LIKE 'sla:%'"
FEES = "SELECT sum(amount_minor) FROM charge WHERE basis LIKE 'fee:%'"
JOURNAL = "SELECT -sum(amount_minor) FROM posting WHERE account LIKE 'Income:%'"
UNBALANCED = """SELECT count(*) FROM
    (SELECT currency FROM posting GROUP BY currency HAVING sum(amount_minor) <> 0)"""
NOT_POSTED = "SELECT count(*) FROM invoice WHERE state = 'issued'"


def ask(folder: Path, query: str) -> dict[Any, int]:
    """The two columns of `query` on the example's database as a dictionary."""
    with closing(sqlite3.connect(folder / "tallystick.db")) as database:
        return dict(database.execute(query).fetchall())


def one(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(folder / "tallystick.db")) as database:
        return int(database.execute(query).fetchone()[0])


def sla_share(folder: Path) -> str:
    counts = ask(folder, SLA)
    return str(Fraction(counts[1], sum(counts.values())))


def revenue(profit: Any) -> int:
    """The total of the profit table, in cents."""
    [total] = profit["totals"]
    return int(Fraction(total["revenue"]["amount"]) * 100)


def same_records(folder: Path, reference: Path, name: str) -> list[Tie]:
    """The log in another order ends in the same tickets, field by field."""
    run(folder, "sync")
    return [
        Tie(
            f"tickets that differ when the log comes {name}",
            0,
            len(tickets(folder).symmetric_difference(tickets(reference))),
        )
    ]


def tickets(folder: Path) -> set[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "tallystick.db")) as database:
        return set(database.execute("SELECT id, version, content_hash FROM ticket"))


if __name__ == "__main__":
    main()
