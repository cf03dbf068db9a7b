"""What accounting does not have yet: invoices, entries and payments, each by itself.

An id is `record:connection:key`, as in `invoice:books:INV-2026-0007`; connections have no colon
in their names.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from tallystick.cash.settling.standing import POSTED
from tallystick.cash.telling import post_status
from tallystick.cash.telling.post_payments import post_part
from tallystick.connector import Sink
from tallystick.cycle import post as posting
from tallystick.delivery import Delivery
from tallystick.engine.installation import Installation
from tallystick.engine.terms import chart_of
from tallystick.engine.work import AT_ONCE, DONE, Kind, Left, Work, delay
from tallystick.errors import Stop
from tallystick.store.billing import invoices
from tallystick.store.cash import settlements, undelivered

NAME = "delivery"


def unfinished(installation: Installation, connection: Connection) -> Iterator[Work]:
    """Invoices before their payments: a payment is for an invoice that is there."""
    for target in installation.takers_of("invoice"):
        for number, client in invoices.unposted(connection):
            yield Work(NAME, f"invoice:{target}:{number}", AT_ONCE, client)
        for source in posting.unposted_entries(connection, target):
            ref = f"entry:{target}:{source}"
            yield Work(NAME, ref, AT_ONCE, ref)
        for part, payer, state in undelivered.to_deliver(connection, target):
            if part.invoice is None or state in POSTED:
                ref = f"payment:{target}:{settlements.source_of(part)}"
                yield Work(NAME, ref, AT_ONCE, payer or ref)
    for target in installation.told_statuses():
        for key, raw in post_status.untold(connection, target):
            ref = f"{post_status.RECORD}:{target}:{key}"
            yield Work(NAME, ref, AT_ONCE, str(raw["client"]))


def advance(installation: Installation, ref: str) -> Left:
    """Have one record at its connection, or know what keeps it from there."""
    record, target, key = ref.split(":", 2)
    is_status = record == post_status.RECORD
    if target not in (
        installation.told_statuses() if is_status else installation.takers_of("invoice")
    ):
        return DONE
    sink = installation.kept_session(target)
    if not isinstance(sink, Sink):
        raise Stop(
            f"Connection {target} takes invoices and cannot be given any.",
            do="Correct `connector` in tallystick.toml.",
        )
    for done in _deliver(installation, record, target, key, sink):
        if done.state == "busy":
            return Left(installation.now() + delay(1))
        if done.state != "confirmed":
            return Left(reason=f"{record} {key} is not posted to {target}: {done.reason}")
    return DONE


def _deliver(
    installation: Installation, record: str, target: str, key: str, sink: Sink
) -> Iterator[Delivery]:
    database, now = installation.database, installation.now
    chart = chart_of(installation.config)
    if record == "invoice":
        with database.glance() as connection:
            row = invoices.find(connection, key)
        if row is not None and row.state == "issued":
            yield posting.post_invoice(database, target, sink, row, now, chart)
    elif record == post_status.RECORD:
        with database.read() as connection:
            waiting = dict(post_status.untold(connection, target))
        if key in waiting:
            yield post_status.post_one(database, sink, target, key, waiting[key], now)
    elif record == "entry":
        yield posting.post_entry(database, target, sink, key, now, chart)
    else:
        with database.read() as connection:
            parts = undelivered.to_deliver(connection, target, key)
        for part, client, _ in parts:
            for *_, done in post_part(database, sink, target, part, client, now, chart):
                yield done


DELIVERY = Kind(NAME, unfinished, advance)
