"""Events: a provider told something by itself (docs/decisions/0016).

    receive   store_events: whole, in one commit, before the delivery is acknowledged
    process   process_event: ask about the attempt, refund or page it is about, then note it

Nothing is read from an event but what it is about, and only where we hold an intent of that
connection for it. What is asked for now is the same whatever came first, twice or late; so events
may be processed in any order, by several at once, and again after a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import Connection, Row

from tallystick.cash.collecting.asking import refresh_attempt
from tallystick.cash.collecting.round import Round
from tallystick.cash.listening.masking import without_cards
from tallystick.cash.listening.page_life import refresh_page
from tallystick.cash.repaying.repaying import refresh_refund
from tallystick.connector import Event
from tallystick.store.cash import attempts, events, pages, refunds
from tallystick.store.database import Database

LONGEST_WAIT: Final = timedelta(hours=6)
NOT_OURS: Final = "It is about nothing that was asked for through this connection."


class Subject(NamedTuple):
    """What an event is about: an intent of ours, by its kind and key."""

    kind: Literal["attempt", "refund", "page"]
    key: str


def store_events(
    database: Database, connection: str, told: Sequence[Event], body: bytes, now: datetime
) -> int:
    """Store the events of one delivery with its whole `body`, card numbers masked; how many are
    new. Once this returns the delivery may be acknowledged: it is committed."""
    text = without_cards(body.decode("utf-8", "replace").replace("\x00", ""))
    with database.write() as writing:
        return events.add(writing, connection, told, text, sha256(body).hexdigest(), now)


def process_event(asking: Round, connection: str, ref: str) -> None:
    """Ask about what the event `ref` of `connection` is about, and have the connection pulled.

    An event whose question gets no answer stays to be processed, each time after a longer wait.
    """
    with asking.database.read() as reading:
        row = events.find(reading, connection, ref)
        about = _subject(reading, row) if row is not None else None
    if row is None or row.state != "stored":
        return
    answered = True
    if about is not None:
        refresh = {"attempt": refresh_attempt, "refund": refresh_refund, "page": refresh_page}
        answered = refresh[about.kind](asking, about.key)
    with asking.database.write() as writing:
        events.want_pull(writing, connection, asking.now())
        if not answered:
            wait = min(timedelta(minutes=2 ** min(row.tries, 20)), LONGEST_WAIT)
            events.change(writing, connection, ref, tries=row.tries + 1, due_at=asking.now() + wait)
        elif about is None:
            events.change(writing, connection, ref, state="ignored", reason=NOT_OURS)
        else:
            reason = f"{about.kind} {about.key} was asked about."
            events.change(writing, connection, ref, state="processed", reason=reason)


def _subject(connection: Connection, row: Row[Any]) -> Subject | None:
    """What an event is about. What it says is believed only as far as our own intents go: the key
    must be one we gave this connection, the reference one it gave us."""
    source = row.connection
    if row.key:
        page = pages.by_key(connection, row.key)
        if page is not None and page.connection == source:
            return Subject("page", row.key)
        attempt = attempts.by_key(connection, row.key)
        if attempt is not None and attempt.connection == source:
            return Subject("attempt", row.key)
        refund = refunds.by_key(connection, row.key)
        if refund is not None and refund.connection == source:
            return Subject("refund", row.key)
    if row.vendor_ref:
        if key := pages.key_of(connection, source, row.vendor_ref):
            return Subject("page", key)
        if key := attempts.key_of(connection, source, row.vendor_ref):
            return Subject("attempt", key)
        if key := refunds.key_of(connection, source, row.vendor_ref):
            return Subject("refund", key)
    return None
