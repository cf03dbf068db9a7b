"""Post status: tell service desk and accounting how far an invoice is paid, exactly once a change.

What of an invoice was settled only changes by further settlements, so their number is the version
of its status, and the key is invoice and version (`INV-2026-0007:2`). Only the newest is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from tallystick.connector import Raw, Sink
from tallystick.delivery import Delivery, deliver
from tallystick.errors import Problem
from tallystick.money import Money
from tallystick.store.billing import outbound
from tallystick.store.billing.schema import invoice
from tallystick.store.cash.collection_schema import settlement
from tallystick.store.database import Database
from tallystick.store.facts.links import homes_of

RECORD: Final = "invoice_status"
UNANSWERED_MAX = 3
"""After this many pushes in a row without an answer, the rest waits for the next run."""


@dataclass(slots=True)
class StatusReport:
    """`told` counts statuses that are there now; `problems` the others, with what is in the way."""

    told: int = 0
    problems: list[Problem] = field(default_factory=list)


def post_status(
    database: Database,
    sink: Sink,
    target: str,
    now: Callable[[], datetime],
    progress: Callable[[int], None],
) -> StatusReport:
    """Push the status of every invoice that `target` does not know as it is now."""
    report = StatusReport()
    with database.read() as connection:
        waiting = untold(connection, target)
    unanswered = 0
    for key, raw in waiting:
        done = post_one(database, sink, target, key, raw, now)
        if done.state == "confirmed":
            report.told += 1
        else:
            do = "It is tried again at the next run."
            report.problems.append(Problem(f"{RECORD} {key} in {target}", done.reason, do))
        unanswered = unanswered + 1 if done.state == "unknown" else 0
        progress(1)
        if unanswered >= UNANSWERED_MAX:
            break
    return report


def post_one(
    database: Database, sink: Sink, target: str, key: str, raw: Raw, now: Callable[[], datetime]
) -> Delivery:
    return deliver(database, sink, target, RECORD, key, raw, now, lambda _: None)


def untold(connection: Connection, target: str) -> list[tuple[str, Raw]]:
    """Key and canonical record of every status that `target` has not confirmed, by number."""
    known = outbound.states(connection, target, RECORD)
    version = func.count(settlement.c.part).label("version")
    rows = connection.execute(
        select(invoice, version)
        .join(settlement, settlement.c.invoice == invoice.c.number)
        .group_by(*invoice.c)
        .order_by(invoice.c.number)
    )
    found = ((f"{row.number}:{row.version}", row) for row in rows)
    waiting = [(key, row) for key, row in found if known.get(key) != "confirmed"]
    if not waiting:
        return []
    copies = {home: own for own, home in homes_of(connection, "client").items() if _is(own, target)}
    return [(key, _record(row, _own_id(row.client, target, copies))) for key, row in waiting]


def _own_id(client: str, target: str, copies: Mapping[str, str]) -> str | None:
    """What `target` calls the client, None where it knows none."""
    ref = client if _is(client, target) else copies.get(client)
    return ref and ref.removeprefix(f"{target}:")


def _is(ref: str, target: str) -> bool:
    return ref.startswith(f"{target}:")


def _record(row: Row[Any], client_id: str | None) -> Raw:
    """What is told, amounts in major units: the status by itself says nothing of collections."""
    settled = Money(row.settled_minor, row.currency)
    left = Money(row.gross_minor - row.settled_minor, row.currency)
    return {
        "id": row.number,
        "client": row.client,
        "client_id": client_id,
        "status": _status(row, settled, left),
        "settled": settled.amount,
        "open": left.amount,
        "currency": row.currency,
    }


def _status(row: Row[Any], settled: Money, left: Money) -> str:
    if not left:
        return "written_off" if row.state == "written_off" else "paid"
    if settled.minor * row.gross_minor > 0:
        return "part_paid"
    return "open"
