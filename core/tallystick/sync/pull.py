"""Pull: one record kind of one connection into the store, in batches that can be resumed.

The cursor moves only in the transaction that stored the rows before it, so a crash at any
moment costs at most one batch of re-reading and never a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tallystick.connector import Broken, Cursor, Pulled, Raw, Source
from tallystick.errors import SkipRecord
from tallystick.records import KINDS, Record
from tallystick.store import inbound
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
    """What one pull did. `quarantined` counts rows set aside for the first time."""

    connection: str
    kind: str
    read: int = 0
    stored: Stored = field(default_factory=Stored)
    quarantined: int = 0
    healed: int = 0

    @property
    def written(self) -> int:
        """Rows written to the store; 0 when nothing changed."""
        return self.stored.new + self.stored.changed + self.quarantined + self.healed


def pull(
    feed: Feed,
    database: Database,
    zone: ZoneInfo,
    now: Callable[[], datetime],
    progress: Callable[[int], None],
    keep: inbound.Keep = inbound.keep_nothing,
) -> PullReport:
    """Bring in everything new since the stored cursor; `progress` hears of rows as they come, and
    `keep` is entered round every change."""
    report = PullReport(feed.connection, feed.kind)
    with database.read() as connection:
        since = inbound.read_cursor(connection, feed.connection, feed.kind, feed.mapping_hash)
        waiting = inbound.open_quarantine_keys(connection, feed.connection, feed.kind)
    good: set[str] = set()
    bad: set[str] = set()
    for records, broken, token, places in _batches(feed, since, zone):
        report.read += len(records) + len(broken)
        good |= waiting & places
        bad |= {row.raw_hash for row in broken}
        _store(feed, database, now(), records, broken, token, report, keep)
        progress(len(records) + len(broken))
    if waiting or bad:
        with database.write() as connection:
            report.healed = inbound.heal(connection, feed.connection, feed.kind, good, bad)
    return report


def _store(
    feed: Feed,
    database: Database,
    now: datetime,
    records: list[Record],
    broken: list[SetAside],
    token: str | None,
    report: PullReport,
    keep: inbound.Keep,
) -> None:
    if not (records or broken or token):
        return
    key = (feed.connection, feed.kind)
    with database.write() as connection:
        if records:
            report.stored += inbound.store_records(connection, *key, records, now, keep)
        if broken:
            report.quarantined += inbound.set_aside(connection, *key, broken, now)
        if token is not None:
            inbound.move_cursor(connection, *key, token, feed.mapping_hash)


Batch = tuple[list[Record], list[SetAside], str | None, set[str]]


def _batches(feed: Feed, since: str | None, zone: ZoneInfo) -> Iterator[Batch]:
    """Rows by the batch: good records, rows set aside, the token they end with, and the ids
    and places of the good ones."""
    batch: Batch = ([], [], None, set())
    record_type = KINDS[feed.kind]
    for item in feed.source.pull(feed.kind, since):
        records, broken, _, places = batch
        match item:
            case Cursor(token):
                yield records, broken, token, places
                batch = ([], [], None, set())
                continue
            case Pulled(raw, place):
                try:
                    values = feed.reader.read(raw)
                    record = admit(feed.kind, record_type, values, zone)
                except SkipRecord as error:
                    broken.append(_aside(feed, raw, place, error))
                else:
                    records.append(record)
                    places |= {record.id, place}
            case Broken(place, what, do, raw):
                broken.append(SetAside(place, 0, place, what, do, dict(raw), {}))
        if len(records) + len(broken) >= BATCH:
            yield batch
            batch = ([], [], None, set())
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
