"""Deliver: bring one record to a vendor exactly once, whatever breaks on the way.

    intended    noted; it may have been sent or not
    unknown     sent, and no answer came: it may have arrived or not
    refused     the vendor does not take it as it is
    differs     the vendor has it and says something else than we do
    confirmed   the vendor has it and says what we say

`intended` is committed before anything is sent. From every state but `confirmed` the next
delivery first asks the vendor by our key, and pushes only what it does not have; so nothing
arrives twice, a document corrected at the vendor is confirmed, and a crash costs one question.
Of two processes that would send one record only one does: between asking and pushing nobody else
may push.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from email.message import EmailMessage
from typing import Literal, NamedTuple, Protocol

from tallystick.connector import Raw, Sink
from tallystick.errors import Retry, SkipRecord
from tallystick.store.billing import outbound
from tallystick.store.database import Database
from tallystick.store.turn import held, held_beside

DeliveryState = Literal["confirmed", "differs", "refused", "unknown", "busy"]
Action = Literal["ask", "send", "nothing"]
Verify = Callable[[Raw], str | None]
"""Given the record as the vendor has it: the sentence of what differs from ours, or None."""


class Mailer(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Hand over one message; raises `SkipRecord` when it was certainly not taken, `Retry`
        when nobody can tell."""


class Delivery(NamedTuple):
    """`reason` is the sentence of what stands in the way, empty when confirmed. One that is `busy`
    is somebody else's right now, and its row says what becomes of it."""

    state: DeliveryState
    vendor_id: str | None
    reason: str


def next_action(state: str | None) -> Action:
    """What an outbound record needs; `state` is None before it was ever intended. One that may
    have been sent is asked for by its key, and sent only when it is not there. Pure."""
    if state is None:
        return "send"
    return "nothing" if state == "confirmed" else "ask"


def deliver(
    database: Database,
    sink: Sink,
    connection: str,
    record: str,
    key: str,
    raw: Raw,
    now: Callable[[], datetime],
    verify: Verify,
) -> Delivery:
    """Have `raw` of kind `record` at the vendor of `connection` under `key`, exactly once.

    A key confirmed before costs no call. Never raises `Retry` or `SkipRecord`: they become the
    state. `Stop` and crashes leave the row as it was, for the next delivery to ask about; so does
    somebody else who is sending it at the same time.
    """
    with _alone_at(database, connection, record, key) as mine:
        if not mine:
            return Delivery("busy", None, "Somebody else is sending it right now.")
        return _deliver(database, sink, (connection, record, key), raw, now, verify)


def _alone_at(
    database: Database, connection: str, record: str, key: str
) -> AbstractContextManager[bool]:
    """SQLite, which has few processes, locks the whole connection; PostgreSQL each record."""
    if database.dialect == "postgresql":
        return held(database, f"deliver {connection} {record} {key}")
    return held_beside(database, f"to-{connection}")


def _deliver(
    database: Database,
    sink: Sink,
    address: tuple[str, str, str],
    raw: Raw,
    now: Callable[[], datetime],
    verify: Verify,
) -> Delivery:
    _, record, key = address
    with database.write() as transaction:
        new = outbound.intend(transaction, *address, now())
        known = None if new else outbound.state_of(transaction, *address)
    if known is not None and next_action(known.state) == "nothing":
        return Delivery("confirmed", known.vendor_id, "")
    delivery = _send(sink, record, key, raw, verify, known.state if known else None)
    with database.write() as transaction:
        outbound.change(
            transaction,
            *address,
            delivery.state,
            now(),
            vendor_id=delivery.vendor_id,
            reason=delivery.reason,
        )
    return delivery


def _send(
    sink: Sink, record: str, key: str, raw: Raw, verify: Verify, state: str | None
) -> Delivery:
    try:
        ref = sink.find(record, key) if next_action(state) == "ask" else None
        if ref is None:
            ref = sink.push(record, raw, key)
    except Retry as error:
        return Delivery("unknown", None, str(error))
    except SkipRecord as error:
        return Delivery("refused", None, str(error))
    difference = verify(ref.readback)
    return Delivery("differs" if difference else "confirmed", ref.id, difference or "")
