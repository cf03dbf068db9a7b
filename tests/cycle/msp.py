"""A small MSP to bill: what it is told, the steps of its cycle, and what must always hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Row, insert, select

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.charges import Placement
from tallystick.billing.invoice.proposal import Proposal
from tallystick.billing.models import SHIPPED
from tallystick.billing.price_book import PriceBook
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.rules import Rate
from tallystick.billing.tax.rates import TaxRate
from tallystick.books.exchange import ExchangeRate
from tallystick.books.overhead import Overhead
from tallystick.cycle.approve import ApproveReport, approve
from tallystick.cycle.issue import IssueReport, issue
from tallystick.cycle.outcomes import Outcome, ProposeReport
from tallystick.cycle.propose import propose
from tallystick.cycle.recognise import recognise
from tallystick.cycle.side_by_side import Open
from tallystick.cycle.terms import BillingTerms, Policy
from tallystick.errors import TallystickError
from tallystick.money import Money
from tallystick.period import Period, month
from tallystick.records import KINDS, Record
from tallystick.store.billing.prepared import Prepared
from tallystick.store.billing.schema import charge, invoice, invoice_line, proposal
from tallystick.store.books.schema import entry, posting
from tallystick.store.database import Database
from tallystick.store.facts import inbound
from tallystick.store.facts.by_client import client_facts
from tallystick.store.facts.schema import link
from tallystick.store.facts.set_aside import SetAside, set_aside
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.keeping import Keeper

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
TODAY = date(2026, 10, 1)
JULY, AUGUST, SEPTEMBER = (month(2026, number) for number in (7, 8, 9))
KIND_OF = {record: kind for kind, record in KINDS.items()}
HOMES = dict.fromkeys(KINDS, "psa") | {"asset": "rmm"}
HOURLY = Decimal("95.00")

TERMS = BillingTerms(
    homes=HOMES,
    zone=ZoneInfo("Europe/Berlin"),
    models=SHIPPED,
    book=PriceBook(
        {
            "standard": RateCard("standard", "EUR", (Rate(HOURLY),), increment_s=900),
            "swiss": RateCard("swiss", "CHF", (Rate(Decimal("120.00")),)),
        },
        zone=ZoneInfo("Europe/Berlin"),
    ),
    taxes=[TaxRate("standard", Decimal(19)), TaxRate("reduced", Decimal(7))],
    tax_category="standard",
    bill_from=date.min,
    payment_terms_days=14,
    number_format="INV-{year}-{number:04}",
    seller={"name": "Nordlicht IT GmbH", "country": "DE"},
    review=lambda _: [],
    policy=Policy(first_run_hold=False, credit_notes=True),
)


@dataclass(frozen=True)
class Told:
    """A report with all it told on the way."""

    report: ProposeReport
    outcomes: list[Outcome]

    @property
    def proposed(self) -> list[Proposal]:
        return [_whole(one) for outcome in self.outcomes for one in outcome.proposed]

    @property
    def unchanged(self) -> list[Proposal]:
        return [_whole(one) for outcome in self.outcomes for one in outcome.unchanged]

    @property
    def nothing(self) -> list[str]:
        return [outcome.client for outcome in self.outcomes if outcome.nothing]

    @property
    def held(self) -> list[Placement]:
        return [one for outcome in self.outcomes for one in outcome.held]

    @property
    def failed(self) -> dict[str, TallystickError]:
        return self.report.failed


def _whole(one: Prepared) -> Proposal:
    found = msgspec.json.decode(one.body, type=Proposal)
    assert found.content_hash == one.content_hash
    return found


@dataclass
class Msp:
    """Facts come in by `tell`, of connection `psa` unless said otherwise; `anna` prepares and
    `bernd` approves. The clock stands still unless a test moves it."""

    database: Database
    terms: BillingTerms = TERMS
    clock: datetime = NOON
    exchange: tuple[ExchangeRate, ...] = ()
    overheads: tuple[Overhead, ...] = ()
    versions: dict[tuple[str, str], int] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.clock

    @property
    def cells(self) -> CellTerms:
        return CellTerms(self.terms.homes, self.terms.models, self.exchange, self.overheads)

    def tell(self, *records: Record, source: str = "psa") -> None:
        """Store records as a sync would; one told again is a newer version."""
        by_kind: dict[str, list[Record]] = {}
        for record in records:
            kind = KIND_OF[type(record)]
            version = self.versions.get((kind, record.id), 0) + 1
            self.versions[kind, record.id] = version
            by_kind.setdefault(kind, []).append(_at_version(record, version))
        with self.database.write() as connection:
            for kind, rows in by_kind.items():
                inbound.store_records(connection, source, kind, rows, NOON, Keeper(self.cells))

    def link(self, copy: str, home: str, source: str = "rmm", kind: str = "client") -> None:
        keep = Keeper(self.cells)
        with (
            self.database.write() as connection,
            keep(connection, source, f"link.{kind}", [copy]),
        ):
            connection.execute(
                insert(link).values(
                    kind=kind,
                    connection=source,
                    id=copy,
                    home_connection="psa",
                    home_id=home,
                    rule="told",
                )
            )

    def set_aside(self, kind: str, ref: str, source: str = "psa", **refs: str) -> None:
        """Quarantine one row that names `refs`."""
        row = SetAside(ref, 9, f"row of {ref}", f"{ref} is odd.", "Correct it.", {"id": ref}, refs)
        with self.database.write() as connection:
            set_aside(connection, source, kind, [row], NOON)

    def facts(self, until: date = date(2027, 1, 1), only: str | None = None) -> list[ClientFacts]:
        with self.database.read() as connection:
            return list(client_facts(connection, self.terms.homes, until, self.terms.zone, only))

    def propose(
        self, period: Period = SEPTEMBER, by: str = "anna", opens: Open | None = None
    ) -> Told:
        outcomes: list[Outcome] = []
        given = (self.database, self.terms, period, by, self.now, _ignore, outcomes.append)
        return Told(propose(*given, opens), outcomes)

    def approve(
        self,
        period: Period = SEPTEMBER,
        by: str = "bernd",
        why: str | None = None,
        only: Iterable[str] = (),
        alone: bool = False,
    ) -> ApproveReport:
        return approve(self.database, period, by, why, frozenset(only), self.now, alone)

    def issue(self, period: Period = SEPTEMBER) -> IssueReport:
        return issue(
            self.database, self.terms, period, TODAY, self.now, _ignore, lambda *told: None
        )

    def recognise(self, period: Period = SEPTEMBER) -> int:
        return recognise(self.database, self.terms, period, TODAY, self.now)

    def bill(self, period: Period = SEPTEMBER) -> list[str]:
        """Propose, approve whatever there is, issue; the new numbers."""
        self.propose(period)
        self.approve(period, why="told to")
        return [number for number, _ in self.issue(period).issued]

    def rows(self, table: Any) -> list[Row[Any]]:
        """All rows in the order of the primary key."""
        with self.database.read() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key)))

    def states(self) -> list[str]:
        """The state of every proposal, the oldest first."""
        return [row.state for row in self.rows(proposal)]

    def lines(self, number: str) -> list[tuple[str, str, list[str]]]:
        """Text, net and corrected invoices of every line of an invoice."""
        return [
            (row.text, str(Money(row.net_minor, "EUR").amount), row.corrects)
            for row in self.rows(invoice_line)
            if row.invoice == number
        ]

    def balance(self, account: str, **dimensions: Any) -> Decimal:
        """Sum of one account in euro, debits positive."""
        return sum(
            (
                Money(row.amount_minor, row.currency).amount
                for row in self.rows(posting)
                if row.account == account
                and all(getattr(row, name) == value for name, value in dimensions.items())
            ),
            Decimal(0),
        )

    def must_hold(self) -> None:
        """What no order of events may break."""
        with self.database.read() as connection:
            _entries_balance(connection)
            _invoices_add_up(connection)
            _numbers_have_no_gap(connection)


def _ignore(_: int) -> None:
    return None


def _at_version(record: Record, version: int) -> Record:
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return type(record)(**(fields | {"version": version}))


def _entries_balance(connection: Connection) -> None:
    sums: dict[tuple[int, str], int] = {}
    for row in connection.execute(select(posting)):
        key = (row.entry, row.currency)
        sums[key] = sums.get(key, 0) + row.amount_minor
    assert not any(sums.values()), sums


def _invoices_add_up(connection: Connection) -> None:
    nets = _sums(connection, invoice_line, "net_minor")
    charges = _sums(connection, charge, "amount_minor")
    contained = _sums(connection, charge, "included_tax_minor")
    entries = {row.source: row.id for row in connection.execute(select(entry))}
    owed = {
        row.entry: row.amount_minor
        for row in connection.execute(
            select(posting).where(posting.c.account == "Assets:Receivable")
        )
    }
    for row in connection.execute(select(invoice)):
        assert nets[row.number] == charges[row.number] - contained[row.number]
        assert nets[row.number] == row.net_minor
        assert row.net_minor + row.tax_minor == row.gross_minor
        assert owed[entries[f"invoice:{row.number}"]] == row.gross_minor


def _sums(connection: Connection, table: Any, column: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in connection.execute(select(table)):
        found[row.invoice] = found.get(row.invoice, 0) + getattr(row, column)
    return found


def _numbers_have_no_gap(connection: Connection) -> None:
    rows = list(connection.execute(select(invoice).order_by(invoice.c.number)))
    assert [row.number for row in rows] == [f"INV-2026-{n:04}" for n in range(1, len(rows) + 1)]
    sequences: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        sequences.setdefault((row.client, row.currency, row.group), []).append(row.sequence)
    for found in sequences.values():
        assert sorted(found) == list(range(1, len(found) + 1))
    assert len({row.proposal for row in rows}) == len(rows)


def with_limit(limit: str) -> BillingTerms:
    policy = Policy(standing_limit=Decimal(limit), first_run_hold=False, credit_notes=True)
    return replace(TERMS, policy=policy)
