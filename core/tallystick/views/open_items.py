"""The receivable ledger against the open items of an accounting system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tallystick.books.open_items import Difference, compare
from tallystick.cash.settling.standing import POSTED
from tallystick.connector import Ledger
from tallystick.money import Money, total
from tallystick.store.billing import outbound
from tallystick.store.billing.schema import invoice
from tallystick.store.cash import settlements, undelivered
from tallystick.store.database import Database


@dataclass(frozen=True, slots=True)
class Compared:
    """One accounting system: what is open here and there, by currency, and where they differ."""

    connection: str
    ours: dict[str, Money]
    theirs: dict[str, Money]
    differences: list[Difference]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs but what is still on its way there."""
        return all(one.explained for one in self.differences)


def compare_open_items(database: Database, target: str, ledger: Ledger) -> Compared:
    with database.read() as connection:
        ours = dict(_ours(connection))
        coming = list(_coming(connection, target))
    theirs = [(one.number, one.amount) for one in ledger.open_items()]
    return Compared(
        target,
        _sums(ours.values()),
        _sums(amount for _, amount in theirs),
        compare(ours, coming, theirs),
    )


def _ours(connection: Connection) -> Iterator[tuple[str, Money]]:
    rows = connection.execute(
        select(invoice).where(invoice.c.gross_minor != invoice.c.settled_minor)
    )
    for row in rows:
        yield row.number, Money(row.gross_minor - row.settled_minor, row.currency)


def _coming(connection: Connection, target: str) -> Iterator[tuple[str, Money]]:
    """Invoices that are not posted, whole, and payments that are not confirmed, as they lower
    what is open."""
    rows = connection.execute(select(invoice).where(invoice.c.state.not_in(POSTED)))
    for row in rows:
        yield row.number, Money(row.gross_minor, row.currency)
    told = outbound.states(connection, target, "payment")
    for part, _, _ in undelivered.to_deliver(connection, target):
        source = settlements.source_of(part)
        if part.invoice is not None and told.get(source) != "confirmed":
            yield part.invoice, Money(-part.amount_minor, part.currency)


def _sums(amounts: Iterable[Money]) -> dict[str, Money]:
    found: dict[str, list[Money]] = {}
    for amount in amounts:
        found.setdefault(amount.currency, []).append(amount)
    return {currency: total(each, currency) for currency, each in sorted(found.items())}
