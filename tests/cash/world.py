"""A small MSP with invoices, mandates and a bank, and what must always hold of its cash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from tallystick.books.entries import RECEIVABLE, SUSPENSE, Entry, Posting, bank_account
from tallystick.cash.collect import CollectReport, collect
from tallystick.cash.overview import CashOverview, overview
from tallystick.cash.settle import SettleReport, settle
from tallystick.connector import Attempt, CollectionRequest, Collector, Context, Raw, Ref
from tallystick.errors import Retry, SkipRecord
from tallystick.money import Money
from tallystick.plugins import Plugins
from tallystick.records import BankTransaction, Mandate
from tallystick.store import inbound, journal
from tallystick.store.database import Database
from tallystick.store.facts_schema import FACTS
from tallystick.store.ledger_schema import attempt, entry, invoice, posting, proposal, settlement

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
TODAY = date(2026, 10, 1)
HOMES = {"client": "psa", "mandate": "psa", "bank_transaction": "bank"}
ZERO = Decimal(0)
IBAN = "DE89370400440532013000"


@dataclass
class World:
    """Set-up and questions over one database; amounts in euro as text."""

    database: Database
    today: date = TODAY

    def now(self) -> datetime:
        return NOON

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

    def bank(self, *transactions: BankTransaction) -> None:
        with self.database.write() as connection:
            inbound.store_records(connection, "bank", "bank_transaction", transactions, NOON)

    def settle(self, database: Database | None = None) -> SettleReport:
        return settle(database or self.database, ["bank"], self.today, self.now, _ignore)

    def collect(self, collector: Collector, database: Database | None = None) -> CollectReport:
        collectors = {"debits": collector}
        return collect(database or self.database, collectors, HOMES, self.now, self.today, _ignore)

    def overview(self) -> CashOverview:
        with self.database.read() as connection:
            return overview(connection)

    def states(self) -> dict[str, tuple[str, Decimal]]:
        """State and settled amount of every invoice."""
        with self.database.read() as connection:
            return {
                row.number: (row.state, Money(row.settled_minor, row.currency).amount)
                for row in connection.execute(select(invoice))
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

    def must_hold(self) -> None:
        """What no order of events may break."""
        shown = self.overview()
        assert all(one.ties for one in shown.currencies), shown.currencies
        with self.database.read() as connection:
            moved: dict[str, int] = {}
            table = FACTS["bank_transaction"]
            for row in connection.execute(select(table)):
                minor = Money.exact(row.amount, row.currency).minor
                moved[row.currency] = moved.get(row.currency, 0) + minor
            parts: dict[str, int] = {}
            for row in connection.execute(select(settlement)):
                if row.account != SUSPENSE:
                    parts[row.currency] = parts.get(row.currency, 0) + row.amount_minor
            assert parts == moved
            booked = {
                (row.account, row.currency): int(row.balance_minor)
                for row in journal.trial_balance(connection)
            }
            for currency, minor in moved.items():
                assert booked.get((bank_account("bank"), currency), 0) == minor
            for currency in {one[1] for one in booked}:
                assert sum(booked[key] for key in booked if key[1] == currency) == 0

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row cash writes, without instants and the vendor's own references."""
        tables = (invoice, attempt, settlement, entry, posting)
        unsaid = ("changed_at", "recorded_at", "vendor_ref")
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


def sepa(root: Path) -> Collector:
    """The real connector for SEPA files, with its folder under `root`."""
    connector = Plugins().connector("sepa")
    settings = connector.settings.model_validate(
        {
            "folder": "out",
            "creditor_name": "Nordlicht IT",
            "creditor_iban": IBAN,
            "creditor_id": "DE98ZZZ09999999999",
        }
    )
    session = connector.open(settings, Context("debits", root, lambda: NOON))
    assert isinstance(session, Collector)
    return session


@dataclass
class Vendor:
    """A collector with a memory of its own. `refused` are the keys it does not take, `answers`
    what it says of a key instead of `processing`; `silences` counts answers it will lose;
    `blocks` are the parts of its batch in which keys go."""

    refused: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    silences: int = 0
    blocks: dict[str, str] = field(default_factory=dict)
    batches: dict[str, list[CollectionRequest]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def whoami(self) -> str:
        return "vendor"

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        for request in requests:
            if request.key in self.refused:
                what = self.refused[request.key]
                raise SkipRecord(what, do="Correct the mandate.", ref=request.key)
        if key not in self.batches:
            self.batches[key] = list(requests)
        self.lose()
        return [self._attempt(request.key) for request in self.batches[key]]

    def find_attempt(self, key: str) -> Attempt | None:
        self.asked.append(key)
        self.lose()
        return self._attempt(key) if key in self.debits() else None

    def debits(self) -> list[str]:
        """Every debit that really happened, once for each time it did."""
        return [request.key for batch in self.batches.values() for request in batch]

    def lose(self) -> None:
        if self.silences:
            self.silences -= 1
            raise Retry("The vendor did not answer.", do="Try again later.")

    def _attempt(self, key: str) -> Attempt:
        state, reason = self.answers.get(key, ("processing", ""))
        batch = next(
            name for name, sent in self.batches.items() if key in [one.key for one in sent]
        )
        return Attempt(key, state, f"{batch}{self.blocks.get(key, '')}/{key}", reason)


@dataclass
class Accounting:
    """A sink that says back what it was told, or what `says` makes of it."""

    says: Callable[[Raw], Raw] = dict
    told: dict[str, Raw] = field(default_factory=dict)
    pushes: list[str] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def whoami(self) -> str:
        return "accounting"

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        self.pushes.append(key)
        if self.fails and isinstance(self.fails[0], SkipRecord):
            raise self.fails.pop(0)
        self.told[key] = raw
        if self.fails:
            raise self.fails.pop(0)
        return Ref(key, self.says(raw))

    def find(self, record: str, key: str) -> Ref | None:
        return Ref(key, self.says(self.told[key])) if key in self.told else None


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Bomb:
    """Goes off at the `fuse`-th moment at which a crash matters."""

    fuse: int
    moments: int = 0

    def tick(self) -> None:
        self.moments += 1
        if self.moments == self.fuse:
            raise Crash


class Fragile(Database):
    """A database whose process may end before or after any commit."""

    def __init__(self, database: Database, bomb: Bomb) -> None:
        self._whole = database
        self._bomb = bomb

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._whole.read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._whole.write() as connection:
            yield connection
            self._bomb.tick()
        self._bomb.tick()


def fragile(collector: Vendor, bomb: Bomb) -> Collector:
    """The same vendor, with the caller's process ending before or after any call."""

    class Around:
        def whoami(self) -> str:
            return collector.whoami()

        def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
            bomb.tick()
            answers = collector.collect(requests, key)
            bomb.tick()
            return answers

        def find_attempt(self, key: str) -> Attempt | None:
            bomb.tick()
            return collector.find_attempt(key)

    return Around()


def _ignore(_: int) -> None:
    """Progress nobody watches."""
