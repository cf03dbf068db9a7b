"""The quarter played through: month by month what the world exports, then the line's own steps.

The folder itself says how far it has come (`exports/AS_OF`), and every step of the line
finds its own unfinished work; so a demo that was cut short goes on where it stopped, and one
that is complete changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from tallystick.cycle.approve import approve
from tallystick.demo.bank import Transfer, in_euros, write_statement
from tallystick.demo.clients import PAYS_EUROS
from tallystick.demo.exports import write_exports
from tallystick.demo.project import write_project
from tallystick.engine import billing, cash
from tallystick.engine.inbound import sync
from tallystick.engine.installation import Installation, open_installation
from tallystick.engine.line import run_line
from tallystick.engine.progress import Progress
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import Period, month
from tallystick.store.billing.schema import invoice
from tallystick.store.cash.collection_schema import attempt, settlement
from tallystick.store.database import Database

QUARTER = [month(2026, number) for number in (7, 8, 9)]
LAST_STATEMENT = month(2026, 10)
PREPARER, APPROVER = "anna.prepares", "berta.approves"
TRANSFER_AFTER_DAYS = 9
DRAFT = "AS_OF.new"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Played:
    """`changes` is 0 when the folder held the finished quarter already."""

    config: Path
    changes: int


def play(folder: Path, progress: Progress, say: Say) -> Played:
    """Set up the sample MSP in `folder` and bill, collect and reconcile its quarter."""
    config = folder / "tallystick.toml"
    as_of = _as_of(folder)
    if as_of is None:
        _refuse_others(folder)
        (folder / "exports").mkdir(parents=True, exist_ok=True)
        _mark(folder, QUARTER[0])
    write_project(folder)
    changes = 0
    for period in [*QUARTER, LAST_STATEMENT]:
        if as_of is not None and period.start < as_of:
            continue
        _mark(folder, period)
        with _opened(config, period.end) as installation:
            if period != QUARTER[0]:
                _write_statement(installation.database, folder, period)
            if period == LAST_STATEMENT:
                say(f"{period}: the last bank statement arrives")
                changes += _reconcile(installation, progress, say)
            else:
                say(f"{period}: exports arrive, the line runs on {period.end}")
                write_exports(folder, period)
                changes += _run(installation, period, progress, say)
    return Played(config, changes)


def _refuse_others(folder: Path) -> None:
    """The demo leaves alone what it did not write; raises `Stop`."""
    found = folder.rglob("*") if folder.is_dir() else iter(())
    if folder.is_dir() and not any(one.is_file() and one.name != DRAFT for one in found):
        return
    if folder.exists():
        what = "holds other files" if folder.is_dir() else "is a file"
        raise Stop(
            f"{folder} {what}, and the demo wants a folder of its own.",
            do="Name a new or empty folder: tallystick demo FOLDER.",
        )


def _run(installation: Installation, period: Period, progress: Progress, say: Say) -> int:
    """The line under its policy, then a person for what policy leaves, then the line again."""
    under_policy = run_line(installation, period, PREPARER, installation.today, progress)
    approved = approve(installation.database, period, APPROVER, None, frozenset(), installation.now)
    rest = run_line(installation, period, PREPARER, installation.today, progress)
    done = Counter(under_policy.counts())
    done.update(rest.counts())
    say(
        f"  {done['rows_synced']:,} rows in, {done['settled']} settled, {done['issued']} issued "
        f"({len(approved.approved)} approved by hand), {done['collected']} collected"
    )
    return done["changes"] + len(approved.approved)


def _reconcile(installation: Installation, progress: Progress, say: Say) -> int:
    """The last statement comes in and settles what was still open."""
    synced = sync(installation, progress)
    settled = cash.settle(installation, progress)
    posted = billing.post(installation, progress)
    say(f"  {synced.written} rows in, {len(settled.settled)} settled")
    return synced.written + settled.movements + posted.payments


def returned_invoices(connection: Connection) -> list[str]:
    """The invoices whose debit came back, by number."""
    returns = select(settlement.c.invoice).where(settlement.c.kind == "return")
    return list(connection.execute(returns.distinct().order_by("invoice")).scalars())


def _write_statement(database: Database, folder: Path, period: Period) -> None:
    """What the bank says about `period`: the debits handed in before, and the transfers of the
    clients who pay by hand. Written again after a crash it says the same, as neither depends on
    what has been settled since."""
    files = sorted((folder / "debit").glob("*.xml"))
    with database.read() as connection:
        transfers = list(_transfers(connection, period))
    write_statement(folder, period, files, transfers)


def _transfers(connection: Connection, period: Period) -> Iterator[Transfer]:
    """Invoices nobody collects are paid nine days after they were issued, in `period`."""
    by_hand = (
        select(invoice)
        .join(attempt, attempt.c.invoice == invoice.c.number, isouter=True)
        .where(attempt.c.key.is_(None), invoice.c.gross_minor > 0)
        .where(invoice.c.issued_on == period.start)
        .order_by(invoice.c.number)
    )
    for row in connection.execute(by_hand):
        sent = Transfer(
            payer=row.parties["buyer"]["name"],
            amount=Money(row.gross_minor, row.currency).amount,
            currency=row.currency,
            text=f"Rechnung {row.number}",
            on=row.issued_on + timedelta(days=TRANSFER_AFTER_DAYS),
        )
        yield in_euros(sent) if row.client == f"psa:{PAYS_EUROS}" else sent


@contextmanager
def _opened(config: Path, day: date) -> Iterator[Installation]:
    """The sample's installation on the morning of `day`: its clock is the quarter's, not ours."""
    morning = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    with open_installation(config, now=lambda: morning) as installation:
        yield installation


def _as_of(folder: Path) -> date | None:
    """The first day of the month the folder has come to, None for a new one."""
    marker = folder / "exports" / "AS_OF"
    return date.fromisoformat(marker.read_text().strip()) if marker.exists() else None


def _mark(folder: Path, period: Period) -> None:
    """Note which month is being played before any of it is written."""
    marker = folder / "exports" / "AS_OF"
    draft = marker.with_suffix(".new")
    draft.write_text(f"{period.start}\n")
    draft.replace(marker)
