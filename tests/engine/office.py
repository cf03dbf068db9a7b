"""An MSP with invoices and nothing else to look after, run by the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from tallystick.engine.installation import Installation, open_installation
from tallystick.records import Mandate
from tallystick.store.billing.schema import invoice, proposal
from tallystick.store.database import Database
from tallystick.store.engine.schema import postponed, scheduled_run
from tallystick.store.facts import inbound

from .outside import Effects, plugins

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
[store]
url = "{url}"
[[tax]]
category = "standard"
percent = "19"
[connection.psa]
connector = "counting_debits"
home = ["client", "mandate"]
settings = {{ folder = "world/debits", wait_s = {wait_s} }}
[connection.books]
connector = "counting_ledger"
settings = {{ folder = "world/books", wait_s = {wait_s} }}
[collection]
on = "issue"
{more}
"""


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def go(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Office:
    """One installation with its clock and what stands outside."""

    installation: Installation
    clock: Clock
    root: Path
    books: Effects = field(init=False)
    debits: Effects = field(init=False)

    def __post_init__(self) -> None:
        self.books = Effects(self.root / "world" / "books")
        self.debits = Effects(self.root / "world" / "debits")

    def rows(self, table: Any) -> Sequence[Any]:
        with self.installation.database.read() as connection:
            return connection.execute(select(table)).all()

    def states(self) -> dict[str, str]:
        return {row.number: row.state for row in self.rows(invoice)}

    def runs(self) -> list[Any]:
        return [row for row in self.rows(scheduled_run) if row.state != "begun"]

    def postponed(self) -> dict[str, Any]:
        return {row.id: row for row in self.rows(postponed)}


def write_config(
    root: Path, url: str = "sqlite:///line.db", more: str = "", wait_s: float = 0
) -> Path:
    path = root / "tallystick.toml"
    path.write_text(CONFIG.format(url=url, more=more, wait_s=wait_s), encoding="utf-8")
    return path


@contextmanager
def office(root: Path, url: str = "sqlite:///line.db", more: str = "") -> Iterator[Office]:
    clock = Clock()
    with open_installation(write_config(root, url, more), clock, plugins(), {}) as installation:
        yield Office(installation, clock, root)


def issue(
    database: Database, numbers: Sequence[str], clients: int = 3, state: str = "issued"
) -> None:
    """Issued invoices over 10.00, their clients in turn, each with a mandate."""
    with database.write() as connection:
        refs = [str(1000 + i) for i in range(clients)]
        mandates = [
            Mandate(
                id=f"M{ref}",
                client=ref,
                holder="Acme GmbH",
                iban="DE89370400440532013000",
                signed_on=date(2024, 1, 15),
            )
            for ref in refs
        ]
        inbound.store_records(connection, "psa", "mandate", mandates, NOON)
        for i, number in enumerate(numbers):
            common: dict[str, Any] = {
                "client": f"psa:{refs[i % clients]}",
                "currency": "EUR",
                "group": "",
                "sequence": i + 1,
                "period_start": date(2026, 9, 1),
                "period_end": date(2026, 10, 1),
                "net_minor": 1000,
                "tax_minor": 0,
                "gross_minor": 1000,
            }
            proposed = insert(proposal).values(
                **common,
                content_hash=number,
                body="{}",
                objections=[],
                state="issued",
                prepared_by="anna",
                prepared_at=NOON,
            )
            [proposal_id] = connection.execute(proposed).inserted_primary_key or [None]
            connection.execute(
                insert(invoice).values(
                    **common,
                    number=number,
                    kind="invoice",
                    proposal=proposal_id,
                    issued_on=NOON.date(),
                    due_on=date(2026, 10, 15),
                    settled_minor=0,
                    state=state,
                    parties={"buyer": {"name": "Acme GmbH"}},
                    payment_terms_days=14,
                    contracts=[],
                    detailed=False,
                )
            )
