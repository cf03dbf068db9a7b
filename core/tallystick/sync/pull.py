"""Pull: one record kind of one connection into the store, in batches that can be resumed.

The cursor moves only in the transaction that stored the rows before it, so a crash at any
moment costs at most one batch of re-reading and never a row. What a whole list leaves out was
deleted at the vendor and is taken away; but not when it is so much that the list must be wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from tallystick.connector import Source, Whole
from tallystick.store.caching import BULK_KIB, keeping
from tallystick.store.database import Database
from tallystick.store.facts import gone, inbound
from tallystick.store.facts.cursors import move_cursor, read_cursor
from tallystick.store.facts.inbound import Stored
from tallystick.store.facts.late_indexes import LateIndexes
from tallystick.store.facts.set_aside import heal, open_quarantine_keys, set_aside
from tallystick.sync.batches import BATCH, Batch, batches
from tallystick.sync.border import Reader
from tallystick.sync.seen import Seen


@dataclass(frozen=True, slots=True)
class Feed:
    """One kind of one connection, ready to be pulled. `mapping_hash` changes with the mapping."""

    connection: str
    kind: str
    source: Source
    reader: Reader
    mapping_hash: str


@dataclass(slots=True)
class PullReport:
    """What one pull did. `quarantined` counts rows set aside for the first time, `gone` records
    that were deleted at the vendor, `held` those its list leaves out and that are kept, as they
    are too many."""

    connection: str
    kind: str
    read: int = 0
    stored: Stored = field(default_factory=Stored)
    quarantined: int = 0
    healed: int = 0
    gone: int = 0
    held: int = 0

    @property
    def written(self) -> int:
        """Rows written to the store; 0 when nothing changed."""
        stored = self.stored.new + self.stored.changed
        return stored + self.quarantined + self.healed + self.gone


def pull(
    feed: Feed,
    database: Database,
    zone: ZoneInfo,
    now: Callable[[], datetime],
    progress: Callable[[int], None],
    keep: inbound.Keep = inbound.keep_nothing,
    *,
    accept_gone: bool = False,
) -> PullReport:
    """Bring in everything new since the stored cursor; `progress` hears of rows as they come, and
    `keep` is entered round every change. What a whole list leaves out is gone, unless it is too
    much and not `accept_gone`, or unless a row was too broken to say which record it is."""
    report = PullReport(feed.connection, feed.kind)
    with database.read() as connection:
        since = read_cursor(connection, feed.connection, feed.kind, feed.mapping_hash)
        waiting = open_quarantine_keys(connection, feed.connection, feed.kind)
    good: set[str] = set()
    bad: set[str] = set()
    seen = Seen()
    nameless = False
    with LateIndexes(database, feed.kind) as indexes:
        for batch in batches(feed, since, zone):
            if not report.read and batch.count >= BATCH:
                indexes.leave_out()
            ids = batch.columns[0]
            report.read += batch.count
            if waiting:
                good |= waiting.intersection((*ids, *batch.places))
            bad |= {row.raw_hash for row in batch.broken}
            seen.add(ids)
            seen.add(row.id for row in batch.broken)
            nameless |= any(row.id == row.place for row in batch.broken)
            if batch.token == since:
                batch.token = None  # it stands there already
            since = batch.token or since
            _store(feed, database, now(), batch, report, keep)
            if batch.whole is not None:
                left_out = _left_out(feed, database, batch.whole, seen)
                if left_out.ids and not nameless and (accept_gone or left_out.plausible):
                    _take_away(feed, database, now(), left_out.ids, report, keep)
                else:
                    report.held += len(left_out.ids)
            progress(batch.count)
    if waiting or bad:
        with database.write() as connection:
            report.healed = heal(connection, feed.connection, feed.kind, good, bad)
    return report


def _left_out(feed: Feed, database: Database, whole: Whole, seen: Seen) -> gone.LeftOut:
    with database.read() as connection, keeping(connection, BULK_KIB):
        return gone.left_out(connection, feed.connection, feed.kind, whole, seen)


def _take_away(
    feed: Feed,
    database: Database,
    now: datetime,
    ids: list[str],
    report: PullReport,
    keep: inbound.Keep,
) -> None:
    with database.write() as connection:
        gone.take_away(connection, feed.connection, feed.kind, ids, now, keep)
    report.gone += len(ids)


def _store(
    feed: Feed,
    database: Database,
    now: datetime,
    batch: Batch,
    report: PullReport,
    keep: inbound.Keep,
) -> None:
    if not (batch.count or batch.token):
        return
    key, many = (feed.connection, feed.kind), batch.count >= BATCH
    with (
        database.write() as connection,
        keeping(connection, BULK_KIB) if many else nullcontext(),
    ):
        report.stored += inbound.store_columns(connection, *key, batch.columns, now, keep)
        if batch.broken:
            report.quarantined += set_aside(connection, *key, batch.broken, now)
        if batch.token is not None and not report.held:
            move_cursor(connection, *key, batch.token, feed.mapping_hash)
