"""A small MSP with invoices, mandates and a bank, and what must always hold of its cash."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, insert, select, update

from tallystick.books.entries import RECEIVABLE, SUSPENSE, Entry, Posting, bank_account
from tallystick.books.exchange import ExchangeRate
from tallystick.cash.collecting.asking import refresh_attempt
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.collect import CollectReport, collect
from tallystick.cash.collecting.round import Round
from tallystick.cash.collecting.sending import Outcome
from tallystick.cash.settling.settle import SettleReport, settle
from tallystick.cash.showing.overview import CashOverview, overview
from tallystick.connector import Collector, Collects
from tallystick.money import Money
from tallystick.records import BankTransaction, Client, Dispute, Mandate
from tallystick.store.billing.schema import invoice, proposal
from tallystick.store.books import journal
from tallystick.store.books.schema import entry, posting
from tallystick.store.cash.collection_schema import attempt, settlement
from tallystick.store.database import Database, open_database
from tallystick.store.facts import inbound
from tallystick.store.facts.schema import FACTS
from tallystick.store.migrate import upgrade

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
TODAY = date(2026, 10, 1)
HOMES = {"client": "psa", "mandate": "psa", "bank_transaction": "bank"}
ZERO = Decimal(0)
BATCHES = Collects(frozenset({"sepa_debit"}), frozenset({"EUR"}), batched=True)
IBAN = "DE89370400440532013000"


@dataclass
class World:
    """Set-up and questions over one database; amounts in euro as text."""

    database: Database
    today: date = TODAY
    rates: list[ExchangeRate] = field(default_factory=list)
    clock: datetime = NOON

    def now(self) -> datetime:
        return self.clock

    def invoice(
        self,
        number: str,
        gross: str,
        client: str = "1001",
        state: str = "posted",
        due_on: date = date(2026, 10, 15),
        currency: str = "EUR",
    ) -> str:
        """An issued document with its journal entry; negative is a credit note."""
        minor = Money.exact(gross, currency).minor
        with self.database.write() as connection:
            common = {
                "client": f"psa:{client}",
                "currency": currency,
                "group": "",
                "sequence": self._count(connection) + 1,
                "period_start": date(2026, 9, 1),
                "period_end": date(2026, 10, 1),
                "net_minor": minor,
                "tax_minor": 0,
                "gross_minor": minor,
            }
            result = connection.execute(
                insert(proposal).values(
                    **common,
                    content_hash=number,
                    body="{}",
                    objections=[],
                    state="issued",
                    prepared_by="anna",
                    prepared_at=NOON,
                )
            )
            [proposal_id] = result.inserted_primary_key or [None]
            connection.execute(
                insert(invoice).values(
                    **common,
                    number=number,
                    kind="invoice" if minor > 0 else "credit_note",
                    proposal=proposal_id,
                    issued_on=TODAY,
                    due_on=due_on,
                    settled_minor=0,
                    state=state,
                    parties={},
                    payment_terms_days=14,
                    contracts=[],
                    detailed=False,
                )
            )
            amount = Money(minor, currency)
            legs = (Posting(RECEIVABLE, amount), Posting("Income:Fixed", -amount))
            journal.record(connection, [Entry(f"invoice:{number}", TODAY, "Issue", legs)], NOON)
        return number

    def mandate(
        self, ref: str = "M-1001", client: str = "1001", revoked_on: date | None = None, **more: Any
    ) -> str:
        plain: dict[str, Any] = {
            "holder": "Acme GmbH",
            "iban": IBAN,
            "signed_on": date(2024, 1, 15),
        }
        record = Mandate(id=ref, client=client, revoked_on=revoked_on, **(plain | more))
        with self.database.write() as connection:
            inbound.store_records(connection, "psa", "mandate", [record], NOON)
        return ref

    def clients(self, *records: Client) -> None:
        with self.database.write() as connection:
            inbound.store_records(connection, "psa", "client", records, NOON)

    def card(self, ref: str = "pm_1001", client: str = "1001", **more: Any) -> str:
        """A card that the provider `pay` keeps for a client of ours."""
        plain: dict[str, Any] = {"holder": "Acme GmbH", "signed_on": date(2026, 1, 15)}
        named = {"client": f"psa:{client}", "scheme": "card", "payer": f"cus_{client}"}
        with self.database.write() as connection:
            record = Mandate(id=ref, **(plain | named | more))
            inbound.store_records(connection, "pay", "mandate", [record], NOON)
        return ref

    def bank(self, *transactions: BankTransaction, connection: str = "bank") -> None:
        with self.database.write() as writing:
            inbound.store_records(writing, connection, "bank_transaction", transactions, NOON)

    def dispute(self, ref: str, key: str, amount: str, state: Any, **more: Any) -> None:
        """What the provider `pay` says of a dispute now."""
        plain: dict[str, Any] = {"currency": "EUR", "opened_on": date(2026, 10, 25)}
        record = Dispute(id=ref, attempt=key, amount=Decimal(amount), state=state, **(plain | more))
        with self.database.write() as connection:
            inbound.store_records(connection, "pay", "dispute", [record], NOON)

    def settle(self, database: Database | None = None) -> SettleReport:
        given = (database or self.database, ["bank", "pay"], self.today, self.now, _ignore)
        return settle(*given, self.rates, providers={"pay": ["pay"]})

    def collect(self, collector: Collector, database: Database | None = None) -> CollectReport:
        """Collect through a collector of SEPA batches, as its only one."""
        return self.collect_through({"debits": Channel(collector, BATCHES)}, database)

    def collect_through(
        self, channels: Mapping[str, Channel], database: Database | None = None
    ) -> CollectReport:
        return collect(database or self.database, channels, HOMES, self.now, self.today, _ignore)

    def round(self, channels: Mapping[str, Channel]) -> Round:
        return Round(self.database, channels, self.now)

    def refresh(self, key: str, collector: Collector) -> Outcome:
        asking = self.round({"debits": Channel(collector, BATCHES)})
        refresh_attempt(asking, key)
        return asking.outcome

    def overview(self) -> CashOverview:
        with self.database.read() as connection:
            return overview(connection)

    def states(self) -> dict[str, tuple[str, Decimal]]:
        """State and settled amount of every invoice."""
        with self.database.read() as connection:
            return {
                row.number: (row.state, Money(row.settled_minor, row.currency).amount)
                for row in connection.execute(select(invoice).order_by(invoice.c.number))
            }

    def attempts(self) -> dict[str, str]:
        with self.database.read() as connection:
            return {row.key: row.state for row in connection.execute(select(attempt))}

    def column(self, key: str, name: str) -> Any:
        with self.database.read() as connection:
            statement = select(attempt.c[name]).where(attempt.c.key == key)
            return connection.execute(statement).scalar_one()

    def rules(self) -> list[tuple[str, str, str | None, str]]:
        """Kind, rule, invoice and amount of every settlement, in order."""
        with self.database.read() as connection:
            rows = connection.execute(
                select(settlement).order_by(settlement.c.bank_transaction, settlement.c.part)
            )
            return [
                (row.kind, row.rule, row.invoice, str(Money(row.amount_minor, row.currency).amount))
                for row in rows
            ]

    def suspense(self) -> Decimal:
        found = [Money(one.minor, one.currency).amount for one in self.overview().suspended]
        return sum(found, Decimal(0))

    def post(self, number: str) -> None:
        with self.database.write() as connection:
            connection.execute(
                update(invoice).where(invoice.c.number == number).values(state="posted")
            )

    def balances(self) -> dict[str, str]:
        """What stands on each account, without those of revenue; debit positive."""
        with self.database.read() as connection:
            rows = journal.trial_balance(connection)
        return {
            f"{row.account} {row.currency}": str(Money(int(row.balance_minor), row.currency).amount)
            for row in rows
            if row.balance_minor and row.account != "Income:Fixed"
        }

    def must_hold(self) -> None:
        """What no order of events may break."""
        shown = self.overview()
        assert all(one.ties for one in shown.currencies), shown.currencies
        with self.database.read() as connection:
            moved: dict[tuple[str, str], int] = {}
            table = FACTS["bank_transaction"]
            for row in connection.execute(select(table)):
                minor = Money.exact(row.amount, row.currency).minor
                at = bank_account(row.connection), row.currency
                moved[at] = moved.get(at, 0) + minor
            parts: dict[tuple[str, str], int] = {}
            for row in connection.execute(select(settlement)):
                if row.account != SUSPENSE and row.kind not in ("write_off", "set_off"):
                    at = row.account, row.moved_currency
                    parts[at] = parts.get(at, 0) + row.moved_minor
            assert parts == moved
            booked = journal.balances(connection)
            for at, minor in moved.items():
                assert booked.get(at, 0) == minor
            for currency in {one[1] for one in booked}:
                assert sum(booked[key] for key in booked if key[1] == currency) == 0

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row cash writes, without instants and the vendor's own references."""
        tables = (invoice, attempt, settlement, entry, posting)
        unsaid = ("changed_at", "recorded_at", "vendor_ref", "told", "ask_at", "asks")
        with self.database.read() as connection:
            return {
                table.name: sorted(
                    (
                        tuple(getattr(row, c.name) for c in table.columns if c.name not in unsaid)
                        for row in connection.execute(select(table))
                    ),
                    key=str,
                )
                for table in tables
            }

    def _count(self, connection: Connection) -> int:
        return len(connection.execute(select(proposal.c.id)).all())


def movement(ref: str, amount: str, day: int = 20, **more: Any) -> BankTransaction:
    plain: dict[str, Any] = {"account": IBAN, "booked_on": date(2026, 10, day), "currency": "EUR"}
    return BankTransaction(id=ref, amount=Decimal(amount), **(plain | more))


def _ignore(_: int) -> None:
    """Progress nobody watches."""


def laid(root: Path, prepare: Callable[[World], object]) -> Path:
    """A SQLite file in `root` with the current schema and what `prepare` puts into it."""
    database = open_database("sqlite:///cash.db", root)
    upgrade(database)
    prepare(World(database))
    database.close()
    return root / "cash.db"


@contextmanager
def copy_of(template: Path, rates: Sequence[ExchangeRate] = ()) -> Iterator[World]:
    """A world of its own that begins as `template` was laid."""
    with TemporaryDirectory() as folder:
        shutil.copy(template, folder)
        database = open_database("sqlite:///cash.db", Path(folder))
        yield World(database, rates=list(rates))
        database.close()
