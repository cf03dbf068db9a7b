"""Pull: one record kind of one connection into the store, in batches that can be resumed.

The cursor moves only in the transaction that stored the rows before it, so a crash at any
moment costs at most one batch of re-reading and never a row. What a whole list leaves out was
deleted at the vendor and is taken away; but not when it is so much that the list must be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from tallystick.connector import Broken, Cursor, Pulled, Raw, Source, Whole
from tallystick.errors import SkipRecord
from tallystick.records import KINDS
from tallystick.store import gone, inbound
from tallystick.store.database import Database
from tallystick.store.inbound import SetAside, Stored
from tallystick.sync.border import Reader, admit, admit_many
from tallystick.sync.seen import Seen

BATCH = 10_000
"""So many rows a transaction: with fewer, the indexes of bookings cost twice as much, as most of
their pages change in every one."""
TOGETHER = 1000
FEW = 20
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
    seen = Seen()
    nameless = False
    for batch in _batches(feed, since, zone):
        ids = batch.columns[0]
        count = len(ids) + len(batch.broken)
        report.read += count
        if waiting:
            good |= waiting.intersection((*ids, *batch.places))
        bad |= {row.raw_hash for row in batch.broken}
        seen.add(ids)
        seen.add(row.id for row in batch.broken)
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


def _left_out(feed: Feed, database: Database, whole: Whole, seen: Seen) -> gone.LeftOut:
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
    if not (batch.places or batch.broken or batch.token):
        return
    key = (feed.connection, feed.kind)
    with database.write() as connection:
        report.stored += inbound.store_columns(connection, *key, batch.columns, now, keep)
        if batch.broken:
            report.quarantined += inbound.set_aside(connection, *key, batch.broken, now)
        if batch.token is not None and not report.held:
            inbound.move_cursor(connection, *key, batch.token, feed.mapping_hash)


@dataclass(slots=True)
class Batch:
    """Good records as the columns of their fields, the first their ids, with their places, and rows
    set aside; then the token or the mark that came after them."""

    columns: list[list[Any]]
    places: list[str] = field(default_factory=list)
    broken: list[SetAside] = field(default_factory=list)
    token: str | None = None
    whole: Whole | None = None

    def add(self, columns: Iterable[list[Any]], places: Iterable[str]) -> None:
        for mine, more in zip(self.columns, columns, strict=True):
            mine += more
        self.places += places


def _batches(feed: Feed, since: str | None, zone: ZoneInfo) -> Iterator[Batch]:
    raws: list[Raw] = []
    places: list[str] = []
    broken: list[SetAside] = []
    for item in feed.source.pull(feed.kind, since):
        if type(item) is Pulled:  # what most are
            raw, place = item
            raws.append(raw)
            places.append(place)
        elif isinstance(item, Broken):
            broken.append(SetAside(item.place, 0, *item[:3], dict(item.raw), {}))
        else:
            batch = _admitted(feed, raws, places, broken, zone)
            match item:
                case Cursor(token):
                    batch.token = token
                case Whole():
                    batch.whole = item
            yield batch
            raws, places, broken = [], [], []
        if len(raws) + len(broken) >= BATCH:
            yield _admitted(feed, raws, places, broken, zone)
            raws, places, broken = [], [], []
    yield _admitted(feed, raws, places, broken, zone)


def _admitted(
    feed: Feed, raws: list[Raw], places: list[str], broken: list[SetAside], zone: ZoneInfo
) -> Batch:
    batch = Batch([[] for _ in KINDS[feed.kind].__struct_fields__], broken=broken)
    for start in range(0, len(raws), TOGETHER):
        end = start + TOGETHER
        _admit(feed, raws[start:end], places[start:end], zone, batch)
    return batch


def _admit(
    feed: Feed, raws: Sequence[Raw], places: Sequence[str], zone: ZoneInfo, batch: Batch
) -> None:
    """All at once, or where one of them does not fit the halves, until few are left for a look at
    each."""
    columns = admit_many(feed.kind, feed.reader, raws, zone)
    if columns is not None:
        batch.add(columns, places)
    elif len(raws) > FEW:
        half = len(raws) // 2
        _admit(feed, raws[:half], places[:half], zone, batch)
        _admit(feed, raws[half:], places[half:], zone, batch)
    else:
        for raw, place in zip(raws, places, strict=True):
            _admit_one(feed, raw, place, zone, batch)


def _admit_one(feed: Feed, raw: Raw, place: str, zone: ZoneInfo, batch: Batch) -> None:
    try:
        record = admit(feed.kind, KINDS[feed.kind], feed.reader.read(raw), zone)
    except SkipRecord as error:
        batch.broken.append(_aside(feed, raw, place, error))
    else:
        batch.add([[value] for value in msgspec.structs.astuple(record)], [place])


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
