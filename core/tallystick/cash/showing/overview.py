"""Overview: what is due, on its way, paid, back or unplaced, and whether the journal agrees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, case, func, select

from tallystick.books.entries import RECEIVABLE, SUSPENSE, TRANSFERS
from tallystick.cash.policy.reasons import told
from tallystick.money import Money, total
from tallystick.store.billing.schema import invoice
from tallystick.store.books import journal
from tallystick.store.cash import settlements
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.cash.disputes import Disputed, disputes
from tallystick.store.cash.settlements import Suspended

STUCK: Final = ("intended", "unknown", "lost", "requires_customer", "parked")
Booked = Mapping[tuple[str, str], int]
"""The journal's balances in minor units, by account and currency."""


@dataclass(frozen=True, slots=True)
class CurrencyCash:
    """One currency. `due`, `collecting`, `reopened` and `credit` (negative) are what is open of
    invoices, `paid` what was settled of them; the last two are the journal's balances."""

    currency: str
    due: Money
    collecting: Money
    reopened: Money
    credit: Money
    paid: Money
    suspense: Money
    receivable_booked: Money
    suspense_booked: Money

    @property
    def open(self) -> Money:
        return self.due + self.collecting + self.reopened + self.credit

    @property
    def ties(self) -> bool:
        """Whether the journal's receivable and suspense are those of invoices and movements."""
        return self.open == self.receivable_booked and self.suspense == self.suspense_booked


@dataclass(frozen=True, slots=True)
class Reopened:
    """An invoice whose payment came back, with the reason of the last return."""

    number: str
    client: str
    open: Money
    reason: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """A collection that was not sent (`parked`), got no answer (`intended`, `unknown`, for good
    `lost`), or waits for its payer on the page at `link` (`requires_customer`)."""

    key: str
    invoice: str
    state: str
    amount: Money
    reason: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """What a provider paid out that no bank shows yet; negative the other way round. Where a bank
    was paid in another currency both rest, each in its own."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CashOverview:
    currencies: tuple[CurrencyCash, ...]
    reopened: tuple[Reopened, ...]
    stuck: tuple[Stuck, ...]
    disputed: tuple[Disputed, ...]
    on_the_way: tuple[OnTheWay, ...]
    suspended: tuple[Suspended, ...]


def overview(connection: Connection) -> CashOverview:
    """Everything `tallystick cash` shows, as plain values; reads only."""
    suspended = settlements.suspended(connection)
    booked = journal.balances(connection)
    return CashOverview(
        tuple(_currencies(connection, suspended, booked)),
        tuple(_reopened(connection)),
        tuple(_stuck(connection)),
        tuple(one for one in disputes(connection) if one.state == "open"),
        tuple(_on_the_way(booked)),
        tuple(suspended),
    )


def _currencies(
    connection: Connection, suspended: Iterable[Suspended], booked: Booked
) -> list[CurrencyCash]:
    pile = case(
        (invoice.c.gross_minor < 0, "credit"),
        (invoice.c.state.in_(("collecting", "reopened")), invoice.c.state),
        else_="due",
    )
    piles: dict[tuple[str, str], int] = {}
    paid: dict[str, int] = {}
    for row in connection.execute(
        select(
            invoice.c.currency,
            pile.label("pile"),
            func.sum(invoice.c.gross_minor - invoice.c.settled_minor).label("open"),
            func.sum(invoice.c.settled_minor).label("settled"),
        ).group_by(invoice.c.currency, "pile")
    ):
        piles[row.currency, row.pile] = int(row.open)
        paid[row.currency] = paid.get(row.currency, 0) + int(row.settled)
    waits: dict[str, list[Money]] = {}
    for one in suspended:
        waits.setdefault(one.currency, []).append(Money(one.minor, one.currency))
    return [
        CurrencyCash(
            currency,
            due=Money(piles.get((currency, "due"), 0), currency),
            collecting=Money(piles.get((currency, "collecting"), 0), currency),
            reopened=Money(piles.get((currency, "reopened"), 0), currency),
            credit=Money(piles.get((currency, "credit"), 0), currency),
            paid=Money(paid.get(currency, 0), currency),
            suspense=total(waits.get(currency, ()), currency),
            receivable_booked=Money(booked.get((RECEIVABLE, currency), 0), currency),
            suspense_booked=Money(-booked.get((SUSPENSE, currency), 0), currency),
        )
        for currency in sorted(paid.keys() | waits.keys())
    ]


def _reopened(connection: Connection) -> list[Reopened]:
    rows = connection.execute(
        select(invoice, attempt.c.reason)
        .join(
            attempt,
            (attempt.c.invoice == invoice.c.number) & (attempt.c.state == "failed_late"),
            isouter=True,
        )
        .where(invoice.c.state == "reopened")
        .order_by(invoice.c.number, attempt.c.ordinal)
    )
    last = {row.number: row for row in rows}
    return [
        Reopened(
            row.number,
            row.client,
            Money(row.gross_minor - row.settled_minor, row.currency),
            told(row.reason or ""),
        )
        for row in last.values()
    ]


def _on_the_way(booked: Booked) -> list[OnTheWay]:
    return [
        OnTheWay(account, Money(minor, currency))
        for (account, currency), minor in booked.items()
        if account.startswith(f"{TRANSFERS}:") and minor
    ]


def _stuck(connection: Connection) -> list[Stuck]:
    rows = connection.execute(
        select(attempt).where(attempt.c.state.in_(STUCK)).order_by(attempt.c.key)
    )
    return [
        Stuck(
            row.key,
            row.invoice,
            row.state,
            Money(row.amount_minor, row.currency),
            row.reason,
            row.link,
        )
        for row in rows
    ]
