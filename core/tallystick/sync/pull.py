"""Pull: one record kind of one connection into the store, in batches that can be resumed.

The cursor moves only in the transaction that stored the rows before it, so a crash at any
moment costs at most one batch of re-reading and never a row. What a whole list leaves out was
deleted at the vendor and is taken away; but not when it is so much that the list must be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tallystick.connector import Broken, Cursor, Pulled, Raw, Source, Whole
from tallystick.errors import SkipRecord
from tallystick.records import KINDS, Record
from tallystick.store import gone, inbound
from tallystick.store.database import Database
from tallystick.store.inbound import SetAside, Stored
from tallystick.sync.border import Reader, admit

BATCH = 2000
REFS = ("client", "contract", "ticket", "technician")


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
        since = inbound.read_cursor(connection, feed.connection, feed.kind, feed.mapping_hash)
        waiting = inbound.open_quarantine_keys(connection, feed.connection, feed.kind)
    good: set[str] = set()
    bad: set[str] = set()
    seen: set[str] = set()
    nameless = False
    for batch in _batches(feed, since, zone):
        count = len(batch.records) + len(batch.broken)
        report.read += count
        good |= waiting & batch.places
        bad |= {row.raw_hash for row in batch.broken}
        seen |= {one.id for one in batch.records} | {row.id for row in batch.broken}
        nameless |= any(row.id == row.place for row in batch.broken)
        _store(feed, database, now(), batch, report, keep)
        if batch.whole is not None:
            left_out = _left_out(feed, database, batch.whole, seen)
            if left_out.ids and not nameless and (accept_gone or left_out.plausible):
                _take_away(feed, database, now(), left_out.ids, report, keep)
            else:
                report.held += len(left_out.ids)
        progress(count)
    if waiting or bad:
        with database.write() as connection:
            report.healed = inbound.heal(connection, feed.connection, feed.kind, good, bad)
    return report


def _left_out(feed: Feed, database: Database, whole: Whole, seen: set[str]) -> gone.LeftOut:
    with database.read() as connection:
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
    if not (batch.records or batch.broken or batch.token):
        return
    key = (feed.connection, feed.kind)
    with database.write() as connection:
        if batch.records:
            report.stored += inbound.store_records(connection, *key, batch.records, now, keep)
        if batch.broken:
            report.quarantined += inbound.set_aside(connection, *key, batch.broken, now)
        if batch.token is not None and not report.held:
            inbound.move_cursor(connection, *key, batch.token, feed.mapping_hash)


@dataclass(slots=True)
class Batch:
    """Good records, rows set aside, and the ids and places of the good ones; then the token or the
    mark that came after them."""

    records: list[Record] = field(default_factory=list)
    broken: list[SetAside] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    token: str | None = None
    whole: Whole | None = None


def _batches(feed: Feed, since: str | None, zone: ZoneInfo) -> Iterator[Batch]:
    batch = Batch()
    record_type = KINDS[feed.kind]
    for item in feed.source.pull(feed.kind, since):
        match item:
            case Cursor(token):
                batch.token = token
                yield batch
                batch = Batch()
                continue
            case Whole():
                batch.whole = item
                yield batch
                batch = Batch()
                continue
            case Pulled(raw, place):
                try:
                    values = feed.reader.read(raw)
                    record = admit(feed.kind, record_type, values, zone)
                except SkipRecord as error:
                    batch.broken.append(_aside(feed, raw, place, error))
                else:
                    batch.records.append(record)
                    batch.places |= {record.id, place}
            case Broken(place, what, do, raw):
                batch.broken.append(SetAside(place, 0, place, what, do, dict(raw), {}))
        if len(batch.records) + len(batch.broken) >= BATCH:
            yield batch
            batch = Batch()
    yield batch


def _aside(feed: Feed, raw: Raw, place: str, error: SkipRecord) -> SetAside:
    """The quarantine row, with as much of its identity as can still be read."""
    known: dict[str, Any] = feed.reader.read_what_fits(raw)
    version = known.get("version", 0)
    return SetAside(
        id=str(known.get("id") or place),
        version=version if isinstance(version, int) else 0,
        place=place,
        what=error.what,
        do=error.do,
        raw={str(name): value for name, value in raw.items()},
        refs={name: str(known[name]) for name in REFS if known.get(name)},
    )
