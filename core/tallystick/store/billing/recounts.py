"""Quantities of contract lines to be as counted, in the log of who let through what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from tallystick.billing.devices.following import Change
from tallystick.store.books import control
from tallystick.store.books.schema import control_event


class Recount(NamedTuple):
    """What somebody asked for, and what came of it: `quantity` (asked), `quantity_approved` or
    `quantity_refused`, by whom and when. `agreed` is what the line was for."""

    change: Change
    client: str
    description: str
    agreed: Decimal
    state: str
    by: str
    at: datetime
    reason: str

    @property
    def waits(self) -> bool:
        return self.state == "quantity"


def approved(connection: Connection) -> Mapping[str, list[Change]]:
    """The changes of each line that were let through, oldest first."""
    let_through = select(control_event).where(control_event.c.kind == "quantity_approved")
    found: dict[str, list[Change]] = defaultdict(list)
    for row in sorted(connection.execute(let_through), key=lambda row: row.id):
        found[row.subject].append(_recount(row).change)
    return found


def latest(connection: Connection) -> dict[str, Recount]:
    """The last word on each line anybody ever asked a change of."""
    found = control.latest(connection, "quantity", "quantity_approved", "quantity_refused")
    return {line: _recount(row) for line, row in found.items()}


def note(connection: Connection, one: Recount) -> None:
    change = one.change
    detail = {
        "client": one.client,
        "description": one.description,
        "since": change.since.isoformat(),
        "agreed": str(one.agreed),
        "quantity": str(change.quantity),
        "own": str(change.own),
    }
    kind: Any = one.state
    control.add(connection, kind, change.line, one.by, one.at, one.reason, detail)


def _recount(row: Row[Any]) -> Recount:
    told = row.detail
    return Recount(
        Change(
            row.subject,
            date.fromisoformat(told["since"]),
            Decimal(told["quantity"]),
            Decimal(told["own"]),
        ),
        told["client"],
        told["description"],
        Decimal(told["agreed"]),
        row.kind,
        row.by,
        row.at,
        row.reason,
    )
