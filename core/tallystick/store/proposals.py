"""Proposals in the store: at most one open per client and currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from tallystick.billing.proposal import Proposal
from tallystick.period import Period
from tallystick.store.ledger_schema import invoice, proposal

OPEN = ("proposed", "approved")
TURN = "proposals"
"""The turn of everything that decides on proposals: propose, approve and issue."""


def body_of(row: Row[Any]) -> Proposal:
    """The proposal a row holds, exactly as it was prepared."""
    return msgspec.json.decode(row.body, type=Proposal)


def open_of(connection: Connection, clients: Sequence[str]) -> dict[str, dict[str, Row[Any]]]:
    """The open proposals of `clients`, by client and currency."""
    rows = connection.execute(
        select(proposal).where(proposal.c.client.in_(clients), proposal.c.state.in_(OPEN))
    )
    found: dict[str, dict[str, Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.client, {})[row.currency] = row
    return found


def invoiced(
    connection: Connection, clients: Sequence[str] | None = None
) -> dict[str, dict[str, int]]:
    """How many invoices each client has by currency; of all clients, or of `clients`."""
    statement = select(invoice.c.client, invoice.c.currency, func.count()).group_by(
        invoice.c.client, invoice.c.currency
    )
    if clients is not None:
        statement = statement.where(invoice.c.client.in_(clients))
    counts: dict[str, dict[str, int]] = {}
    for client, currency, count in connection.execute(statement):
        counts.setdefault(client, {})[currency] = count
    return counts


def one(connection: Connection, proposal_id: int) -> Row[Any]:
    return connection.execute(select(proposal).where(proposal.c.id == proposal_id)).one()


def in_period(connection: Connection, period: Period, states: Sequence[str]) -> list[Row[Any]]:
    """Proposals of exactly this period in these states, by client and currency."""
    return list(
        connection.execute(
            select(proposal)
            .where(
                proposal.c.period_start == period.start,
                proposal.c.period_end == period.end,
                proposal.c.state.in_(states),
            )
            .order_by(proposal.c.client, proposal.c.currency, proposal.c.id)
        )
    )


def insert_proposed(
    connection: Connection, draft: Proposal, sequence: int, prepared_by: str, now: datetime
) -> None:
    """Store `draft` as proposed. `sequence` is the number of invoices the client had when it was
    made: issuing takes the next one, which only one proposal can."""
    connection.execute(
        insert(proposal).values(
            client=draft.client,
            currency=draft.currency,
            sequence=sequence,
            period_start=draft.period.start,
            period_end=draft.period.end,
            content_hash=draft.content_hash,
            net_minor=draft.net.minor,
            tax_minor=draft.tax.minor,
            gross_minor=draft.gross.minor,
            body=msgspec.json.encode(draft).decode(),
            objections=draft.objections,
            state="proposed",
            prepared_by=prepared_by,
            prepared_at=now,
        )
    )


def set_state(connection: Connection, proposal_id: int, state: str, **values: object) -> None:
    connection.execute(
        update(proposal).where(proposal.c.id == proposal_id).values(state=state, **values)
    )
