"""Proposals in the store: at most one open per client, currency and group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from tallystick.billing.invoice.proposal import Objection, Proposal
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing.prepared import Prepared
from tallystick.store.billing.schema import invoice, proposal
from tallystick.store.bulk import execute_many

OPEN = ("proposed", "approved")
TURN = "proposals"
"""The turn of everything that decides on proposals: propose, approve, issue, void."""
SHORT = [column for column in proposal.c if column.name != "body"]
"""Every column but the body, which only few need."""
Counts = dict[tuple[str, str], int]
"""How many invoices a client has, by currency and group."""


class Summary(Struct, frozen=True):
    """A stored proposal without its lines."""

    id: int
    client: str
    currency: str
    group: str
    period: Period
    net: Money
    tax: Money
    gross: Money
    objections: tuple[Objection, ...]
    prepared_by: str
    prepared_at: datetime

    @property
    def holds(self) -> tuple[Objection, ...]:
        return tuple(one for one in self.objections if one.severity == "hold")

    @property
    def kind(self) -> Literal["invoice", "credit_note"]:
        return "credit_note" if self.gross.minor < 0 else "invoice"


def summary_of(row: Row[Any]) -> Summary:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return Summary(
        id=row.id,
        client=row.client,
        currency=row.currency,
        group=row.group,
        period=Period(row.period_start, row.period_end),
        net=money(row.net_minor),
        tax=money(row.tax_minor),
        gross=money(row.gross_minor),
        objections=tuple(Objection(**one) for one in row.objections),
        prepared_by=row.prepared_by,
        prepared_at=row.prepared_at,
    )


def body_of(row: Row[Any]) -> Proposal:
    """The proposal a row holds, exactly as it was prepared."""
    return msgspec.json.decode(row.body, type=Proposal)


def open_of(
    connection: Connection, clients: Sequence[str]
) -> dict[str, dict[tuple[str, str], Row[Any]]]:
    """The open proposals of `clients`, by client and (currency, group), without their bodies."""
    rows = connection.execute(
        select(*SHORT).where(proposal.c.client.in_(clients), proposal.c.state.in_(OPEN))
    )
    found: dict[str, dict[tuple[str, str], Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.client, {})[row.currency, row.group] = row
    return found


def invoiced(connection: Connection, clients: Sequence[str] | None = None) -> dict[str, Counts]:
    """How many invoices each client has; of all clients, or of `clients`."""
    table = invoice
    key = (table.c.client, table.c.currency, table.c.group)
    statement = select(*key, func.count()).group_by(*key)
    if clients is not None:
        statement = statement.where(table.c.client.in_(clients))
    counts: dict[str, Counts] = {}
    for client, currency, group, count in connection.execute(statement):
        counts.setdefault(client, {})[currency, group] = count
    return counts


def one(connection: Connection, proposal_id: int) -> Row[Any]:
    return connection.execute(select(proposal).where(proposal.c.id == proposal_id)).one()


def in_period(connection: Connection, period: Period, states: Sequence[str]) -> list[Row[Any]]:
    """Proposals of exactly this period in these states, without their bodies."""
    return list(connection.execute(_in_period(select(*SHORT), period, states)))


def whole_in_period(
    connection: Connection, period: Period, states: Sequence[str]
) -> list[Row[Any]]:
    """As `in_period`, with their bodies."""
    return list(connection.execute(_in_period(select(proposal), period, states)))


def _in_period(statement: Select[Any], period: Period, states: Sequence[str]) -> Select[Any]:
    return statement.where(
        proposal.c.period_start == period.start,
        proposal.c.period_end == period.end,
        proposal.c.state.in_(states),
    ).order_by(proposal.c.client, proposal.c.currency, proposal.c.group, proposal.c.id)


def all_open(connection: Connection) -> list[Row[Any]]:
    """Every open proposal without its body, by client."""
    statement = select(*SHORT).where(proposal.c.state.in_(OPEN))
    return list(connection.execute(statement.order_by(proposal.c.client, proposal.c.id)))


def last_period_end(connection: Connection, before: date) -> date | None:
    """The end of the latest period, up to `before`, that was ever proposed and not made void."""
    statement = select(func.max(proposal.c.period_end)).where(
        proposal.c.period_end <= before, proposal.c.state != "void"
    )
    return connection.execute(statement).scalar()


def approved_by(connection: Connection, period: Period, approver: str) -> dict[str, int]:
    """What one approver let go out for the period: gross without sign, in minor units, by
    currency."""
    statement = select(proposal.c.currency, func.sum(func.abs(proposal.c.gross_minor))).where(
        proposal.c.period_start == period.start,
        proposal.c.period_end == period.end,
        proposal.c.approved_by == approver,
        proposal.c.state.in_(("approved", "issued")),
    )
    rows = connection.execute(statement.group_by(proposal.c.currency))
    return {currency: int(minor) for currency, minor in rows}


def insert_proposed(
    connection: Connection, drafts: Iterable[tuple[Prepared, int, str]], now: datetime
) -> None:
    """Store drafts as proposed, each with its sequence and who prepared it. The sequence is the
    number of invoices its client had in that currency and group when it was made: issuing takes
    the next one, which only one proposal can."""
    rows = [_row(draft, sequence, by, now) for draft, sequence, by in drafts]
    execute_many(connection, _PROPOSED, rows)


_STORED = (
    *("client", "currency", "group", "sequence", "period_start", "period_end", "content_hash"),
    *("net_minor", "tax_minor", "gross_minor", "body", "objections", "state"),
    *("prepared_by", "prepared_at"),
)
_PROPOSED = insert(proposal).values({name: bindparam(name) for name in _STORED})


def _row(draft: Prepared, sequence: int, prepared_by: str, now: datetime) -> dict[str, Any]:
    return {
        "client": draft.client,
        "currency": draft.currency,
        "group": draft.group,
        "sequence": sequence,
        "period_start": draft.period.start,
        "period_end": draft.period.end,
        "content_hash": draft.content_hash,
        "net_minor": draft.net.minor,
        "tax_minor": draft.tax.minor,
        "gross_minor": draft.gross.minor,
        "body": draft.body,
        "objections": draft.objections,
        "state": "proposed",
        "prepared_by": prepared_by,
        "prepared_at": now,
    }


def same(row: Row[Any], draft: Prepared) -> bool:
    """Whether a stored proposal says what `draft` says, down to the objections."""
    return bool(
        row.content_hash == draft.content_hash and summary_of(row).objections == draft.objections
    )


def set_state(
    connection: Connection, proposal_ids: Sequence[int], state: str, **values: object
) -> None:
    for at in range(0, len(proposal_ids), 500):
        chosen = proposal.c.id.in_(proposal_ids[at : at + 500])
        connection.execute(update(proposal).where(chosen).values(state=state, **values))
